#!/usr/bin/env bash
# Package: fastapi-cognito 2.10.0, seen on 2026-11-29.
#
# auth_required answers 401 to every token that it does not take. A good ID token, and a good token of a machine, end with
# 500 instead: they pass every check, and then have no username or scope for the model of an access token. Pass
# custom_model to take them.
#
# Output seen:
#   access token: 200
#   ID token: 500 ValidationError
#   machine's token: 500 ValidationError
#   access token of an unknown key: 401
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check fastapi-cognito==2.10.0 fastapi==0.165.0 httpx==0.28.1
cat >"$folder/show.py" <<'PYTHON'
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_cognito import CognitoAuth, CognitoSettings
from joserfc import jwk, jwt

known, unknown = (jwk.RSAKey.generate_key(2048, {"kid": kid, "alg": "RS256"}) for kid in ("known", "unknown"))


class Keys(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"keys": [known.as_dict(private=False)]}).encode())

    def log_message(self, *_):
        pass


def call(what, claims, key=known):
    now = int(time.time())
    issuer = "https://cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_Example00"
    claims = {"sub": "alice", "iss": issuer, "iat": now, "exp": now + 3600, "auth_time": now, "jti": "1", **claims}
    token = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
    try:
        response = TestClient(app).get("/", headers={"Authorization": f"Bearer {token}"})
    except Exception as error:  # what a server makes a 500 of
        print(f"{what}: 500 {type(error).__name__}")
    else:
        print(f"{what}: {response.status_code}")


server = HTTPServer(("127.0.0.1", 0), Keys)
threading.Thread(target=server.serve_forever, daemon=True).start()
pool = {"region": "ap-northeast-1", "userpool_id": "ap-northeast-1_Example00", "app_client_id": "client"}
pools = {"main": {**pool, "jwks_url": f"http://127.0.0.1:{server.server_port}/"}}
settings = CognitoSettings(
    check_expiration=True, jwt_header_prefix="Bearer", jwt_header_name="Authorization", userpools=pools
)
app = FastAPI()


@app.get("/")
def read(token=Depends(CognitoAuth(settings=settings).auth_required)):
    return token.username


access = {"token_use": "access", "client_id": "client", "scope": "openid", "username": "alice"}
call("access token", access)
call("ID token", {"token_use": "id", "aud": "client", "cognito:username": "alice"})
call("machine's token", {"token_use": "access", "client_id": "client", "scope": "api/read"})
call("access token of an unknown key", access, unknown)
PYTHON
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
