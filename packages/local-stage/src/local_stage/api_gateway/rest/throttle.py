"""Throttling: a token bucket for each method that the stage's settings give a rate and a burst.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html. AWS applies
its limits on a best-effort basis; here they are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from local_stage.api_gateway.gateway_error import throttled
from local_stage.api_gateway.rest.match import Match
from local_stage.api_gateway.rest.rest_api import Resource, Throttle


class TokenBucket:
    """Holds `burst` tokens at most, gains `rate` tokens a second, and is full at first."""

    def __init__(self, throttle: Throttle, clock: Callable[[], float]) -> None:
        self._throttle = throttle
        self._clock = clock
        self._tokens = float(throttle.burst)
        self._filled_at = clock()

    def take(self) -> bool:
        """Take a token, if there is one; a clock that was set back adds none."""
        now = self._clock()
        gained = max(0.0, now - self._filled_at) * self._throttle.rate
        self._tokens = min(float(self._throttle.burst), self._tokens + gained)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Throttles:
    """The token buckets of a stage: one for each throttled method, none for the others."""

    def __init__(self, resources: Iterable[Resource], clock: Callable[[], float]) -> None:
        """Fill every bucket; `clock` gives seconds."""
        self._buckets = {
            (resource.path, method.http_method): TokenBucket(method.throttle, clock)
            for resource in resources
            for method in resource.methods.values()
            if method.throttle is not None
        }

    def admit(self, match: Match) -> None:
        """Let a request for this method through; GatewayError THROTTLED (429) if it comes too soon."""
        throttle = match.method.throttle
        bucket = self._buckets.get((match.resource.path, match.method.http_method))
        if throttle is None or bucket is None or bucket.take():
            return
        limits = f"rate {throttle.rate:g}/s, burst {throttle.burst}"
        method = f"{match.method.http_method} {match.resource.path}"
        raise throttled(f"{method} is throttled ({limits}); its limits stand in MethodSettings")
