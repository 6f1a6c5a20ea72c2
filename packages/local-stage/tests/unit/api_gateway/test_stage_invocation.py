"""What the client gets where its function gave no answer."""

from __future__ import annotations

import pytest

from local_stage.api_gateway.http_message import HttpResponse
from local_stage.lambda_runtime.function_error import (
    EventTooLargeError,
    FunctionCrashError,
    FunctionError,
    FunctionThrottledError,
    FunctionTimeoutError,
)
from tests.unit.api_gateway.served_stage import ServedStage

INTERNAL_ERROR = b'{"message": "Internal server error"}'
NAME = "hello"


def answer_to(error: FunctionError) -> HttpResponse:
    return ServedStage(error).answer()


@pytest.mark.parametrize(
    "error", [FunctionCrashError(NAME, "r", 1), FunctionTimeoutError(NAME, "r", 3)], ids=["crash", "timeout"]
)
def test_a_function_that_fails_is_a_bad_gateway_with_a_trace(error: FunctionError) -> None:
    answer = answer_to(error)
    assert (answer.status, answer.body) == (502, INTERNAL_ERROR)
    assert answer.header("X-Amzn-Trace-Id")


def test_an_event_that_lambda_does_not_take_is_a_request_that_is_too_long() -> None:
    answer = answer_to(EventTooLargeError(NAME, 7_000_000, 6_291_556))
    assert (answer.status, answer.body) == (413, b'{"message": "Request Too Long"}')
    assert answer.header("x-amzn-ErrorType") == "BadRequestException"


def test_a_function_that_takes_longer_than_its_integration_is_a_gateway_timeout() -> None:
    answer = ServedStage(duration=60.0, timeout=0.01).answer()
    assert (answer.status, answer.body) == (504, b'{"message": "Endpoint request timed out"}')


def test_a_function_that_is_debugged_takes_the_time_it_needs() -> None:
    answer = ServedStage(duration=0.05, timeout=0.01, limits_integrations=False).answer()
    assert (answer.status, answer.body) == (200, b"hello")


@pytest.mark.rule("gateway.function-not-invokable")
def test_a_function_that_may_not_be_invoked_is_an_internal_error_without_a_trace() -> None:
    answer = answer_to(FunctionThrottledError(NAME, 0))
    assert (answer.status, answer.body) == (500, INTERNAL_ERROR)
    assert answer.header("X-Amzn-Trace-Id") is None
