#!/usr/bin/env bash
# Package: pyjwt 2.15.1, seen on 2026-11-29.
#
# PyJWKClient asks for the key set again when a token names a key that it does not know, so that a rotated key is found at
# once. Within 30 seconds of the last fetch it does not ask, and a good token of a new key is refused meanwhile. The script
# takes half a minute.
#
# Output seen:
#   a key of the set: found, fetches: 1
#   a new key, at once: not found, fetches: 1
#   a new key, after 31 s: found, fetches: 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'pyjwt[crypto]==2.15.1'
cat >"$folder/show.py" <<'PYTHON'
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

published, fetches = [], []


class Keys(BaseHTTPRequestHandler):
    def do_GET(self):
        fetches.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"keys": published}).encode())


def publish(name):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    published.append({**public, "kid": name, "use": "sig", "alg": "RS256"})
    return jwt.encode({"sub": "alice"}, key, algorithm="RS256", headers={"kid": name})


def look(what, token):
    try:
        client.get_signing_key_from_jwt(token)
        found = "found"
    except jwt.PyJWKClientError:
        found = "not found"
    print(f"{what}: {found}, fetches: {len(fetches)}")


server = HTTPServer(("127.0.0.1", 0), Keys)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = jwt.PyJWKClient(f"http://127.0.0.1:{server.server_port}/")
look("a key of the set", publish("old"))
token = publish("new")
look("a new key, at once", token)
time.sleep(31)
look("a new key, after 31 s", token)
PYTHON
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
