"""What every probe is given: where the stage is, its pool's ids, a user, and tokens of each kind."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from local_stage.testing.stage_process import StageProcess

USERNAME: Final = "alice"
PASSWORD: Final = "Correct-Horse-7"  # noqa: S105 - a test user's
CALLBACK: Final = "http://localhost:5173/"


def prepare(stage: StageProcess) -> dict[str, str]:
    """Make the user, sign in, and return all that a probe may need by its name."""
    outputs = stage.outputs
    pool, public = outputs["UserPoolId"], outputs["PublicClientId"]
    cognito = stage.client("cognito-idp")
    tokens = _sign_in(cognito, pool, public)
    given = {
        "aws": stage.aws_endpoint_url,
        "region": stage.find_running().region,
        "rest": outputs["RestUrl"],
        "http": outputs["HttpUrl"],
        "pool": pool,
        "public_client": public,
        "web_client": outputs["WebClientId"],
        "web_secret": _read_secret(cognito, pool, outputs["WebClientId"]),
        "machine_client": outputs["MachineClientId"],
        "machine_secret": _read_secret(cognito, pool, outputs["MachineClientId"]),
        "username": USERNAME,
        "password": PASSWORD,
        "callback": CALLBACK,
        "jwks": f"{stage.aws_endpoint_url}/{pool}/.well-known/jwks.json",
        "issuer": f"https://cognito-idp.{stage.find_running().region}.amazonaws.com/{pool}",
        "id_token": tokens["IdToken"],
        "access_token": tokens["AccessToken"],
    }
    given |= _make_guarded_pool(cognito)
    return given | {"machine_token": _fetch_machine_token(given)}


def _sign_in(cognito: Any, pool: str, client: str) -> dict[str, str]:
    named = {"UserPoolId": pool, "Username": USERNAME}
    email = [{"Name": "email", "Value": "alice@example.com"}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(**named, MessageAction="SUPPRESS", UserAttributes=email)
    cognito.admin_set_user_password(**named, Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(**named, GroupName="editors")
    given = {"USERNAME": USERNAME, "PASSWORD": PASSWORD}
    signed_in = cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given)
    tokens: dict[str, str] = signed_in["AuthenticationResult"]
    return tokens


def _make_guarded_pool(cognito: Any) -> dict[str, str]:
    """Make a pool that asks everybody for an authenticator app, with a client that rotates refresh tokens."""
    pool = cognito.create_user_pool(PoolName="works-with-guarded")["UserPool"]["Id"]
    apps = {"SoftwareTokenMfaConfiguration": {"Enabled": True}, "MfaConfiguration": "ON"}
    cognito.set_user_pool_mfa_config(UserPoolId=pool, **apps)
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="guarded",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )["UserPoolClient"]["ClientId"]
    for name in ("python", "javascript"):
        cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
    return {"guarded_pool": pool, "guarded_client": client}


def _read_secret(cognito: Any, pool: str, client: str) -> str:
    described = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client)
    return str(described["UserPoolClient"]["ClientSecret"])


def _fetch_machine_token(given: dict[str, str]) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": given["machine_client"],
        "client_secret": given["machine_secret"],
        "scope": "api/read",
    }
    with urlopen(Request(f"{given['aws']}/oauth2/token", urlencode(form).encode()), timeout=30) as response:  # noqa: S310 - the local AWS
        return str(json.load(response)["access_token"])
