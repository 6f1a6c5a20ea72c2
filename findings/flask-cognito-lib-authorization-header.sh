#!/usr/bin/env bash
# Package: flask-cognito-lib 1.9.7, seen on 2026-11-29.
#
# auth_required, which protects a Flask route, reads the access token from the cookie cognito_access_token alone. A client
# that sends the same good token as Bearer in the Authorization header, as an API's client does, is refused.
#
# Output seen:
#   no token: 401
#   Authorization header: 401
#   cookie: 200
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check flask-cognito-lib==1.9.7
cat >"$folder/show.py" <<'PYTHON'
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask_cognito_lib import CognitoAuth
from flask_cognito_lib.decorators import auth_required
from flask_cognito_lib.exceptions import AuthorisationRequiredError
from flask_cognito_lib.services.token_svc import TokenService

POOL = "ap-northeast-1_Example00"
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class OneKey:
    def get_signing_key_from_jwt(self, token):
        return self

    key = key.public_key()


def build_token_service(cfg):
    service = TokenService(cfg)
    service.jwk = OneKey()  # in place of the pool's key set
    return service


app = Flask(__name__)
app.config |= {
    "AWS_REGION": "ap-northeast-1",
    "AWS_COGNITO_USER_POOL_ID": POOL,
    "AWS_COGNITO_DOMAIN": "https://example.auth.ap-northeast-1.amazoncognito.com",
    "AWS_COGNITO_USER_POOL_CLIENT_ID": "client",
    "AWS_COGNITO_USER_POOL_CLIENT_SECRET": "secret",
    "AWS_COGNITO_REDIRECT_URL": "http://localhost/",
    "AWS_COGNITO_LOGOUT_URL": "http://localhost/",
}
app.secret_key = b"only-here"
CognitoAuth(app, _token_service_factory=build_token_service)


@app.errorhandler(AuthorisationRequiredError)
def refuse(error):
    return "refused", 401


@app.get("/")
@auth_required()
def read():
    return "let in"


now = int(time.time())
claims = {"sub": "1", "iss": f"https://cognito-idp.ap-northeast-1.amazonaws.com/{POOL}", "client_id": "client"}
claims |= {"token_use": "access", "scope": "openid", "username": "alice", "jti": "1"}
claims |= {"iat": now, "exp": now + 3600, "auth_time": now}
token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "known"})
print("no token:", app.test_client().get("/").status_code)
header = {"Authorization": f"Bearer {token}"}
print("Authorization header:", app.test_client().get("/", headers=header).status_code)
client = app.test_client()
client.set_cookie("cognito_access_token", token)
print("cookie:", client.get("/").status_code)
PYTHON
seen=$("$folder/venv/bin/python" "$folder/show.py" 2>/dev/null)
echo "$seen"
test "$seen" = "$(sed -n 's/^#   //p' "$0")" || { echo "the behaviour has changed"; exit 1; }
