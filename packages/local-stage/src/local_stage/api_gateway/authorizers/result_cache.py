"""The results of a Lambda authorizer that are kept for a while.

https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from local_stage.api_gateway.authorizers.authorizer_result import AuthorizerResult
from local_stage.api_gateway.exchange import Clock

MOST_KEPT: Final = 10_000
"""Results of one authorizer; the oldest goes first, and its function is asked again."""


@dataclass(frozen=True, slots=True)
class CachedResult:
    """A result, and for how many seconds it is kept yet."""

    result: AuthorizerResult
    remaining: float


class ResultCache:
    """Results by the values of the identity sources, in their order: not by method or path.

    One belongs to one authorizer of one API, and goes with the stage at the next deployment.
    """

    def __init__(self, lifetime: int, clock: Clock) -> None:
        """Keep each result for so many seconds, 0 for none at all."""
        self._lifetime = lifetime
        self._clock = clock
        self._results: dict[tuple[str, ...], tuple[float, AuthorizerResult]] = {}

    def find(self, identity: tuple[str, ...]) -> CachedResult | None:
        """Return the result of an identity, if it is not too old; a clock that was set back makes it so."""
        if identity not in self._results:
            return None
        kept_at, result = self._results[identity]
        age = self._clock() - kept_at
        if 0 <= age < self._lifetime:
            return CachedResult(result, self._lifetime - age)
        del self._results[identity]
        return None

    def keep(self, identity: tuple[str, ...], result: AuthorizerResult) -> None:
        """Keep the result of an identity, in the place of an older one."""
        if self._lifetime == 0:
            return
        self._results.pop(identity, None)
        if len(self._results) >= MOST_KEPT:
            del self._results[next(iter(self._results))]
        self._results[identity] = (self._clock(), result)
