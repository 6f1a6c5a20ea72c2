#!/usr/bin/env bash
# Package: aws-lambda-powertools 3.37.0 with pydantic, seen on 2026-11-29.
#
# With enable_validation a query parameter that is declared as a text is refused with 422 as soon as a client sends it
# twice, since a REST API's event has both values. Of a list, commas are taken apart or not by the form of the event: an
# event without multiValueQueryStringParameters gives two values for a,b and one with them gives one.
#
# Output seen:
#   a text, sent once -> 200
#   a text, sent twice -> 422
#   a list, a,b in an event with the multi-value form -> {"tag":["a,b"]}
#   a list, a,b in an event without it -> {"tag":["a","b"]}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-lambda-powertools==3.37.0 pydantic
cat >"$folder/show.py" <<'PYTHON'
from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query

app = APIGatewayRestResolver(enable_validation=True)


@app.get("/text")
def text(tag: str = ""):
    return {"tag": tag}


@app.get("/list")
def values(tag: Annotated[list[str], Query()]):
    return {"tag": tag}


def call(path, last, every=None):
    event = {"path": path, "httpMethod": "GET", "headers": {}, "requestContext": {}}
    event["queryStringParameters"] = {"tag": last}
    if every:
        event["multiValueQueryStringParameters"] = {"tag": every}
    return app.resolve(event, None)


print("a text, sent once ->", int(call("/text", "a", ["a"])["statusCode"]))
print("a text, sent twice ->", int(call("/text", "b", ["a", "b"])["statusCode"]))
print("a list, a,b in an event with the multi-value form ->", call("/list", "a,b", ["a,b"])["body"])
print("a list, a,b in an event without it ->", call("/list", "a,b")["body"])
PYTHON
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
