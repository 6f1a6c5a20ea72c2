"""What the client gets where its function gave no answer."""

from __future__ import annotations

import re

import pytest

from local_stage.api_gateway.http_message import HttpResponse
from local_stage.lambda_runtime.function_error import (
    EventTooLargeError,
    FunctionCrashError,
    FunctionError,
    FunctionThrottledError,
    FunctionTimeoutError,
)
from tests.gateway_request import build_request
from tests.unit.api_gateway.served_stage import GREETING, ServedStage

INTERNAL_ERROR = b'{"message": "Internal server error"}'
NAME = "hello"


def answer_to(error: FunctionError) -> HttpResponse:
    return ServedStage(error).answer()


@pytest.mark.parametrize(
    "error", [FunctionCrashError(NAME, "r", 1), FunctionTimeoutError(NAME, "r", 3)], ids=["crash", "timeout"]
)
def test_a_function_that_fails_is_a_bad_gateway(error: FunctionError) -> None:
    answer = answer_to(error)
    assert (answer.status, answer.body) == (502, INTERNAL_ERROR)


@pytest.mark.rule("refusal.trace-id", "refusal.trace-id-of-a-mock")
@pytest.mark.parametrize(
    ("error", "path"),
    [
        (FunctionCrashError(NAME, "r", 1), "/dev/hello"),
        (None, "/dev/nowhere"),
        (FunctionThrottledError(NAME, 0), "/dev/hello"),
    ],
)
def test_what_the_gateway_answers_itself_has_a_trace_where_the_stage_is_traced(
    error: FunctionError | None, path: str
) -> None:
    traces = [
        ServedStage(error or GREETING, is_traced=is_traced)
        .answer(build_request(path=path))
        .header("X-Amzn-Trace-Id")
        for is_traced in (True, False)
    ]
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", traces[0] or "")
    assert traces[1] is None


def test_an_unknown_stage_traces_nothing() -> None:
    answer = ServedStage(is_traced=True).answer(build_request(path="/prod/hello"))
    assert (answer.status, answer.header("X-Amzn-Trace-Id")) == (403, None)


@pytest.mark.rule("response.trace-id")
def test_a_function_sees_the_trace_that_the_client_gets() -> None:
    stage = ServedStage()
    assert stage.answer().header("X-Amzn-Trace-Id") == stage.function.trace_headers[0]


@pytest.mark.rule("response.trace-id")
def test_a_traced_stage_samples_its_invocations() -> None:
    trace = ServedStage(is_traced=True).answer().header("X-Amzn-Trace-Id")
    assert re.fullmatch(
        r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1;Lineage=1:[0-9a-f]{8}:0", trace or ""
    )


@pytest.mark.rule("response.client-trace-id")
@pytest.mark.parametrize("sampled", ["0", "1"])
def test_the_clients_whole_trace_stays_in_the_answer(sampled: str) -> None:
    sent = f"Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled={sampled}"
    answer = ServedStage().answer(build_request(headers=(("X-Amzn-Trace-Id", sent),)))
    assert (answer.header("X-Amzn-Trace-Id") or "").startswith(f"{sent};Lineage=")


@pytest.mark.rule("response.client-trace-id")
def test_a_clients_root_without_parent_gets_one() -> None:
    sent = "Root=1-3152b799-8954dae64eda91bc9a23a7e8"
    request = build_request(headers=(("X-Amzn-Trace-Id", sent),))
    traces = {ServedStage().answer(request).header("X-Amzn-Trace-Id") or "" for _ in range(2)}
    assert len(traces) == 2
    assert all(trace.startswith(f"{sent};Parent=") for trace in traces)


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
def test_a_function_that_may_not_be_invoked_is_an_internal_error() -> None:
    answer = answer_to(FunctionThrottledError(NAME, 0))
    assert (answer.status, answer.body) == (500, INTERNAL_ERROR)
