"""The triggers around a sign-in: before the password is looked at, and before the tokens are handed out.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-authentication.html
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_stage.cloudformation.pool_front.accounts import not_authorized
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_front.refresh_tokens import read_claims
from local_stage.cloudformation.pool_front.triggers.migration import migrate_at_sign_in
from local_stage.cloudformation.pool_front.triggers.trigger_call import CALL, TriggerCall, attributes_of


async def begin_sign_in(call: TriggerCall) -> None:
    """Fire UserMigration for a user who is not there, and PreAuthentication. Raises RefusalError."""
    username = call.asked.find_text("USERNAME", "AuthParameters")
    if username and call.asked.starts_sign_in:
        await migrate_at_sign_in(call, username)
        await authenticate(call, username)


async def authenticate(call: TriggerCall, username: str, *, is_known: bool = False) -> None:
    """Fire PreAuthentication. Raises RefusalError.

    For a user who is not there it fires where the app client tells nobody so, and for one whom the pool
    `is_known` to have found by another spelling of the name.
    """
    if call.find_function("PreAuthentication") is None:
        return
    user, hides = await call.find_user(username), call.hides_existence
    if user is None and not hides and not is_known:
        return
    request = {
        "userAttributes": attributes_of(user) if user else {},
        "validationData": call.client_metadata,
        "userNotFound": user is None if hides else None,
    }
    await call.fire("PreAuthentication", "Authentication", user.name if user else username, request)
    call.has_authenticated = True


async def generate_tokens(call: Call, go_on: Next) -> Reply:
    """Return the pool's reply, with the tokens' trigger fired where it has waited for the second factor."""
    reply, begun = await go_on(call), CALL.get()
    content = reply.content
    tokens = content.get("AuthenticationResult")
    if not tokens or begun is None or not begun.defers_tokens:
        return reply
    generated = await begun.generate_tokens(str(tokens.get("RefreshToken")))
    if generated.refusal is not None:
        return generated
    return reply.change(
        {**content, "AuthenticationResult": {**tokens, **generated.content["AuthenticationResult"]}}
    )


async def end_sign_in(call: TriggerCall, result: Mapping[str, Any]) -> None:
    """Fire PostAuthentication where the pool has answered with tokens. Raises RefusalError."""
    if call.asked.refreshes:
        return
    starts = call.asked.starts_sign_in
    if starts and not call.has_authenticated:
        # Nobody gets further than the trigger, whatever the pool takes a name for.
        await authenticate(call, call.asked.find_text("USERNAME", "AuthParameters"), is_known=True)
    if tokens := result.get("AuthenticationResult"):
        await tell_sign_in(call, tokens["AccessToken"], None if starts else call.client_metadata)


async def tell_sign_in(
    call: TriggerCall, access_token: str, client_metadata: Mapping[str, str] | None = None
) -> None:
    """Fire PostAuthentication for the user of an access token that the pool has just issued.

    Raises RefusalError where it fails, or where nobody knows whose token it is.
    """
    if call.find_function("PostAuthentication") is None:
        return
    user = await call.find_user(str(read_claims(access_token).get("username", "")))
    if user is None:
        raise not_authorized("Incorrect username or password.")
    request = {
        "userAttributes": attributes_of(user),
        "newDeviceUsed": False,
        "clientMetadata": client_metadata,
    }
    await call.fire("PostAuthentication", "Authentication", user.name, request)
