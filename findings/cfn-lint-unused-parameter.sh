#!/usr/bin/env bash
# Package: cfn-lint 1.58.0, seen on 2026-11-29.
#
# cfn-lint reports a parameter that nothing refers to (W2001). In a template with SAM's transform it never does, also where
# the template is good in all else.
#
# Output seen:
#   without the transform: W2001 Parameter Unused not used.
#   with the transform: nothing
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'cfn-lint[sam]==1.58.0'
cat >"$folder/plain.yaml" <<'YAML'
Parameters:
  Unused: {Type: String, Default: x}
Resources:
  Topic: {Type: AWS::SNS::Topic}
YAML
(echo 'Transform: AWS::Serverless-2016-10-31' && cat "$folder/plain.yaml") >"$folder/sam.yaml"
lint() { "$folder/venv/bin/cfn-lint" --regions us-east-1 -- "$1" 2>/dev/null | head -1 || true; }
show() { found=$(lint "$2"); echo "$1: ${found:-nothing}"; }
seen=$(show "without the transform" "$folder/plain.yaml" && show "with the transform" "$folder/sam.yaml")
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
