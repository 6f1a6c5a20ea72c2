"""Tokens that have passed all checks: what neither clock nor keys can change of that is not asked again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from local_stage.jwt.checks import find_early, find_expired, warn_of_clock
from local_stage.jwt.judgement import Evidence
from local_stage.jwt.jwks import Clock, JsonWebKeySet, KeysUnavailableError

LIMIT = 256
"""How many are remembered; beyond it the one that was needed longest ago goes."""


class _Passed[T](NamedTuple):
    kid: str
    payload: Mapping[str, Any]
    key_set: JsonWebKeySet
    key: RSAPublicKey
    result: T


class PassedTokens[T]:
    """What an authorizer makes of tokens that have passed, by the exact text sent and the scopes asked for.

    All else that its checks ask is the same for the authorizer's whole life. Whether the issuer still has the
    very key that has verified the signature, and whether the token's time is there, is judged at each
    request. Nobody is refused here: a token that is not found has all checks made, which say what is wrong.
    Only who can sign fills this memory.
    """

    def __init__(self, clock: Clock, limit: int = LIMIT) -> None:
        self._clock = clock
        self._limit = limit
        self._passed: OrderedDict[tuple[str, tuple[str, ...]], _Passed[T]] = OrderedDict()

    async def find(self, sent: Sequence[str], scopes: Sequence[str]) -> T | None:
        """Return what was made of a token that is still good, None where that has to be judged anew."""
        if len(sent) != 1:
            return None
        place = (sent[0], tuple(scopes))
        passed = self._passed.get(place)
        if passed is None or not await self._is_good(passed):
            return None
        self._passed.move_to_end(place)
        return passed.result

    def add(self, evidence: Evidence, result: T) -> None:
        """Keep what was made of a token that has just passed all checks."""
        if evidence.verified is None or evidence.key_set is None or evidence.key is None:
            return
        self._passed[evidence.sent[0], tuple(evidence.scopes)] = _Passed(
            evidence.token.kid, evidence.verified, evidence.key_set, evidence.key, result
        )
        if len(self._passed) > self._limit:
            self._passed.popitem(last=False)

    async def _is_good(self, passed: _Passed[T]) -> bool:
        try:
            key = await passed.key_set.find_key(passed.kid)
        except KeysUnavailableError:
            return False
        now = self._clock()
        if key is not passed.key or find_early(passed.payload, now) or find_expired(passed.payload, now):
            return False
        warn_of_clock(passed.payload, now)
        return True
