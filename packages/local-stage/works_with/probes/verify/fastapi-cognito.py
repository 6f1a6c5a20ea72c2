"""fastapi-cognito: access tokens as a dependency.

Set: jwks_url of the pool
"""

from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_cognito import CognitoAuth, CognitoSettings
from given import given, require_verifier

pool = {"region": given["region"], "userpool_id": given["pool"], "app_client_id": given["public_client"]}
pool |= {"jwks_url": given["jwks"]}

names = {"check_expiration": True, "jwt_header_prefix": "Bearer", "jwt_header_name": "Authorization"}
auth = CognitoAuth(settings=CognitoSettings(**names, userpools={"main": pool}))
app = FastAPI()


@app.get("/")
def read(token=Depends(auth.auth_required)):
    return token.username


client = TestClient(app)


def verify(token):
    client.get("/", headers={"Authorization": f"Bearer {token}"}).raise_for_status()


require_verifier(verify, given["access_token"])
