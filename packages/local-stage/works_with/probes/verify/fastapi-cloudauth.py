"""fastapi-cloudauth: ID tokens as a dependency.

Set: nothing helps: it fetches the keys below AWS's issuer only
"""

from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_cloudauth.cognito import CognitoCurrentUser
from given import given, require_verifier

user = CognitoCurrentUser(region=given["region"], userPoolId=given["pool"], client_id=given["public_client"])
app = FastAPI()


@app.get("/")
def read(claims=Depends(user)):
    return claims.username


client = TestClient(app)


def verify(token):
    client.get("/", headers={"Authorization": f"Bearer {token}"}).raise_for_status()


require_verifier(verify)
