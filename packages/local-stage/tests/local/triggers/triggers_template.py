"""A template with user pools that have every trigger, each of them one function."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stage_process import StageProcess, running_stage

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
