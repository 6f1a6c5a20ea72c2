#!/usr/bin/env bash
# Package: aws-sam-translator 1.115.0, seen on 2026-11-29.
#
# CorsConfiguration of an AWS::Serverless::HttpApi holds origins, headers and more. Where AllowOrigins is an intrinsic
# function, such as a Split of a parameter with several origins, SAM writes this function in place of the whole
# configuration: the list of origins stands where API Gateway expects an object, and AllowHeaders is gone without a word.
#
# Output seen:
#   a list -> {"allowOrigins": ["https://a.example"], "allowHeaders": ["authorization"]}
#   a Split -> {"Fn::Split": [",", "https://a.example"]}
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


def translate(origins):
    cors = {"AllowOrigins": origins, "AllowHeaders": ["authorization"]}
    api = {"Type": "AWS::Serverless::HttpApi", "Properties": {"CorsConfiguration": cors}}
    event = {"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "Api"}, "Path": "/a", "Method": "get"}}
    function = {"InlineCode": "x", "Handler": "index.handler", "Runtime": "python3.13", "Events": {"Get": event}}
    template = {
        "Resources": {"Api": api, "Function": {"Type": "AWS::Serverless::Function", "Properties": function}},
    }
    body = transform(template, {}, NoPolicies())["Resources"]["Api"]["Properties"]["Body"]
    return body.get("x-amazon-apigateway-cors")


print("a list ->", json.dumps(translate(["https://a.example"])))
print("a Split ->", json.dumps(translate({"Fn::Split": [",", "https://a.example"]})))
PYTHON
export AWS_DEFAULT_REGION=us-east-1
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
