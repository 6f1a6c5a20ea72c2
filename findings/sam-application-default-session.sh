#!/usr/bin/env bash
# Package: aws-sam-translator 1.115.0 with boto3 1.43.106, seen on 2026-11-29.
#
# Translator takes a boto3 session, and asks it for the region. For an AWS::Serverless::Application of the Serverless
# Application Repository it calls AWS all the same by boto3's default session: who gives a session with another account or
# region, or one that cannot reach AWS, sees the default one's account asked, or an error where that one has no region.
#
# Output seen:
#   the session that was given has the region eu-west-1
#   NoRegionError: You must specify a region.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-sam-translator==1.115.0 boto3==1.43.106
cat >"$folder/show.py" <<'PYTHON'
import logging

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

logging.disable(logging.CRITICAL)
session = boto3.Session(region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
application = "arn:aws:serverlessrepo:eu-west-1:123456789012:applications/hello"
location = {"ApplicationId": application, "SemanticVersion": "1.0.0"}
resource = {"Type": "AWS::Serverless::Application", "Properties": {"Location": location}}
print("the session that was given has the region", session.region_name)
try:
    Translator({}, Parser(), boto_session=session).translate({"Resources": {"App": resource}}, {})
except Exception as error:
    print(f"{type(error).__name__}: {error}")
PYTHON
seen=$(env -i PATH="$PATH" HOME="$folder" "$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
