"""In a pool without case a user's name, and an alias, is good in any.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UsernameConfigurationType.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_front.local_pools import LocalPools

_PLACES: Final = (
    (None, "Username", "SecretHash"),
    ("AuthParameters", "USERNAME", "SECRET_HASH"),
    ("ChallengeResponses", "USERNAME", "SECRET_HASH"),
)
"""Where a call has a user's name, and beside it the hash over it."""


class UserNames:
    """Spells a user's name as the pool has it."""

    def __init__(self, pools: LocalPools) -> None:
        self._pools = pools

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply to the call with the name as it is spelled there."""
        for of, name, _ in _PLACES:
            if typed := call.find_text(name, of):
                return await go_on(await self._spell_in(call, typed))
        return await go_on(call)

    async def _spell_in(self, call: Call, typed: str) -> Call:
        spelled = typed if call.pool is None else await spell(self._pools, call.pool, typed)
        if spelled == typed:
            return call
        for of, name, hash_name in _PLACES:
            if call.find_text(name, of) == typed:
                call = _replace(call, of, name, spelled)
                if call.client and call.client.secret:
                    call.client.check_secret_hash(typed, call.find_text(hash_name, of))
                    call = _replace(call, of, hash_name, call.client.hash_secret(spelled))
        return call


async def spell(pools: LocalPools, pool: Mapping[str, Any], typed: str) -> str:
    """Return a name as the pool has it, or as it is typed where the pool has no such name."""
    pool_id = str(pool["Id"])
    if _has_case(pool) or await pools.find_user(pool_id, typed):
        return typed
    async for user in pools.list_users(pool_id):
        if spelled := _find_spelling(pool, user, typed):
            return spelled
    return typed


def _replace(call: Call, of: str | None, name: str, value: str) -> Call:
    return call.change_in(of, **{name: value}) if of else call.change(name, value)


def _find_spelling(pool: Mapping[str, Any], user: Mapping[str, Any], typed: str) -> str | None:
    """Return how the described user spells a name that is typed, or None where it is not theirs."""
    aliases = {*(pool.get("UsernameAttributes") or ()), *(pool.get("AliasAttributes") or ())}
    attributes = [one["Value"] for one in user.get("Attributes", ()) if one["Name"] in aliases]
    names = map(str, (user["Username"], *attributes))
    return next((name for name in names if name.casefold() == typed.casefold()), None)


def _has_case(pool: Mapping[str, Any]) -> bool:
    """Say whether a name is good in one spelling alone."""
    config = pool.get("UsernameConfiguration") or {}
    return str(config.get("CaseSensitive", True)).lower() != "false"
