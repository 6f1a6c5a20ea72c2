"""Refusals give way to requests that were let in, and to nothing else."""

from __future__ import annotations

import asyncio

import pytest

from local_stage.api_gateway.throttle import LONGEST_WAIT, RefusalPace
from tests.manual_clock import ManualClock


def build(interval: float = 0.25) -> tuple[RefusalPace, ManualClock]:
    clock = ManualClock()
    return RefusalPace(clock, interval=interval), clock


def test_refusals_do_not_wait_while_nobody_is_served() -> None:
    pace, _ = build()
    assert [pace.take_turn() for _ in range(100)] == [0.0] * 100


def test_a_single_refusal_does_not_wait_for_those_who_are_served() -> None:
    pace, _ = build()
    with pace.serving():
        assert pace.take_turn() == 0.0


def test_refusals_are_spaced_while_somebody_is_served() -> None:
    pace, _ = build(interval=LONGEST_WAIT / 4)
    with pace.serving():
        turns = [pace.take_turn() for _ in range(4)]
    assert turns == pytest.approx([LONGEST_WAIT * quarter / 4 for quarter in range(4)], abs=1e-6)


def test_nobody_waits_longer_than_the_longest_wait() -> None:
    pace, _ = build(interval=LONGEST_WAIT)
    with pace.serving():
        turns = [pace.take_turn() for _ in range(50)]
    assert max(turns) == pytest.approx(LONGEST_WAIT, abs=1e-6)


def test_time_that_passes_brings_the_next_turn() -> None:
    pace, clock = build(interval=LONGEST_WAIT / 2)
    with pace.serving():
        assert pace.take_turn() == 0.0
        clock.advance(LONGEST_WAIT)
        assert pace.take_turn() == 0.0


def test_refusals_go_out_at_once_again_when_the_last_one_has_been_served() -> None:
    pace, _ = build()
    with pace.serving(), pace.serving():
        pace.take_turn()
    assert [pace.take_turn() for _ in range(3)] == [0.0] * 3


def test_a_refusal_waits_for_its_turn() -> None:
    async def refuse_twice() -> float:
        loop = asyncio.get_running_loop()
        pace = RefusalPace(loop.time, interval=0.02)
        began = loop.time()
        with pace.serving():
            await pace.wait()
            await pace.wait()
        return loop.time() - began

    assert asyncio.run(refuse_twice()) >= 0.019
