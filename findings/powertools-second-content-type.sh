#!/usr/bin/env bash
# Package: aws-lambda-powertools 3.37.0, seen on 2026-11-29.
#
# Names of headers match without regard to case, and Response takes the content type as an argument. A response that has
# content-type among its headers, spelled otherwise than Powertools does, gets both: API Gateway sends two headers.
#
# Output seen:
#   Content-Type -> {"Content-Type": ["text/plain"]}
#   content-type -> {"content-type": ["text/plain"], "Content-Type": ["application/json"]}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-lambda-powertools==3.37.0
cat >"$folder/show.py" <<'PYTHON'
import json

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

app = APIGatewayRestResolver()


@app.get("/<name>")
def hello(name):
    return Response(200, "application/json", "{}", headers={name: "text/plain"})


for name in ("Content-Type", "content-type"):
    event = {"path": f"/{name}", "httpMethod": "GET", "headers": {}, "requestContext": {}}
    print(name, "->", json.dumps(app.resolve(event, None)["multiValueHeaders"]))
PYTHON
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
