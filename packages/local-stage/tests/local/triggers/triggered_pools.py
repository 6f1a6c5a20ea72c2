"""User pools that have every trigger, each of them one function, and a pool as its users see it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from local_stage.cloudformation.pool_front.totp import STEP, make_code
from tests.local.emulated_pool import PASSWORD, refusal
from tests.processes import wait_until
from tests.stage_process import StageProcess, running_stage

CALLBACK = "http://localhost/"
_POOL = """\
  Pool{version}:
    Type: AWS::Cognito::UserPool
    Properties:
      AutoVerifiedAttributes: [email]
      LambdaConfig:
        PreSignUp: !GetAtt Triggers.Arn
        PostConfirmation: !GetAtt Triggers.Arn
        PreAuthentication: !GetAtt Triggers.Arn
        PostAuthentication: !GetAtt Triggers.Arn
        CustomMessage: !GetAtt Triggers.Arn
        DefineAuthChallenge: !GetAtt Triggers.Arn
        CreateAuthChallenge: !GetAtt Triggers.Arn
        VerifyAuthChallengeResponse: !GetAtt Triggers.Arn
        UserMigration: !GetAtt Triggers.Arn
        {more}
  Client{version}:
    Type: AWS::Cognito::UserPoolClient
    Properties:
      UserPoolId: !Ref Pool{version}
      PreventUserExistenceErrors: ENABLED
      ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH, ALLOW_ADMIN_USER_PASSWORD_AUTH, ALLOW_USER_SRP_AUTH,
        ALLOW_CUSTOM_AUTH, ALLOW_REFRESH_TOKEN_AUTH]
      AllowedOAuthFlowsUserPoolClient: true
      AllowedOAuthFlows: [code]
      AllowedOAuthScopes: [openid]
      CallbackURLs: ["http://localhost/"]
"""
_MORE = {
    1: "PreTokenGeneration: !GetAtt Triggers.Arn",
    2: "PreTokenGenerationConfig: {LambdaArn: !GetAtt Triggers.Arn, LambdaVersion: V2_0}",
    3: "PreTokenGenerationConfig: {LambdaArn: !GetAtt Triggers.Arn, LambdaVersion: V3_0}",
    4: """PreTokenGeneration: !GetAtt Triggers.Arn
      MfaConfiguration: "ON"
      EnabledMfas: [EMAIL_OTP, SMS_MFA]
      SmsConfiguration: {SnsCallerArn: "arn:aws:iam::123456789012:role/sms"}""",
}
_TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Triggers:
    Type: AWS::Serverless::Function
    Properties: {{Runtime: python3.13, Handler: index.handler, CodeUri: code, Timeout: 20}}
{pools}
Outputs:
{outputs}
"""
_CODE = """\
import json

CLAIMS = {"plan": "gold", "sub": "forged", "iss": "forged", "cognito:groups": ["forged"], "aud": "forged"}


def handler(event, context):
    print("fired", json.dumps(event))
    source, response = event["triggerSource"], event["response"]
    trigger, name = source.split("_")[0], event["userName"]
    if f"no-{trigger}" in name:
        raise ValueError("not today")
    if f"odd-{trigger}" in name:
        return "what is this"
    if f"link-{trigger}" in name:
        response["emailMessage"] = "Click {##here##}."
    if trigger == "PreSignUp":
        response.update(autoConfirmUser="confirmed" in name, autoVerifyEmail=True)
    elif trigger == "TokenGeneration" and event["version"] == "1":
        response["claimsOverrideDetails"] = {
            "claimsToAddOrOverride": CLAIMS,
            "claimsToSuppress": ["email", "exp"],
            "groupOverrideDetails": {"groupsToOverride": ["readers"]},
        }
    elif trigger == "TokenGeneration":
        response["claimsAndScopeOverrideDetails"] = {
            "idTokenGeneration": {"claimsToAddOrOverride": CLAIMS, "claimsToSuppress": ["email", "exp"]},
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {**CLAIMS, "username": "forged", "nested": {"a": [1]}},
                "claimsToSuppress": ["client_id"],
                "scopesToAdd": ["orders/read"],
                "scopesToSuppress": ["aws.cognito.signin.user.admin"],
            },
            "groupOverrideDetails": {"groupsToOverride": ["readers"]},
        }
    elif trigger == "DefineAuthChallenge":
        answered = [one["challengeResult"] for one in event["request"]["session"]]
        response.update(issueTokens=True in answered, failAuthentication=False in answered)
        response["challengeName"] = "CUSTOM_CHALLENGE"
    elif trigger == "CreateAuthChallenge":
        response.update(publicChallengeParameters={"ask": "1+1"}, privateChallengeParameters={"answer": "2"})
    elif trigger == "VerifyAuthChallengeResponse":
        given = event["request"]
        response["answerCorrect"] = given["challengeAnswer"] == given["privateChallengeParameters"]["answer"]
    elif trigger == "UserMigration":
        if not name.startswith("migrant"):
            raise ValueError("unknown there too")
        if source.endswith("_Authentication") and event["request"]["password"] != "Correct-Horse-7":
            raise ValueError("wrong password")
        response.update(
            userAttributes={"email": "migrant@example.com", "email_verified": "true"}
            | ({"colour": "red"} if "coloured" in name else {})
            | ({"phone_number": "+818012345678"} if "called" in name else {}),
            enableSMSMFA="texted" in name,
            finalUserStatus="CONFIRMED",
            messageAction="SUPPRESS",
        )
    return event
"""


@contextmanager
def running_triggers(folder: Path) -> Iterator[StageProcess]:
    """Serve three pools whose tokens' triggers are of versions 1 to 3, and one of codes at sign-in."""
    (folder / "code").mkdir()
    (folder / "code" / "index.py").write_text(_CODE)
    pools = "".join(_POOL.format(version=version, more=more) for version, more in _MORE.items())
    names = [f"{kind}{version}" for kind in ("Pool", "Client") for version in _MORE]
    outputs = "".join(f"  {name}: {{Value: !Ref {name}}}\n" for name in names)
    (folder / "template.yaml").write_text(_TEMPLATE.format(pools=pools, outputs=outputs))
    with running_stage(folder, "--template", "template.yaml") as running:
        yield running


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
