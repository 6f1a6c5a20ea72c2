"""How long wrong passwords lock a user out."""

from __future__ import annotations

import asyncio

import pytest

from local_stage.cloudformation.pool_front.accounts import RefusalError
from local_stage.cloudformation.pool_front.lock_out import LONGEST, Failures

KEY = ("pool", "sub")


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def failures(clock: Clock) -> Failures:
    return Failures(clock)


def is_locked(failures: Failures, key: tuple[str, str] = KEY) -> bool:
    try:
        failures.check(key)
    except RefusalError as refusal:
        return (refusal.kind, refusal.message) == ("NotAuthorizedException", "Password attempts exceeded")
    return False


def test_the_fifth_wrong_password_locks_for_a_second_and_each_further_one_for_twice_as_long(
    clock: Clock, failures: Failures
) -> None:
    for _ in range(4):
        failures.fail(KEY)
        assert not is_locked(failures)
    for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, LONGEST):
        failures.fail(KEY)
        clock.now += seconds - 0.1
        assert is_locked(failures)
        clock.now += 0.1
        assert not is_locked(failures)
    assert not is_locked(failures, ("pool", "another"))


def test_a_sign_in_ends_it(failures: Failures) -> None:
    for _ in range(5):
        failures.fail(KEY)
    failures.succeed(KEY)
    failures.fail(KEY)
    assert not is_locked(failures)


def test_a_quarter_of_an_hour_without_an_attempt_ends_it(clock: Clock, failures: Failures) -> None:
    for _ in range(5):
        failures.fail(KEY)
    clock.now += LONGEST + 1
    for _ in range(4):
        failures.fail(KEY)
    assert not is_locked(failures)


def test_attempts_at_the_same_time_are_counted_one_after_the_other(failures: Failures) -> None:
    async def fail() -> None:
        async with failures.attempt(KEY):
            await asyncio.to_thread(str)
            failures.fail(KEY)

    async def fail_together() -> list[BaseException | None]:
        return await asyncio.gather(*(fail() for _ in range(8)), return_exceptions=True)

    told = asyncio.run(fail_together())
    assert told[:5] == [None] * 5
    assert all(isinstance(one, RefusalError) for one in told[5:])
