#!/usr/bin/env bash
# Package: aws-lambda-powertools 3.37.0, seen on 2026-11-29.
#
# A route of Powertools' resolver that returns a dict gets a JSON body. One that returns Response(200, body=<dict>), as for
# a cookie or another header, gets it only with a content type: without one, the body of the proxy response stays a dict.
# A REST API answers that with 502, since it takes text alone.
#
# Output seen:
#   /dict -> str application/json
#   /response -> dict
#   /typed -> str application/json
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-lambda-powertools==3.37.0
cat >"$folder/show.py" <<'PYTHON'
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

app = APIGatewayRestResolver()


@app.get("/dict")
def return_dict():
    return {"a": 1}


@app.get("/response")
def return_response():
    return Response(200, body={"a": 1})


@app.get("/typed")
def return_typed():
    return Response(200, "application/json", {"a": 1})


for path in ("/dict", "/response", "/typed"):
    event = {"path": path, "httpMethod": "GET", "headers": {}, "requestContext": {}}
    result = app.resolve(event, None)
    print(path, "->", type(result["body"]).__name__, *result["multiValueHeaders"].get("Content-Type", []))
PYTHON
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
