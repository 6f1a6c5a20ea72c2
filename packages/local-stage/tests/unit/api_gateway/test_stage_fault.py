"""A fault of the stage's own shuts the door with API Gateway's 500, and the client is told nothing of it."""

from __future__ import annotations

import asyncio

import pytest

from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.rest.gateway_response import GatewayResponse, GatewayResponseType
from tests.gateway_request import build_request
from tests.unit.api_gateway.served_stage import ServedStage

SERVER_ERROR = b'{"message": "Internal server error"}'
FAULT = LookupError("a secret of the stage")


def test_the_client_gets_internal_server_error() -> None:
    response = ServedStage(FAULT).answer()
    assert (response.status, response.body) == (500, SERVER_ERROR)
    assert response.header("x-amzn-ErrorType") == "InternalServerErrorException"
    assert response.header("x-amzn-RequestId")


def test_the_record_holds_the_fault() -> None:
    stage = ServedStage(FAULT)
    stage.answer()
    (answered,) = stage.recorded
    assert answered.fault is FAULT
    assert answered.error is not None
    assert answered.error.reason == "a fault of the local stage itself: LookupError"


def test_an_answer_without_a_fault_records_none() -> None:
    stage = ServedStage()
    stage.answer()
    stage.answer(build_request(path="/dev/nowhere"))
    assert [answered.fault for answered in stage.recorded] == [None, None]


def test_the_next_request_is_answered_again() -> None:
    stage = ServedStage(FAULT)
    assert stage.answer().status == 500
    assert stage.answer(build_request(path="/other/hello")).status == 403


def test_a_fault_in_a_customised_gateway_response_is_answered_too() -> None:
    """What customises the answer may be what is at fault, so nothing customises this one."""
    broken = GatewayResponse(headers={"X-Broken": None})  # type: ignore[dict-item]  # the fault
    stage = ServedStage(gateway_responses={GatewayResponseType.DEFAULT_4XX: broken})
    response = stage.answer(build_request(path="/dev/nowhere"))
    assert (response.status, response.body) == (500, SERVER_ERROR)


def test_an_answer_that_cannot_be_recorded_is_given_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    def fail(answered: Exchange) -> None:
        raise OSError(28, f"no space for {answered.request.path}")

    assert ServedStage(record=fail).answer().status == 200
    assert "no space for /dev/hello" in caplog.text


def test_cancellation_goes_through() -> None:
    """A client that has gone away, or the end of the stage, is no fault."""
    stage = ServedStage(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        stage.answer()
    assert stage.recorded == []
