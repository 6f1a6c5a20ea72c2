"""The stage's clock goes with another, or ahead of it, and never behind it."""

from __future__ import annotations

import pytest

from local_stage.console.clock import AdjustableClock
from tests.manual_clock import NOW, ManualClock


def test_it_goes_with_the_other_clock() -> None:
    other = ManualClock()
    clock = AdjustableClock(other)
    other.advance(5)
    assert (clock(), clock.ahead) == (NOW + 5, 0)


def test_it_can_be_moved_ahead_again_and_again() -> None:
    clock = AdjustableClock(ManualClock())
    clock.advance(3600)
    clock.advance(0.5)
    assert (clock(), clock.ahead) == (NOW + 3600.5, 3600.5)


def test_reset_goes_with_the_other_clock_again() -> None:
    clock = AdjustableClock(ManualClock())
    clock.advance(3600)
    clock.reset()
    assert (clock(), clock.ahead) == (NOW, 0)


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_it_never_goes_back_where_expired_tokens_are_good_again(seconds: float) -> None:
    clock = AdjustableClock(ManualClock())
    with pytest.raises(ValueError, match="is no positive number of seconds"):
        clock.advance(seconds)
    assert clock.ahead == 0
