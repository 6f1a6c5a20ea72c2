#!/usr/bin/env bash
# Package: aws-sam-translator 1.115.0, seen on 2026-11-30.
#
# Translator.translate() reads the policy templates that the package ships, and their JSON schema, from their files
# for every translation, and validates the one by the other each time, also where the template names no policy
# template. Both are constants of the package. The validation took most of the time of translating a small template
# (25 of 35 ms), so that a program that translates often does well to keep what it has translated.
#
# Output seen:
#   3 translations
#   policy_templates.json was opened 3 times
#   schema.json was opened 3 times
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-sam-translator==1.115.0
cat >"$folder/show.py" <<'PYTHON'
import collections
import os
import sys

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

opened = collections.Counter()


def note(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)) and "policy_templates_data" in str(arguments[0]):
        opened[os.path.basename(arguments[0])] += 1


sys.addaudithook(note)
session = boto3.Session(region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
for number in range(3):
    table = {"Type": "AWS::Serverless::SimpleTable"}
    Translator({}, Parser(), boto_session=session).translate({"Resources": {f"Table{number}": table}}, {})
print("3 translations")
for name in ("policy_templates.json", "schema.json"):
    print(name, "was opened", opened[name], "times")
PYTHON
seen=$(env -i PATH="$PATH" HOME="$folder" "$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
