"""UserMigration: somebody who is no user yet signs in, or forgets the password, and the function knows them.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import RefusalError, User
from local_stage.cloudformation.pool_front.triggers.trigger_call import TriggerCall
from local_stage.cloudformation.pool_front.user_attributes import check_attributes
from local_stage.cloudformation.pool_front.user_names import spell
from local_stage.cloudformation.pool_settings import SMS

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
    """Create the user whom the function knows by the password given. Raises RefusalError."""
    asked, flow = call.asked, call.asked.find_text("AuthFlow")
    password, secret_hash = (asked.find_text(name, "AuthParameters") for name in ("PASSWORD", "SECRET_HASH"))
    if flow not in _FLOWS or not password:
        return
    if await _is_asked(call, username, secret_hash, {flow, _FLOWS[flow]}):
        response = await _fire(call, "Authentication", username, password, "validationData")
        await _create(call, username, password, response)


async def migrate_at_forgotten_password(call: TriggerCall) -> None:
    """Create the user whom the function knows by name, so that a code can be sent. Raises RefusalError."""
    username = call.asked.find_text("Username")
    if username and await _is_asked(call, username, call.asked.find_text("SecretHash")):
        response = await _fire(call, "ForgotPassword", username, None, "clientMetadata")
        await _create(call, username, None, response)


async def _is_asked(call: TriggerCall, username: str, secret_hash: str, flows: Iterable[str] = ()) -> bool:
    """Say whether the function is asked: not for a user who is there, nor where the pool refuses the call."""
    client = call.asked.client
    if client is None or call.find_function(_TRIGGER) is None or (flows and client.flows.isdisjoint(flows)):
        return False
    try:
        client.check_secret_hash(username, secret_hash)
    except RefusalError:
        return False
    return await call.find_user(username) is None


async def _fire(
    call: TriggerCall, source: str, username: str, password: str | None, metadata: str
) -> dict[str, Any]:
    request = {"password": password, metadata: call.client_metadata}
    try:
        response = await call.fire(_TRIGGER, source, username, request, **_RESPONSE)
    except RefusalError:
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
    is_texted = bool(response.get("enableSMSMFA"))
    if is_texted and not (given.get("phone_number") and await _has_sms(call)):
        raise _refusal(call)
    # Somebody else may have been quicker, and in another case.
    if await call.find_user(await spell(call.pools, call.pool, username)) is not None:
        raise _refusal(call)
    attributes = [{"Name": name, "Value": str(value)} for name, value in given.items()]
    is_confirmed = response.get("finalUserStatus") == "CONFIRMED"
    made = password if password is not None else f"{secrets.token_urlsafe(48)}aA1-"
    created = await call.order(
        "AdminCreateUser",
        Username=username,
        UserAttributes=attributes,
        TemporaryPassword=made,
        MessageAction="SUPPRESS",
    )
    if "User" not in created:
        raise _refusal(call)
    name = created["User"]["Username"]
    if is_texted:
        call.factors.turn_on(User.read(created["User"]), SMS)
    await call.order("AdminSetUserPassword", Username=name, Password=made, Permanent=True)
    if not is_confirmed and password is not None:
        await call.order("AdminResetUserPassword", Username=name)


async def _has_sms(call: TriggerCall) -> bool:
    """Say whether the pool asks users for a code by SMS, as it has to where a trigger turns that on."""
    may_ask = (call.pool.get("MfaConfiguration") or "OFF") != "OFF"
    return may_ask and SMS in await call.factors.read_pool(call.pool)


def _refusal(call: TriggerCall) -> RefusalError:
    return RefusalError("UserNotFoundException", f"Exception migrating user in app client {call.client_id}")
