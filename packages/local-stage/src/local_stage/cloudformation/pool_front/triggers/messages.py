"""CustomMessage: the text of what Cognito would send. The local pool sends nothing.

MiniStack itself fires it for users whom an administrator makes.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import RefusalError, User
from local_stage.cloudformation.pool_front.refresh_tokens import read_claims
from local_stage.cloudformation.pool_front.triggers.trigger import INVALID
from local_stage.cloudformation.pool_front.triggers.trigger_call import TriggerCall, attributes_of

_SOURCES: Final = {
    "AdminResetUserPassword": "ForgotPassword",
    "AdminUpdateUserAttributes": "UpdateUserAttribute",
    "ForgotPassword": "ForgotPassword",
    "GetUserAttributeVerificationCode": "VerifyUserAttribute",
    "ResendConfirmationCode": "ResendCode",
    "SignUp": "SignUp",
    "UpdateUserAttributes": "UpdateUserAttribute",
}
_ADDRESSES: Final = ("email", "phone_number")
_CODE: Final = "{####}"
_CODE_ALONE: Final = re.compile(re.escape(_CODE))
_CODE_OR_LINK: Final = re.compile(rf"{re.escape(_CODE)}|\{{##.+##\}}", re.DOTALL)


async def send_message(call: TriggerCall, _: Mapping[str, Any]) -> None:
    """Fire CustomMessage where Cognito would send a code. Raises RefusalError."""
    if call.find_function("CustomMessage") is None or call.sends_nothing:
        return
    source, asked = _SOURCES[call.asked.operation], call.asked
    username = asked.find_text("Username") or read_claims(asked.find_text("AccessToken")).get("username", "")
    user = await call.find_user(str(username))
    if user is not None and _is_sent(call, source, user.attributes):
        _check(await _fire(call, source, user, call.client_metadata))


async def send_sign_in_code(call: TriggerCall, user: User) -> None:
    """Fire CustomMessage for the code of a second factor. Raises RefusalError.

    What starts a sign-in gives its ClientMetadata to the triggers before that alone.
    """
    metadata = None if call.asked.starts_sign_in else call.client_metadata
    _check(await _fire(call, "Authentication", user, metadata), _CODE_ALONE)


async def _fire(
    call: TriggerCall, source: str, user: User, metadata: Mapping[str, str] | None
) -> Mapping[str, Any]:
    request = {
        "userAttributes": attributes_of(user),
        "codeParameter": _CODE,
        "linkParameter": "{##Click Here##}",
        "usernameParameter": None,
        "clientMetadata": metadata,
    }
    message = dict.fromkeys(("smsMessage", "emailMessage", "emailSubject"))
    return await call.fire("CustomMessage", source, user.name, request, **message)


def _is_sent(call: TriggerCall, source: str, attributes: Mapping[str, str]) -> bool:
    """Say whether there is an address to send a code to: one that the pool verifies by itself, or has."""
    verified = call.pool.get("AutoVerifiedAttributes") or ()
    if source == "UpdateUserAttribute":
        changed = {one.get("Name") for one in call.asked.parameters.get("UserAttributes") or ()}
        return any(name in verified for name in changed)
    if source == "VerifyUserAttribute":
        return bool(attributes.get(call.asked.find_text("AttributeName")))
    if source == "ForgotPassword":
        return any(
            attributes.get(name) and attributes.get(f"{name}_verified") == "true" for name in _ADDRESSES
        )
    return any(attributes.get(name) for name in verified)


def _check(response: Mapping[str, Any], place: re.Pattern[str] = _CODE_OR_LINK) -> None:
    """Raise RefusalError for a message in which the code would have no place."""
    for name in ("smsMessage", "emailMessage"):
        text = response.get(name)
        if text and not place.search(str(text)):
            raise RefusalError(INVALID, f"CustomMessage {name} must contain {_CODE}.")
