#!/usr/bin/env bash
# Package: aws-sam-translator 1.115.0, seen on 2026-11-29.
#
# An Api event has ResponseTransferMode, as API Gateway's own methods have. There the values are BUFFERED and STREAM. SAM
# knows RESPONSE_STREAM alone, and writes STREAM for it: a template with API Gateway's own word is translated without an
# error, into a method that is buffered.
#
# Output seen:
#   STREAM -> responseTransferMode None, the function's path ends in invocations
#   RESPONSE_STREAM -> responseTransferMode STREAM, the function's path ends in response-streaming-invocations
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-sam-translator==1.115.0
cat >"$folder/show.py" <<'PYTHON'
import logging

from samtranslator.translator.transform import transform

logging.disable(logging.CRITICAL)


class NoPolicies:
    def load(self):
        return {}


def translate(mode):
    event = {"Type": "Api", "Properties": {"Path": "/a", "Method": "get", "ResponseTransferMode": mode}}
    function = {"InlineCode": "x", "Handler": "index.handler", "Runtime": "nodejs22.x", "Events": {"Get": event}}
    template = {"Resources": {"Function": {"Type": "AWS::Serverless::Function", "Properties": function}}}
    body = transform(template, {}, NoPolicies())["Resources"]["ServerlessRestApi"]["Properties"]["Body"]
    integration = body["paths"]["/a"]["get"]["x-amazon-apigateway-integration"]
    ending = integration["uri"]["Fn::Sub"].rpartition("/")[2]
    return f"responseTransferMode {integration.get('responseTransferMode')}, the function's path ends in {ending}"


for mode in ("STREAM", "RESPONSE_STREAM"):
    print(mode, "->", translate(mode))
PYTHON
export AWS_DEFAULT_REGION=us-east-1
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
