#!/usr/bin/env bash
# Package: aws-sam-translator 1.115.0, seen on 2026-11-29.
#
# OpenAPI says that an empty `security` list removes the security of an operation. In the DefinitionBody of an
# AWS::Serverless::Api with a DefaultAuthorizer, SAM replaces the empty list with the default authorizer: the operation
# stays closed. Only a list with the requirement NONE opens it. On OPTIONS, with AddDefaultAuthorizerToCorsPreflight
# false, the empty list stays as it is.
#
# Output seen:
#   get [] -> [{"Users": []}]
#   get [{"NONE": []}] -> [{"NONE": []}]
#   options [] -> []
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-sam-translator==1.115.0
cat >"$folder/show.py" <<'PYTHON'
import json
import logging

from samtranslator.translator.transform import transform

logging.disable(logging.CRITICAL)


class NoPolicies:
    def load(self):
        return {}


def translate(verb, security):
    operation = {"security": security, "x-amazon-apigateway-integration": {"type": "mock"}}
    body = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/a": {verb: operation}}}
    auth = {
        "DefaultAuthorizer": "Users",
        "Authorizers": {"Users": {"UserPoolArn": {"Fn::GetAtt": ["Pool", "Arn"]}}},
        "AddDefaultAuthorizerToCorsPreflight": False,
    }
    api = {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "v1", "DefinitionBody": body, "Auth": auth}}
    template = {"Resources": {"Pool": {"Type": "AWS::Cognito::UserPool"}, "Api": api}}
    translated = transform(template, {}, NoPolicies())
    return translated["Resources"]["Api"]["Properties"]["Body"]["paths"]["/a"][verb].get("security")


for verb, security in (("get", []), ("get", [{"NONE": []}]), ("options", [])):
    print(verb, json.dumps(security), "->", json.dumps(translate(verb, [*security])))
PYTHON
export AWS_DEFAULT_REGION=us-east-1
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
