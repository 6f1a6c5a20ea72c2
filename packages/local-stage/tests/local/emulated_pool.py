"""A user pool of a local AWS, as an administrator and its users see it."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Mapping
from typing import Any

import requests
from botocore.exceptions import ClientError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from local_stage.cognito.srp import SrpClient
from tests.http_session import new_http_session

PASSWORD = "Correct-Horse-7"
PASSWORD_FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
_names = itertools.count(1)

type Tokens = dict[str, Any]


def new_name(kind: str) -> str:
    """Return a name that no other test has."""
    return f"{kind}{next(_names)}"


class EmulatedPool:
    """A pool made for one test, and what can be done with it."""

    def __init__(self, settings: LocalAwsSettings, **properties: Any) -> None:
        self.settings = settings
        self.cognito = settings.client("cognito-idp")
        self.id = str(self.cognito.create_user_pool(PoolName="pool", **properties)["UserPool"]["Id"])

    def add_client(self, **properties: Any) -> dict[str, Any]:
        """Create an app client and return its description."""
        created = self.cognito.create_user_pool_client(UserPoolId=self.id, ClientName="app", **properties)
        client: dict[str, Any] = created["UserPoolClient"]
        return client

    def add_password_client(self, **properties: Any) -> str:
        """Create an app client that takes passwords and return its id."""
        return str(self.add_client(ExplicitAuthFlows=PASSWORD_FLOWS, **properties)["ClientId"])

    def add_user(self, attributes: Mapping[str, str] | None = None, *, permanent: bool = True) -> str:
        """Create a user with the one password, which may be temporary, and return the name."""
        name = new_name("user")
        self.cognito.admin_create_user(
            UserPoolId=self.id,
            Username=name,
            TemporaryPassword=PASSWORD,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": value} for key, value in (attributes or {}).items()],
        )
        if permanent:
            self.cognito.admin_set_user_password(
                UserPoolId=self.id, Username=name, Password=PASSWORD, Permanent=True
            )
        return name

    def initiate(self, client_id: str, username: str, password: str = PASSWORD) -> dict[str, Any]:
        """Return the whole answer to a sign-in with user name and password."""
        answer: dict[str, Any] = self.cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
        return answer

    def sign_in(self, client_id: str, username: str, password: str = PASSWORD) -> Tokens:
        """Return the tokens of a sign-in with user name and password."""
        return tokens_of(self.initiate(client_id, username, password))

    def sign_in_with_srp(self, client_id: str, username: str, password: str = PASSWORD) -> Tokens:
        """Return the tokens of a sign-in that does not send the password."""
        srp = SrpClient(self.id, password)
        challenge = self.cognito.initiate_auth(
            ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=srp.auth_parameters(username)
        )
        assert challenge["ChallengeName"] == "PASSWORD_VERIFIER"
        return tokens_of(
            self.cognito.respond_to_auth_challenge(
                ClientId=client_id,
                ChallengeName="PASSWORD_VERIFIER",
                ChallengeResponses=srp.answer(challenge["ChallengeParameters"]),
            )
        )

    def refresh(self, client_id: str, refresh_token: str) -> Tokens:
        """Return the tokens that a refresh token is good for."""
        return tokens_of(
            self.cognito.initiate_auth(
                ClientId=client_id,
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": refresh_token},
            )
        )

    def keys(self) -> list[str]:
        """Return the ids of the pool's public keys."""
        url = f"{self.settings.endpoint_url}/{self.id}/.well-known/jwks.json"
        return [str(key["kid"]) for key in new_http_session(url).get(url, timeout=30).json()["keys"]]


def post(settings: LocalAwsSettings, action: str, body: dict[str, Any]) -> requests.Response:
    """Call Cognito as the article does with curl: without credentials."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}",
    }
    url = settings.endpoint_url
    return new_http_session(url).post(url, json=body, headers=headers, timeout=30)


def tokens_of(answer: dict[str, Any]) -> Tokens:
    """Return the tokens of an answer that has them."""
    assert "AuthenticationResult" in answer, f"a challenge: {answer.get('ChallengeName')}"
    tokens: Tokens = answer["AuthenticationResult"]
    return tokens


def refusal(error: ClientError) -> tuple[str, str]:
    """Return type and message of Cognito's error."""
    return error.response["Error"]["Code"], error.response["Error"]["Message"]


def decode(token: str, part: int = 1) -> dict[str, Any]:
    """Return a token's claims, or with part 0 its header; nothing is verified."""
    text = token.split(".")[part]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded
