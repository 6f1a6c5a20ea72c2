#!/usr/bin/env bash
# Package: aws-sam-cli 1.170.0, seen on 2026-11-29.
#
# sam validate needs no credentials of AWS: it knows AWS's managed policies by name itself. Only a name that it does not
# know, as one with a slip in it, makes it ask IAM for the list, and then the error is about credentials and not about the
# policy.
#
# Output seen:
#   AWSLambdaBasicExecutionRole -> valid
#   AWSLambdaBasicExecutionRule -> Error: AWS Credentials are required. Please configure your credentials.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-sam-cli==1.170.0
export AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true SAM_CLI_TELEMETRY=0 HOME=$folder
unset AWS_PROFILE
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
validate() {
  cat >"$folder/template.yaml" <<YAML
Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: x, Handler: index.handler, Runtime: python3.13, Policies: [$1]}
YAML
  if found=$("$folder/venv/bin/sam" validate --template "$folder/template.yaml" 2>&1); then
    echo "$1 -> valid"
  else
    echo "$1 -> $(grep ^Error <<<"$found")"
  fi
}
seen=$(validate AWSLambdaBasicExecutionRole && validate AWSLambdaBasicExecutionRule)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
