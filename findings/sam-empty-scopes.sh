#!/usr/bin/env bash
# Package: aws-sam-translator 1.115.0, seen on 2026-11-29.
#
# An authorizer of an AWS::Serverless::Api may bring scopes that every method asks for. An event that names an empty
# AuthorizationScopes list, without Authorizer beside it, seems to free its method from them; SAM drops the list without
# a word, and the method asks for the scopes all the same. With a list that is not empty SAM refuses the template
# ("AuthorizationScopes works only when Authorizer is set"), and with Authorizer beside it the empty list counts.
#
# Output seen:
#   scopes [] alone -> [{"Users": ["orders/read"]}]
#   scopes [] beside the authorizer -> [{"Users": []}]
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
    users = {"UserPoolArn": {"Fn::GetAtt": ["Pool", "Arn"]}, "AuthorizationScopes": ["orders/read"]}
    api_auth = {"DefaultAuthorizer": "Users", "Authorizers": {"Users": users}}
    event = {"Type": "Api", "Properties": {"RestApiId": {"Ref": "Api"}, "Path": "/a", "Method": "get", "Auth": auth}}
    function = {"InlineCode": "x", "Handler": "index.handler", "Runtime": "python3.13", "Events": {"Get": event}}
    template = {
        "Resources": {
            "Pool": {"Type": "AWS::Cognito::UserPool"},
            "Api": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "v1", "Auth": api_auth}},
            "Function": {"Type": "AWS::Serverless::Function", "Properties": function},
        }
    }
    translated = transform(template, {}, NoPolicies())
    return translated["Resources"]["Api"]["Properties"]["Body"]["paths"]["/a"]["get"]["security"]


print("scopes [] alone ->", json.dumps(translate({"AuthorizationScopes": []})))
print("scopes [] beside the authorizer ->", json.dumps(translate({"Authorizer": "Users", "AuthorizationScopes": []})))
PYTHON
export AWS_DEFAULT_REGION=us-east-1
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
