"""Refusals cost the stage little, and give way to requests that were let in."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import Iterator

import pytest

from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.throttle import INTERVAL
from tests.gateway_request import build_request
from tests.unit.api_gateway.served_stage import ServedStage

UNKNOWN = build_request(path="/dev/nowhere")


@pytest.fixture
def collector_off() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("collector_off")
def test_nothing_of_a_refusal_is_left_to_the_garbage_collector() -> None:
    errors: list[weakref.ref[GatewayError]] = []

    def record(answered: Exchange) -> None:
        assert answered.error is not None
        errors.append(weakref.ref(answered.error))

    assert ServedStage(record=record).answer(UNKNOWN).status == 403
    assert [error() for error in errors] == [None]


def test_refusals_are_spaced_while_a_function_is_at_work() -> None:
    async def refuse_beside_a_call(count: int) -> float:
        stage = ServedStage(duration=60.0).stage
        call = asyncio.create_task(stage.handle(build_request()))
        await asyncio.sleep(0)
        began = time.monotonic()
        refusals = await asyncio.gather(*(stage.handle(UNKNOWN) for _ in range(count)))
        taken = time.monotonic() - began
        call.cancel()
        assert {refusal.status for refusal in refusals} == {403}
        return taken

    assert asyncio.run(refuse_beside_a_call(11)) >= 9 * INTERVAL
