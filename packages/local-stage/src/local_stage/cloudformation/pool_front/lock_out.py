"""Who gives a wrong password, or a wrong code of an authenticator app, too often is locked out for a while.

After five failures for a second, which doubles with each further one up to a quarter of an hour; attempts in
between do not count. A sign-in that succeeds ends it, and so does a quarter of an hour without an attempt.
https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html#authentication-flow-lockout-behavior
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from local_stage.cloudformation.pool_front.accounts import AppClient, not_authorized
from local_stage.cloudformation.pool_front.exchange import Call, Next, Reply
from local_stage.cloudformation.pool_front.local_pools import LocalPools

FREE: Final = 5
LONGEST: Final = 900.0
"""Seconds."""

_WRONG: Final = "Incorrect username or password"
_PASSWORD_FLOWS: Final = frozenset({"USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"})

type Key = tuple[str, ...]
"""A pool's id and a user's `sub`, or a name that nobody has; and what is counted where it is no password."""


@dataclass(slots=True)
class _Failures:
    count: int
    locked_until: float
    last: float


class Failures:
    """The failures of each user; `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[Key, _Failures] = {}
        self._locks: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def attempt(self, key: Key) -> AsyncIterator[None]:
        """Wait for a user's other attempts, so that each is counted before the next.

        Raises RefusalError while the user is locked out.
        """
        async with self._locks.setdefault(key, asyncio.Lock()):
            self.check(key)
            yield

    def check(self, key: Key) -> None:
        """Raise RefusalError while a user is locked out."""
        failures = self._failures.get(key)
        if failures is not None and self._clock() < failures.locked_until:
            raise not_authorized("Password attempts exceeded")

    def fail(self, key: Key) -> None:
        """Note a wrong password or code."""
        now = self._clock()
        self._failures = {
            other: one
            for other, one in self._failures.items()
            if now - max(one.last, one.locked_until) < LONGEST
        }
        count = self._failures[key].count + 1 if key in self._failures else 1
        locked = min(2.0 ** (count - FREE), LONGEST) if count >= FREE else 0.0
        self._failures[key] = _Failures(count, now + locked, now)

    def succeed(self, key: Key) -> None:
        """Forget the failures of who has signed in."""
        self._failures.pop(key, None)


class LockOut:
    """Counts wrong passwords at the pool's API."""

    def __init__(self, pools: LocalPools, failures: Failures) -> None:
        self._pools = pools
        self._failures = failures
        self._of_proofs: dict[str, Key] = {}

    async def __call__(self, call: Call, go_on: Next) -> Reply:
        """Return the pool's reply. Raises RefusalError while the user is locked out."""
        key = await self._find_key(call)
        if key is None:
            reply = await go_on(call)
        else:
            async with self._failures.attempt(key):
                reply = await go_on(call)
                self._note(key, reply)
        await self._remember_proof(call, reply)
        return reply

    def _note(self, key: Key, reply: Reply) -> None:
        kind, message = reply.refusal or ("", "")
        if kind == "NotAuthorizedException" and message.startswith(_WRONG):
            self._failures.fail(key)
        elif reply.refusal is None:
            self._failures.succeed(key)

    async def _find_key(self, call: Call) -> Key | None:
        """Return whose password a call proves, or None where it proves none."""
        if call.client is None:
            return None
        if call.starts_sign_in and call.find_text("AuthFlow") in _PASSWORD_FLOWS:
            return await find_key(self._pools, call.client, call.find_text("USERNAME", "AuthParameters"))
        if call.answers_challenge and call.find_text("ChallengeName") == "PASSWORD_VERIFIER":
            return self._of_proofs.get(call.find_text("PASSWORD_CLAIM_SECRET_BLOCK", "ChallengeResponses"))
        return None

    async def _remember_proof(self, call: Call, reply: Reply) -> None:
        content = reply.content
        if call.client is None or content.get("ChallengeName") != "PASSWORD_VERIFIER":
            return
        parameters = content.get("ChallengeParameters") or {}
        key = await find_key(self._pools, call.client, str(parameters.get("USER_ID_FOR_SRP")))
        while len(self._of_proofs) >= _MOST_PROOFS:
            del self._of_proofs[next(iter(self._of_proofs))]
        self._of_proofs[str(parameters.get("SECRET_BLOCK"))] = key


_MOST_PROOFS: Final = 10_000


async def find_key(pools: LocalPools, client: AppClient, name: str) -> Key:
    """Return what the failures of a user's name are counted by."""
    user = await pools.find_user(client.pool_id, name)
    return client.pool_id, user.sub if user else name
