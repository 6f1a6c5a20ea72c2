"""The event that a user pool hands to the function of one of its triggers.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from local_stage.deployment.source_events import Origin

_COGNITO: Final[Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]]] = {
    "PreSignUp": (
        "PreSignUp_SignUp",
        {"validationData": None},
        {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
    ),
    "PostConfirmation": ("PostConfirmation_ConfirmSignUp", {}, {}),
    "PreAuthentication": ("PreAuthentication_Authentication", {"validationData": None}, {}),
    "PostAuthentication": ("PostAuthentication_Authentication", {"newDeviceUsed": False}, {}),
    "PreTokenGeneration": (
        "TokenGeneration_Authentication",
        {"groupConfiguration": {"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": None}},
        {"claimsOverrideDetails": None},
    ),
    "CustomMessage": (
        "CustomMessage_SignUp",
        {"codeParameter": "{####}", "linkParameter": "{##Click Here##}", "usernameParameter": None},
        {"smsMessage": None, "emailMessage": None, "emailSubject": None},
    ),
    "DefineAuthChallenge": (
        "DefineAuthChallenge_Authentication",
        {"session": []},
        {"challengeName": None, "issueTokens": False, "failAuthentication": False},
    ),
    "CreateAuthChallenge": (
        "CreateAuthChallenge_Authentication",
        {"challengeName": "CUSTOM_CHALLENGE", "session": []},
        {"publicChallengeParameters": None, "privateChallengeParameters": None, "challengeMetadata": None},
    ),
    "VerifyAuthChallengeResponse": (
        "VerifyAuthChallengeResponse_Authentication",
        {"privateChallengeParameters": {}, "challengeAnswer": "1"},
        {"answerCorrect": None},
    ),
    "UserMigration": (
        "UserMigration_Authentication",
        {"password": "Correct-Horse-7", "validationData": None},
        {
            "userAttributes": None,
            "forceAliasCreation": None,
            "finalUserStatus": None,
            "messageAction": None,
            "desiredDeliveryMediums": None,
        },
    ),
}
"""By trigger: its source, what its request has beside the user's attributes, and what a function fills."""
COGNITO_TRIGGERS: Final = tuple(_COGNITO)

_INVITATION: Final = "CustomMessage_AdminCreateUser"
_FORGOTTEN: Final = "UserMigration_ForgotPassword"
_SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "PreSignUp": ("PreSignUp_SignUp", "PreSignUp_AdminCreateUser", "PreSignUp_ExternalProvider"),
    "PostConfirmation": ("PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmForgotPassword"),
    "PreTokenGeneration": (
        "TokenGeneration_Authentication",
        "TokenGeneration_HostedAuth",
        "TokenGeneration_NewPasswordChallenge",
        "TokenGeneration_RefreshTokens",
    ),
    "CustomMessage": (
        "CustomMessage_SignUp",
        _INVITATION,
        "CustomMessage_Authentication",
        "CustomMessage_ForgotPassword",
        "CustomMessage_ResendCode",
        "CustomMessage_UpdateUserAttribute",
        "CustomMessage_VerifyUserAttribute",
    ),
    "UserMigration": ("UserMigration_Authentication", _FORGOTTEN),
}
"""The sources of a trigger that has several."""


def find_trigger(named: str) -> str | None:
    """Return the trigger that is named, by itself or by one of its sources; None for another name."""
    if named in _COGNITO:
        return named
    of_several = (trigger for trigger, sources in _SOURCES.items() if named in sources)
    of_one = (trigger for trigger, (source, _, _) in _COGNITO.items() if named == source)
    return next(of_several, None) or next(of_one, None)


def build_cognito_event(
    origin: Origin, named: str, pool_id: str, client_id: str, version: str = "1"
) -> dict[str, Any]:
    """Return the event of a trigger, which is named by itself or by one of its sources.

    The content, if it is an object, has the user's attributes. Raises KeyError for another name.
    """
    trigger = find_trigger(named)
    if trigger is None:
        raise KeyError(named)
    source, request, response = _COGNITO[trigger]
    source = source if named == trigger else named
    if source == _INVITATION:
        request = {**request, "usernameParameter": "{username}"}
    elif source == _FORGOTTEN:
        request = {name: value for name, value in request.items() if name != "password"}
    attributes = origin.content if isinstance(origin.content, dict) else {}
    attributes = {"email": "alice@example.com", **attributes}
    if trigger not in {"PreSignUp", "UserMigration"}:
        attributes = {"sub": str(uuid.uuid4()), "cognito:user_status": "CONFIRMED", **attributes}
    asked = {"userAttributes": attributes} if trigger != "UserMigration" else {}
    if version != "1":
        request, response = (
            {**request, "scopes": ["aws.cognito.signin.user.admin"]},
            {"claimsAndScopeOverrideDetails": None},
        )
    return {
        "version": version,
        "triggerSource": source,
        "region": origin.region,
        "userPoolId": pool_id,
        "userName": "alice",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
        "request": {**asked, **request},
        "response": dict(response),
    }
