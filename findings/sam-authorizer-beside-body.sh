#!/usr/bin/env bash
# Package: aws-sam-translator 1.115.0, seen on 2026-11-29.
#
# A function's event may name the authorizer of its method. Beside a DefinitionBody that has the method without `security`,
# SAM writes the API's default authorizer, and the event's own has no effect, without a word. It counts with
# OverrideApiAuth: true beside it.
#
# Output seen:
#   Authorizer: Staff -> [{"Users": []}]
#   with OverrideApiAuth -> [{"Staff": []}]
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


def translate(auth):
    pool = {"UserPoolArn": {"Fn::GetAtt": ["Pool", "Arn"]}}
    api_auth = {"DefaultAuthorizer": "Users", "Authorizers": {"Users": pool, "Staff": pool}}
    integration = {"httpMethod": "POST", "type": "aws_proxy", "uri": {"Fn::Sub": "arn:${Function.Arn}"}}
    body = {
        "openapi": "3.0.1",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"x-amazon-apigateway-integration": integration}}},
    }
    api = {"StageName": "v1", "DefinitionBody": body, "Auth": api_auth}
    event = {"Type": "Api", "Properties": {"RestApiId": {"Ref": "Api"}, "Path": "/a", "Method": "get", "Auth": auth}}
    function = {"InlineCode": "x", "Handler": "index.handler", "Runtime": "python3.13", "Events": {"Get": event}}
    template = {
        "Resources": {
            "Pool": {"Type": "AWS::Cognito::UserPool"},
            "Api": {"Type": "AWS::Serverless::Api", "Properties": api},
            "Function": {"Type": "AWS::Serverless::Function", "Properties": function},
        }
    }
    translated = transform(template, {}, NoPolicies())["Resources"]["Api"]["Properties"]["Body"]
    return translated["paths"]["/a"]["get"]["security"]


print("Authorizer: Staff ->", json.dumps(translate({"Authorizer": "Staff"})))
print("with OverrideApiAuth ->", json.dumps(translate({"Authorizer": "Staff", "OverrideApiAuth": True})))
PYTHON
export AWS_DEFAULT_REGION=us-east-1
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
