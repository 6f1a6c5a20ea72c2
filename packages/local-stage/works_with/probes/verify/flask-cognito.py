"""flask-cognito: cognito_auth_required on a Flask route.

Set: nothing helps: it fetches the keys below AWS's issuer only
"""

from flask import Flask
from flask_cognito import CognitoAuth, cognito_auth_required
from given import given, require_verifier

app = Flask(__name__)
app.config |= {
    "COGNITO_REGION": given["region"],
    "COGNITO_USERPOOL_ID": given["pool"],
    "COGNITO_APP_CLIENT_ID": given["public_client"],
    "COGNITO_CHECK_TOKEN_EXPIRATION": True,
    "COGNITO_JWT_HEADER_NAME": "Authorization",
    "COGNITO_JWT_HEADER_PREFIX": "Bearer",
}
CognitoAuth(app)


@app.get("/")
@cognito_auth_required
def read():
    return "read"


def verify(token):
    response = app.test_client().get("/", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200, response.text


require_verifier(verify, given["access_token"])
