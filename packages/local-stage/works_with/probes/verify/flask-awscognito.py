"""flask-awscognito: authentication_required on a Flask route.

Set: nothing helps with Flask 2.3 and newer, which it does not import with
"""

from flask import Flask
from flask_awscognito import AWSCognitoAuthentication
from given import given, require_verifier

app = Flask(__name__)
app.config |= {
    "AWS_DEFAULT_REGION": given["region"],
    "AWS_COGNITO_DOMAIN": given["aws"],
    "AWS_COGNITO_USER_POOL_ID": given["pool"],
    "AWS_COGNITO_USER_POOL_CLIENT_ID": given["public_client"],
    "AWS_COGNITO_USER_POOL_CLIENT_SECRET": "",
    "AWS_COGNITO_REDIRECT_URL": given["callback"],
}
auth = AWSCognitoAuthentication(app)


@app.get("/")
@auth.authentication_required
def read():
    return "read"


def verify(token):
    response = app.test_client().get("/", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200, response.text


require_verifier(verify, given["access_token"])
