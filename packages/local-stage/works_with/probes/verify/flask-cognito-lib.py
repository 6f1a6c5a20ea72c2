"""flask-cognito-lib: its token service on an access token.

Set: TokenService.jwk to a PyJWKClient of the pool's keys, since it looks below AWS's issuer; SECRET_KEY as bytes
"""

from flask import Flask
from flask_cognito_lib import CognitoAuth
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
auth = CognitoAuth(app)
with app.app_context():
    service = auth.token_service
    service.jwk = PyJWKClient(given["jwks"])
    require_verifier(lambda token: service.verify_access_token(token), given["access_token"])
