#!/usr/bin/env bash
# Package: aws-lambda-powertools 3.37.0, seen on 2026-11-29.
#
# CORSConfig() without an origin lets the pages of every origin in: each response has Access-Control-Allow-Origin: * as it
# stands, also to a page that nobody has named. With an origin named, a stranger's page gets no such header, and its
# preflight still ends with 204: only the missing header keeps the page out.
#
# Output seen:
#   CORSConfig(): GET 200 *
#   CORSConfig(): OPTIONS 204 *
#   one origin named: GET 200 none
#   one origin named: OPTIONS 204 none
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-lambda-powertools==3.37.0
cat >"$folder/show.py" <<'PYTHON'
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig


def call(cors, method):
    app = APIGatewayRestResolver(cors=cors)

    @app.get("/hello")
    def hello():
        return {}

    headers = {"Origin": "https://stranger.example"}
    event = {"path": "/hello", "httpMethod": method, "headers": headers, "requestContext": {}}
    response = app.resolve(event, None)
    named = response["multiValueHeaders"].get("Access-Control-Allow-Origin", ["none"])
    return f"{method} {response['statusCode']} {' '.join(named)}"


for method in ("GET", "OPTIONS"):
    print("CORSConfig():", call(CORSConfig(), method))
for method in ("GET", "OPTIONS"):
    print("one origin named:", call(CORSConfig(allow_origin="https://app.example"), method))
PYTHON
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
