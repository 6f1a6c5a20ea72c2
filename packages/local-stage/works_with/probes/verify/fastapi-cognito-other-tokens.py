"""fastapi-cognito: ID tokens and machines' tokens as a dependency, which end as 500 without a model of your own.

Set: custom_model without username, and with scope only for machines; it looks at no token_use, so the model has to
"""

from typing import Literal

from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_cognito import CognitoAuth, CognitoSettings
from given import given, require_verifier
from pydantic import BaseModel


class IdToken(BaseModel):
    sub: str
    token_use: Literal["id"]


class MachineToken(BaseModel):
    sub: str
    token_use: Literal["access"]
    scope: Literal["api/read"]


def build(client, **model):
    pool = {"region": given["region"], "userpool_id": given["pool"], "jwks_url": given["jwks"]}
    names = {"check_expiration": True, "jwt_header_prefix": "Bearer", "jwt_header_name": "Authorization"}
    pools = {"main": {**pool, "app_client_id": given[client]}}
    auth = CognitoAuth(settings=CognitoSettings(**names, userpools=pools), **model)
    app = FastAPI()

    @app.get("/")
    def read(token=Depends(auth.auth_required)):
        return token.sub

    return TestClient(app, raise_server_exceptions=False)


def call(app, token):
    return app.get("/", headers={"Authorization": f"Bearer {token}"})


people, machines = given["id_token"], given["machine_token"]
assert call(build("public_client"), people).status_code == 500
assert call(build("machine_client"), machines).status_code == 500
for client, model, token in (("public_client", IdToken, people), ("machine_client", MachineToken, machines)):
    app = build(client, custom_model=model)
    require_verifier(lambda good, app=app: call(app, good).raise_for_status(), token)
