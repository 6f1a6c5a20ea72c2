"""flask-cognito-lib: auth_required on a Flask route, which reads a cookie and no Authorization header.

Set: the access token in the cookie cognito_access_token; a factory of TokenService with a PyJWKClient of the pool's keys
"""

from flask import Flask
from flask_cognito_lib import CognitoAuth
from flask_cognito_lib.decorators import auth_required
from flask_cognito_lib.exceptions import AuthorisationRequiredError
from flask_cognito_lib.services.token_svc import TokenService
from given import given, require_verifier
from jwt import PyJWKClient

app = Flask(__name__)
app.config |= {
    "AWS_REGION": given["region"],
    "AWS_COGNITO_USER_POOL_ID": given["pool"],
    "AWS_COGNITO_DOMAIN": given["aws"],
    "AWS_COGNITO_USER_POOL_CLIENT_ID": given["public_client"],
    "AWS_COGNITO_USER_POOL_CLIENT_SECRET": "",
    "AWS_COGNITO_REDIRECT_URL": given["callback"],
    "AWS_COGNITO_LOGOUT_URL": given["callback"],
}
app.secret_key = b"only-for-this-machine"


def build_token_service(cfg):
    service = TokenService(cfg)
    service.jwk = PyJWKClient(given["jwks"])
    return service


CognitoAuth(app, _token_service_factory=build_token_service)


@app.errorhandler(AuthorisationRequiredError)
def refuse(error):
    return str(error), 401


@app.get("/")
@auth_required()
def read():
    return "let in"


def verify(token):
    client = app.test_client()
    client.set_cookie("cognito_access_token", token)
    status = client.get("/").status_code
    assert status == 200, status


require_verifier(verify, given["access_token"])
header = {"Authorization": f"Bearer {given['access_token']}"}
assert app.test_client().get("/", headers=header).status_code == 401
