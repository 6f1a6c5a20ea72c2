"""UserMigration: somebody who is no user yet signs in, or forgets the password, and the function knows them.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import RefusalError
from local_stage.cloudformation.pool_front.user_attributes import check_attributes
from local_stage.cloudformation.pool_triggers.trigger import TriggerError
from local_stage.cloudformation.pool_triggers.trigger_call import TriggerCall

_TRIGGER: Final = "UserMigration"
_FLOWS: Final = {
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ADMIN_USER_PASSWORD_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH",
}
"""The flows that send the password, and what in ExplicitAuthFlows enables each."""
_RESPONSE: Final = {
    "userAttributes": None,
    "forceAliasCreation": None,
    "enableSMSMFA": None,
    "finalUserStatus": None,
    "messageAction": None,
    "desiredDeliveryMediums": None,
}


async def migrate_at_sign_in(call: TriggerCall, username: str) -> None:
    """Create the user whom the function knows by the password given. Raises TriggerError."""
    parameters, flow = call.body.get("AuthParameters") or {}, call.body.get("AuthFlow")
    password = parameters.get("PASSWORD")
    if flow not in _FLOWS or not isinstance(password, str):
        return
    if await _is_asked(call, username, parameters.get("SECRET_HASH"), {flow, _FLOWS[flow]}):
        response = await _fire(call, "Authentication", username, password, "validationData")
        await _create(call, username, password, response)


async def migrate_at_forgotten_password(call: TriggerCall) -> None:
    """Create the user whom the function knows by name, so that a code can be sent. Raises TriggerError."""
    username = call.body.get("Username")
    if isinstance(username, str) and await _is_asked(call, username, call.body.get("SecretHash"), None):
        response = await _fire(call, "ForgotPassword", username, None, "clientMetadata")
        await _create(call, username, None, response)


async def _is_asked(call: TriggerCall, username: str, secret_hash: Any, flows: set[str] | None) -> bool:
    """Say whether the function is asked: not for a user who is there, nor where the pool refuses the call."""
    if call.find_function(_TRIGGER) is None:
        return False
    client = await call.operations.describe_client(call.scope, call.pool_id, call.client_id)
    if flows is not None and not flows.intersection(client.get("ExplicitAuthFlows") or ()):
        return False
    if not _proves_secret(client, username, secret_hash):
        return False
    return await call.find_user(username) is None


def _proves_secret(client: Mapping[str, Any], username: str, secret_hash: Any) -> bool:
    secret = client.get("ClientSecret")
    if not secret:
        return True
    made = hmac.digest(secret.encode(), f"{username}{client['ClientId']}".encode(), hashlib.sha256)
    return hmac.compare_digest(base64.b64encode(made).decode(), str(secret_hash))


async def _fire(
    call: TriggerCall, source: str, username: str, password: str | None, metadata: str
) -> dict[str, Any]:
    request = {"password": password, metadata: call.client_metadata}
    try:
        response = await call.fire(_TRIGGER, source, username, request, **_RESPONSE)
    except TriggerError:
        raise _refusal(call) from None
    if not isinstance(response.get("userAttributes"), dict) or not response["userAttributes"]:
        raise _refusal(call)
    return response


async def _create(
    call: TriggerCall, username: str, password: str | None, response: Mapping[str, Any]
) -> None:
    given = response["userAttributes"]
    try:
        check_attributes(call.pool, given)
    except RefusalError:
        raise _refusal(call) from None
    if await call.find_user(username) is not None:  # somebody else was quicker, maybe in another case
        raise _refusal(call)
    attributes = [{"Name": name, "Value": str(value)} for name, value in given.items()]
    is_confirmed = response.get("finalUserStatus") == "CONFIRMED"
    made = password if password is not None else f"{secrets.token_urlsafe(48)}aA1-"
    created = await call.ask(
        "AdminCreateUser",
        Username=username,
        UserAttributes=attributes,
        TemporaryPassword=made,
        MessageAction="SUPPRESS",
    )
    if "User" not in created:
        raise _refusal(call)
    name = created["User"]["Username"]
    await call.ask("AdminSetUserPassword", Username=name, Password=made, Permanent=True)
    if not is_confirmed and password is not None:
        await call.ask("AdminResetUserPassword", Username=name)


def _refusal(call: TriggerCall) -> TriggerError:
    return TriggerError("UserNotFoundException", f"Exception migrating user in app client {call.client_id}")
