"""Throttling: a token bucket for each method."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.throttle import Throttle, Throttles, TokenBucket
from tests.manual_clock import ManualClock


def takes(bucket: TokenBucket, requests: int) -> int:
    """Return how many of some requests at once are let through."""
    return sum(bucket.take() for _ in range(requests))


@pytest.mark.rule("throttling.bucket")
def test_a_burst_passes_at_once_and_no_more() -> None:
    assert takes(TokenBucket(Throttle(rate=1, burst=3), ManualClock()), 10) == 3


@pytest.mark.rule("throttling.bucket")
def test_tokens_come_back_at_the_rate() -> None:
    clock = ManualClock()
    bucket = TokenBucket(Throttle(rate=2, burst=3), clock)
    takes(bucket, 3)
    clock.now += 0.4
    assert takes(bucket, 10) == 0
    clock.now += 0.1
    assert takes(bucket, 10) == 1


def test_no_more_than_a_burst_is_saved_up() -> None:
    clock = ManualClock()
    bucket = TokenBucket(Throttle(rate=2, burst=3), clock)
    clock.now += 1_000
    assert takes(bucket, 10) == 3


def test_a_clock_that_is_set_back_gives_and_takes_nothing() -> None:
    clock = ManualClock()
    bucket = TokenBucket(Throttle(rate=1, burst=2), clock)
    assert bucket.take()
    clock.now -= 500
    assert takes(bucket, 10) == 1
    clock.now += 1
    assert takes(bucket, 10) == 1


@pytest.mark.parametrize("throttle", [Throttle(rate=0, burst=0), Throttle(rate=100, burst=0)])
def test_limits_of_zero_let_nothing_through(throttle: Throttle) -> None:
    clock = ManualClock()
    bucket = TokenBucket(throttle, clock)
    clock.now += 10
    assert not bucket.take()


def test_a_throttled_request_gets_429() -> None:
    throttles = Throttles({("GET", "/a"): Throttle(rate=1, burst=1)}, ManualClock())
    throttles.admit("GET", "/a")
    with pytest.raises(GatewayError) as caught:
        throttles.admit("GET", "/a")
    assert caught.value.response_type is GatewayResponseType.THROTTLED
    assert caught.value.status == 429
    assert caught.value.message == "Too Many Requests"
    assert (
        caught.value.reason == "GET /a is throttled (rate 1/s, burst 1); its limits stand in MethodSettings"
    )


@pytest.mark.rule("throttling.bucket")
def test_each_method_has_its_own_bucket() -> None:
    throttle = Throttle(rate=1, burst=1)
    throttles = Throttles({("GET", "/a"): throttle, ("POST", "/a"): throttle}, ManualClock())
    throttles.admit("GET", "/a")
    throttles.admit("POST", "/a")
    with pytest.raises(GatewayError):
        throttles.admit("GET", "/a")


def test_a_method_without_limits_is_never_throttled() -> None:
    throttles = Throttles({("GET", "/a"): None, ("POST", "/a"): Throttle(rate=0, burst=0)}, ManualClock())
    for _ in range(1_000):
        throttles.admit("GET", "/a")
    with pytest.raises(GatewayError):
        throttles.admit("POST", "/a")


@given(
    st.builds(Throttle, st.floats(0, 100), st.integers(0, 20)),
    st.lists(st.tuples(st.floats(0, 5), st.integers(0, 10)), max_size=20),
)
def test_no_more_passes_than_the_burst_and_what_the_rate_adds(
    throttle: Throttle, steps: list[tuple[float, int]]
) -> None:
    clock = ManualClock()
    bucket = TokenBucket(throttle, clock)
    passed, elapsed = 0, 0.0
    for pause, requests in steps:
        clock.now += pause
        elapsed += pause
        passed += takes(bucket, requests)
    assert passed <= math.floor(throttle.burst + throttle.rate * elapsed + 1e-6)
