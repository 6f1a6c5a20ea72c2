"""Who has to wait: the throttling of methods, and refusals at a pace.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html. AWS applies
its limits on a best-effort basis; here they are exact.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from local_stage.api_gateway.gateway_error import throttled

INTERVAL: Final = 0.002
"""Seconds between two refusals while others are served; a refusal takes a tenth of that."""

LONGEST_WAIT: Final = 0.1
"""Seconds; a caller who sends so many at once that they would wait longer is answered after this time."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """A token bucket: `rate` in requests a second, `burst` in requests."""

    rate: float
    burst: int


class TokenBucket:
    """Holds `burst` tokens at most, gains `rate` tokens a second, and is full at first."""

    def __init__(self, throttle: Throttle, clock: Callable[[], float]) -> None:
        self.throttle = throttle
        self._clock = clock
        self._tokens = float(throttle.burst)
        self._filled_at = clock()

    def take(self) -> bool:
        """Take a token, if there is one; a clock that was set back adds none."""
        now = self._clock()
        gained = max(0.0, now - self._filled_at) * self.throttle.rate
        self._tokens = min(float(self.throttle.burst), self._tokens + gained)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Throttles:
    """The token buckets of a stage: one for each throttled route, none for the others."""

    def __init__(
        self, throttles: Mapping[tuple[str, str], Throttle | None], clock: Callable[[], float]
    ) -> None:
        """Fill every bucket; the limits are by verb and path, and `clock` gives seconds."""
        self._buckets = {
            route: TokenBucket(throttle, clock)
            for route, throttle in throttles.items()
            if throttle is not None
        }

    def admit(self, http_method: str, path: str) -> None:
        """Let a request for this route through; GatewayError THROTTLED (429) if it comes too soon."""
        bucket = self._buckets.get((http_method, path))
        if bucket is None or bucket.take():
            return
        limits = f"rate {bucket.throttle.rate:g}/s, burst {bucket.throttle.burst}"
        reason = f"{http_method} {path} is throttled ({limits}); its limits stand in MethodSettings"
        raise throttled(reason)


class RefusalPace:
    """Spaces refusals while requests that were let in are being served; otherwise they go out at once.

    A connection sends its next request when the last one is answered, so a caller who waits for a refusal
    sends no more tokens to verify meanwhile. Only the answer waits: who is let in was judged at once.
    """

    def __init__(self, clock: Callable[[], float], *, interval: float = INTERVAL) -> None:
        """Space refusals by so many seconds; `clock` gives seconds and is never set back."""
        self._clock = clock
        self._interval = interval
        self._serving = 0
        self._next = 0.0

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Count a request that was let in, while it is served."""
        self._serving += 1
        try:
            yield
        finally:
            self._serving -= 1

    async def wait(self) -> None:
        """Return when it is this refusal's turn."""
        if seconds := self.take_turn():
            await asyncio.sleep(seconds)

    def take_turn(self) -> float:
        """Return the seconds until the turn of a refusal, which has it taken thereby."""
        if not self._serving:
            return 0.0
        now = self._clock()
        turn = min(max(now, self._next), now + LONGEST_WAIT)
        self._next = turn + self._interval
        return turn - now
