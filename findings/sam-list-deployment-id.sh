#!/usr/bin/env bash
# Package: aws-sam-cli 1.170.0 with aws-sam-translator 1.115.0, seen on 2026-11-29.
#
# sam list resources shows which resources SAM makes of a template, by their logical ids. The id of an API's deployment holds
# a digest of the API. It is another one than SAM's own transform gives the same template, so that what the command shows is
# in no stack.
#
# Output seen:
#   the transform twice: the same
#   sam list resources and the transform: not the same
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-sam-cli==1.170.0 aws-sam-translator==1.115.0
export AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true SAM_CLI_TELEMETRY=0 HOME=$folder
unset AWS_PROFILE
export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x
cat >"$folder/template.yaml" <<'YAML'
Transform: AWS::Serverless-2016-10-31
Resources:
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: v1}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: x
      Handler: index.handler
      Runtime: python3.13
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: get}}}
YAML
cat >"$folder/show.py" <<'PYTHON'
import logging
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

logging.disable(logging.CRITICAL)


class NoPolicies:
    def load(self):
        return {}


resources = transform(yaml_parse(open(sys.argv[1]).read()), {}, NoPolicies())["Resources"]
print(*[name for name, one in resources.items() if one["Type"] == "AWS::ApiGateway::Deployment"])
PYTHON
transform() { "$folder/venv/bin/python" "$folder/show.py" "$folder/template.yaml" 2>/dev/null; }
list() {
  "$folder/venv/bin/sam" list resources --template "$folder/template.yaml" --output json 2>/dev/null |
    grep -o 'ApiDeployment[0-9a-f]*'
}
compare() { test "$2" = "$3" && echo "$1: the same" || echo "$1: not the same"; }
seen=$(compare "the transform twice" "$(transform)" "$(transform)" &&
  compare "sam list resources and the transform" "$(list)" "$(transform)")
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
