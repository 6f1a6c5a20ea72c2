"""CustomMessage: the text of what Cognito would send. The local pool sends nothing.

MiniStack itself fires it for users whom an administrator makes.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import RefusalError
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
_LINK: Final = re.compile(r"\{##.+##\}", re.DOTALL)


async def send_message(call: TriggerCall, _: Mapping[str, Any]) -> None:
    """Fire CustomMessage where Cognito would send a code. Raises RefusalError."""
    if call.find_function("CustomMessage") is None:
        return
    source, asked = _SOURCES[call.asked.operation], call.asked
    username = asked.find_text("Username") or read_claims(asked.find_text("AccessToken")).get("username", "")
    user = await call.find_user(str(username))
    if user is None or not _is_sent(call, source, user.attributes):
        return
    request = {
        "userAttributes": attributes_of(user),
        "codeParameter": _CODE,
        "linkParameter": "{##Click Here##}",
        "usernameParameter": None,
        "clientMetadata": call.client_metadata,
    }
    message = dict.fromkeys(("smsMessage", "emailMessage", "emailSubject"))
    _check(await call.fire("CustomMessage", source, user.name, request, **message))


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


def _check(response: Mapping[str, Any]) -> None:
    """Raise RefusalError for a message in which the code would have no place."""
    for name in ("smsMessage", "emailMessage"):
        text = response.get(name)
        if text and _CODE not in str(text) and not _LINK.search(str(text)):
            raise RefusalError(INVALID, f"CustomMessage {name} must contain {_CODE}.")
