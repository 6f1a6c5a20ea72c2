#!/usr/bin/env bash
# Package: pycognito 2024.5.1, seen on 2026-11-29.
#
# pycognito takes the endpoint_url of its boto3 client for the issuer of the tokens, too. Cognito's tokens name the public
# issuer whatever the endpoint: so everybody who signs in through a VPC endpoint, a proxy or an emulator is refused with "Invalid
# issuer". With the endpoint in AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER the issuer stays the public one.
#
# Output seen:
#   no endpoint -> https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example
#   endpoint_url -> https://proxy.example/us-east-1_Example
#   environment -> https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycognito==2024.5.1
cat >"$folder/show.py" <<'PYTHON'
import os

from pycognito import Cognito


def show(name, **arguments):
    print(name, "->", Cognito("us-east-1_Example", "client", **arguments).user_pool_url)


show("no endpoint")
show("endpoint_url", boto3_client_kwargs={"endpoint_url": "https://proxy.example"})
os.environ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] = "https://proxy.example"
show("environment")
PYTHON
export AWS_DEFAULT_REGION=us-east-1
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
