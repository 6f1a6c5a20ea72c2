"""The triggers around a sign-in: before the password is looked at, and before the tokens are handed out.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-authentication.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_triggers.migration import migrate_at_sign_in
from local_stage.cloudformation.pool_triggers.trigger_call import TriggerCall

_REFRESHING: Final = frozenset({"REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"})


async def begin_sign_in(call: TriggerCall) -> None:
    """Fire UserMigration for a user who is not there, and PreAuthentication. Raises TriggerError."""
    if call.body.get("AuthFlow") in _REFRESHING:
        return
    username = (call.body.get("AuthParameters") or {}).get("USERNAME")
    if isinstance(username, str):
        await migrate_at_sign_in(call, username)
        await authenticate(call, username)


async def authenticate(call: TriggerCall, username: str, *, is_known: bool = False) -> None:
    """Fire PreAuthentication. Raises TriggerError.

    For a user who is not there it fires where the app client tells nobody so, and for one whom the pool
    `is_known` to have found by another spelling of the name.
    """
    if call.find_function("PreAuthentication") is None:
        return
    user, hides = await call.find_user(username), await call.hides_existence()
    if user is None and not hides and not is_known:
        return
    request = {
        "userAttributes": user.attributes if user else {},
        "validationData": call.client_metadata,
        "userNotFound": user is None if hides else None,
    }
    await call.fire("PreAuthentication", "Authentication", user.name if user else username, request)
    call.has_authenticated = True


async def end_sign_in(call: TriggerCall, result: Mapping[str, Any]) -> None:
    """Fire PostAuthentication where the pool has answered with tokens. Raises TriggerError."""
    if call.body.get("AuthFlow") in _REFRESHING:
        return
    starts = call.operation.endswith("InitiateAuth")
    if starts and not call.has_authenticated:
        # Nobody gets further than the trigger, whatever the pool takes a name for.
        parameters = call.body.get("AuthParameters") or {}
        await authenticate(call, str(parameters.get("USERNAME")), is_known=True)
    if tokens := result.get("AuthenticationResult"):
        await tell_sign_in(call, tokens["AccessToken"], None if starts else call.client_metadata)


async def tell_sign_in(
    call: TriggerCall, access_token: str, client_metadata: Mapping[str, str] | None = None
) -> None:
    """Fire PostAuthentication for the user of an access token that the pool has just issued."""
    if call.find_function("PostAuthentication") is None:
        return
    user = await call.find_user(decode_claims(access_token).get("username"))
    if user is not None:
        request = {
            "userAttributes": user.attributes,
            "newDeviceUsed": False,
            "clientMetadata": client_metadata,
        }
        await call.fire("PostAuthentication", "Authentication", user.name, request)


def decode_claims(token: Any) -> dict[str, Any]:
    """Return a token's claims, unverified; empty where it cannot be read."""
    try:
        payload = str(token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, IndexError):
        return {}
    return claims if isinstance(claims, dict) else {}
