#!/usr/bin/env bash
# Package: chalice 1.34.0, seen on 2026-11-29.
#
# content_types of a route says which bodies it takes. Chalice also asks it of requests without a body: one without the
# header Content-Type counts as application/json, so that a GET of a route that takes binary bodies alone is refused.
#
# Output seen:
#   GET -> 415 Unsupported media type: application/json
#   POST -> 200
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check chalice==1.34.0
cat >"$folder/show.py" <<'PYTHON'
from chalice import Chalice
from chalice.test import Client

app = Chalice(app_name="a")


@app.route("/a", methods=["GET", "POST"], content_types=["application/octet-stream"])
def answer():
    return {}


with Client(app) as client:
    got = client.http.get("/a")
    print("GET ->", got.status_code, got.json_body["Message"])
    print("POST ->", client.http.post("/a", headers={"Content-Type": "application/octet-stream"}, body=b"x").status_code)
PYTHON
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
