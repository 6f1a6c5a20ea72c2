"""A new password keeps the pool's policy whichever way it comes, and its first fault alone is named.

https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_front.accounts import RefusalError, missing
from local_stage.cloudformation.pool_front.challenges import NEW_PASSWORD
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply

SYMBOLS: Final = frozenset("^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ")
_KIND: Final = "InvalidPasswordException"
_INTRODUCTION: Final = "Password did not conform with policy: "
_TOO_SHORT: Final = "Password not long enough"
_MINISTACKS_TOO_SHORT: Final = "Password must have length"


async def guard_password(call: Call, go_on: Next) -> Reply:
    """Return the pool's reply. Raises RefusalError for a new password that breaks the policy."""
    session = call.session
    if session is not None and session.challenge == NEW_PASSWORD:
        password = call.find_text(NEW_PASSWORD.removesuffix("_REQUIRED"), "ChallengeResponses")
        if not password:
            raise missing("NEW_PASSWORD")
        policies = session.client.pool.get("Policies") or {}
        if fault := find_fault(password, policies.get("PasswordPolicy") or {}):
            raise RefusalError(_KIND, f"{_INTRODUCTION}{fault}")
    reply = await go_on(call)
    kind, message = reply.refusal or ("", "")
    if kind != _KIND or not message.startswith(_INTRODUCTION):
        return reply
    fault = message.removeprefix(_INTRODUCTION).partition("; ")[0]
    fault = _TOO_SHORT if fault.startswith(_MINISTACKS_TOO_SHORT) else fault
    raise RefusalError(_KIND, f"{_INTRODUCTION}{fault}")


def find_fault(password: str, policy: Mapping[str, Any]) -> str | None:
    """Return the first thing that a password lacks, in Cognito's words, or None.

    A rule that the policy leaves out is as MiniStack has it elsewhere.
    """
    if len(password) < int(policy.get("MinimumLength") or 8):
        return _TOO_SHORT
    wanted = (
        ("RequireUppercase", "uppercase", str.isupper),
        ("RequireLowercase", "lowercase", str.islower),
        ("RequireNumbers", "numeric", str.isdigit),
        ("RequireSymbols", "symbol", SYMBOLS.__contains__),
    )
    for rule, name, has in wanted:
        is_asked_for = str(policy.get(rule, True)).lower() == "true"
        if is_asked_for and not any(map(has, password)):
            return f"Password must have {name} characters"
    return None
