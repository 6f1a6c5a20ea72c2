"""A pool whose triggers are all one function, as an administrator and its users see it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from copy import copy
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from local_stage.cloudformation.pool_front.totp import STEP, make_code
from tests.local.emulated_pool import PASSWORD, refusal
from tests.processes import wait_until
from tests.stage_process import StageProcess

CALLBACK = "http://localhost/"


class Pool:
    """One of the template's pools, as an administrator and its users see it."""

    def __init__(self, stage: StageProcess, version: int = 1) -> None:
        self.stage = stage
        self.cognito = stage.client("cognito-idp")
        self.id, self.client_id = stage.outputs[f"Pool{version}"], stage.outputs[f"Client{version}"]

    def make_another(self, *triggers: str, **properties: Any) -> Pool:
        """Return a pool of other properties, with these triggers of this one."""
        made, described = copy(self), self.cognito.describe_user_pool(UserPoolId=self.id)["UserPool"]
        arns = {name: described["LambdaConfig"][name] for name in triggers}
        pool = self.cognito.create_user_pool(PoolName="another", LambdaConfig=arns, **properties)["UserPool"]
        client = self.cognito.create_user_pool_client(
            UserPoolId=pool["Id"],
            ClientName="another",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid"],
            CallbackURLs=[CALLBACK],
        )
        made.id, made.client_id = pool["Id"], client["UserPoolClient"]["ClientId"]
        return made

    def ask_for_factor(self, setting: str = "ON") -> None:
        """Ask users for a code of an authenticator app from now on."""
        self.cognito.set_user_pool_mfa_config(
            UserPoolId=self.id, MfaConfiguration=setting, SoftwareTokenMfaConfiguration={"Enabled": True}
        )

    def set_factor_up(self, name: str, challenge: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Return the tokens for who sets an authenticator app up when asked for it."""
        app = self.cognito.associate_software_token(Session=challenge["Session"])
        code = make_code(app["SecretCode"], int(time.time()) // STEP)
        verified = self.cognito.verify_software_token(Session=app["Session"], UserCode=code)
        tokens: dict[str, Any] = self.answer({**challenge, **verified}, more, USERNAME=name)[
            "AuthenticationResult"
        ]
        return tokens

    def answer(
        self, challenge: dict[str, Any], more: Mapping[str, Any] | None = None, **responses: str
    ) -> dict[str, Any]:
        """Return what follows from the answer to a challenge."""
        answered: dict[str, Any] = self.cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName=challenge["ChallengeName"],
            Session=challenge["Session"],
            ChallengeResponses=responses,
            **(more or {}),
        )
        return answered

    def add_user(self, name: str, *, permanent: bool = True, **more: Any) -> None:
        self.cognito.admin_create_user(
            UserPoolId=self.id,
            Username=name,
            TemporaryPassword=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
            **{"MessageAction": "SUPPRESS", **more},
        )
        if permanent:
            self.cognito.admin_set_user_password(
                UserPoolId=self.id, Username=name, Password=PASSWORD, Permanent=True
            )

    def hide_existence(self) -> None:
        """Let the app client tell nobody who has an account."""
        described = self.cognito.describe_user_pool_client(UserPoolId=self.id, ClientId=self.client_id)
        flows = described["UserPoolClient"]["ExplicitAuthFlows"]
        self.cognito.update_user_pool_client(
            UserPoolId=self.id,
            ClientId=self.client_id,
            ExplicitAuthFlows=flows,
            PreventUserExistenceErrors="ENABLED",
        )

    def verify_email(self, name: str) -> None:
        """Say as an administrator that a user's address is theirs."""
        verified = {"Name": "email_verified", "Value": "true"}
        self.cognito.admin_update_user_attributes(
            UserPoolId=self.id, Username=name, UserAttributes=[verified]
        )

    def sign_up(self, name: str, **more: Any) -> dict[str, Any]:
        email = {"Name": "email", "Value": f"{name}@example.com"}
        made: dict[str, Any] = self.cognito.sign_up(
            ClientId=self.client_id, Username=name, Password=PASSWORD, UserAttributes=[email], **more
        )
        return made

    def begin(self, name: str, flow: str = "USER_PASSWORD_AUTH", **more: Any) -> dict[str, Any]:
        parameters = {"USERNAME": name, "PASSWORD": more.pop("password", PASSWORD)}
        if flow == "CUSTOM_AUTH":
            del parameters["PASSWORD"]
        begun: dict[str, Any] = self.cognito.initiate_auth(
            ClientId=self.client_id, AuthFlow=flow, AuthParameters=parameters, **more
        )
        return begun

    def sign_in(self, name: str, **more: Any) -> dict[str, Any]:
        tokens: dict[str, Any] = self.begin(name, **more)["AuthenticationResult"]
        return tokens

    def log_in(self, name: str, **headers: str) -> requests.Response:
        """Return managed login's response to its form."""
        form = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid",
            "username": name,
            "password": PASSWORD,
        }
        return self.post("/login", form, **headers)

    def exchange(self, location: str, **headers: str) -> requests.Response:
        """Return the token endpoint's response to the code in a redirect."""
        code = location.partition("code=")[2].partition("&")[0]
        form = {"grant_type": "authorization_code", "client_id": self.client_id, "code": code}
        return self.post("/oauth2/token", {**form, "redirect_uri": CALLBACK}, **headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> requests.Response:
        url = self.stage.find_running().aws_endpoint_url + path
        return requests.post(url, data=form, headers=headers, timeout=60, allow_redirects=False)

    def call(self, operation: str, **parameters: Any) -> requests.Response:
        """Return the response to an operation whose parameters nobody has looked at before."""
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        url = self.stage.find_running().aws_endpoint_url
        body = {"ClientId": self.client_id, **parameters}
        return requests.post(url, json=body, headers=headers, timeout=60)

    def read_code(self, name: str, purpose: str, number: int = 1) -> str:
        """Return the code that the log tells of a user as the so manieth for this purpose."""
        told = f"the code of {name} to {purpose} is "
        wait_until(lambda: self.stage.log.count(told) >= number)
        return self.stage.log.split(told)[number][:6]

    def fired(self, name: str) -> list[dict[str, Any]]:
        """Return the events that triggers got for this user, in their order."""
        events = [json.loads(text) for text in re.findall(r"fired (\{.*\})", self.stage.log)]
        return [event for event in events if event["userName"] == name]

    def sources(self, name: str) -> list[str]:
        """Return what fired for this user; the stage's log says of each how long the function took."""
        sources = [event["triggerSource"] for event in self.fired(name)]
        for source in sources:
            assert re.search(f"Triggers was invoked by {source}, and .* in [0-9]+ ms", self.stage.log), source
        return sources


def failure_of(call: Any, *arguments: Any, **named: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    return refusal(caught.value)


def failed(trigger: str) -> tuple[str, str]:
    return "UserLambdaValidationException", f"{trigger} failed with error not today."
