"""Each request has its own ids, time and trace, and every answer carries them."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from itertools import count

import pytest

from local_stage.api_gateway.exchange import (
    RequestContext,
    new_request_context,
    stamp,
)
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse, valid_unicode
from tests.gateway_request import RECORDED_AT, build_context, build_request
from tests.manual_clock import ManualClock

TRACE_ROOT = "1-5759e988-bd862e3fe1be46a994272793"


def build_random_context(request: HttpRequest) -> RequestContext:
    return new_request_context(
        request,
        account_id="1",
        api_id="a",
        stage="dev",
        deployment_id="d",
        domain_name="n",
        domain_prefix="p",
    )


def stamped(
    response: HttpResponse, context: RequestContext | None = None, trace: str | None = None
) -> HttpResponse:
    stamp(response, context or build_context(), ManualClock(RECORDED_AT), trace=trace)
    return response


def test_a_request_id_is_a_random_uuid() -> None:
    assert uuid.UUID(build_random_context(build_request()).request_id).version == 4


@pytest.mark.rule("gateway.client-request-id", "gateway.odd-client-request-id")
@pytest.mark.parametrize(
    ("sent", "is_taken"),
    [
        ("my-id", True),
        ("x" * 128, True),
        ("", False),
        ("two words", False),
        ("\u65e5", False),
        ("x" * 129, False),
    ],
)
def test_a_clients_request_id_is_taken_over(sent: str, *, is_taken: bool) -> None:
    context = build_context(build_request(headers=(("X-Amzn-RequestId", sent),)))
    assert (context.request_id == sent) is is_taken
    assert context.extended_request_id == "EBESExQVFhcYGRo="


def test_an_extended_request_id_is_fifteen_characters_of_base64_and_an_equal_sign() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{15}=", build_random_context(build_request()).extended_request_id)


def test_a_trace_id_is_the_request_second_and_twelve_random_octets() -> None:
    assert build_context().trace_id == "1-66704f8a-1b1c1d1e1f20212223242526"


@pytest.mark.rule("event.own-ids")
def test_no_two_requests_share_an_id() -> None:
    contexts = [build_random_context(build_request()) for _ in range(100)]
    ids = {
        identity
        for context in contexts
        for identity in (context.request_id, context.extended_request_id, context.trace_id)
    }
    assert len(ids) == 300


def test_ids_come_from_the_source_that_is_passed_in() -> None:
    assert build_context().request_id == "00010203-0405-4607-8809-0a0b0c0d0e0f"
    assert build_context().extended_request_id == "EBESExQVFhcYGRo="


@pytest.mark.rule("event.slashes-before-stage")
def test_slashes_before_the_stage_count_once() -> None:
    assert build_context(build_request(path="///dev//hello/")).path == "/dev//hello/"


def test_the_epoch_is_in_whole_milliseconds() -> None:
    assert build_context().time_epoch == 1_718_636_426_250


def test_the_time_is_in_the_common_log_format() -> None:
    assert build_context().request_time == "17/Jun/2024:15:00:26 +0000"


def test_the_months_have_their_english_names() -> None:
    months = [
        build_context(clock=ManualClock(datetime(2026, month, 1, tzinfo=UTC).timestamp())).request_time[3:6]
        for month in range(1, 13)
    ]
    assert months == ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@pytest.mark.parametrize(
    "sent",
    [
        f"Root={TRACE_ROOT}",
        f"Root={TRACE_ROOT};Sampled=1",
        f"Self=1-67891234-12456789abcdef012345678;Root={TRACE_ROOT}",
        f"Parent=0123456789abcdef; Root={TRACE_ROOT}",
    ],
)
def test_a_well_formed_trace_root_of_the_client_is_taken_over(sent: str) -> None:
    assert build_context(build_request(headers=(("x-amzn-trace-id", sent),))).trace_id == TRACE_ROOT


@pytest.mark.parametrize(
    "sent", ["", "Root=", "Root=1-x", f"Root={TRACE_ROOT}0", f"Root={TRACE_ROOT.upper()}", "\r\nX: y"]
)
def test_any_other_trace_id_of_the_client_is_replaced(sent: str) -> None:
    context = build_context(build_request(headers=(("X-Amzn-Trace-Id", sent),)))
    assert context.trace_id == build_context().trace_id


@pytest.mark.parametrize("parent", ["", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef0"])
def test_a_parent_that_is_none_is_not_taken_over(parent: str) -> None:
    sent = f"Root={TRACE_ROOT};Parent={parent};Sampled=2"
    context = build_context(build_request(headers=(("X-Amzn-Trace-Id", sent),)))
    assert (context.trace_parent, context.trace_sampled) == (None, None)


def test_a_functions_trace_names_root_parent_sampling_and_lineage() -> None:
    trace = build_context().invocation_trace_header("arn:aws:lambda:ap-northeast-1:1:function:hello")
    assert re.fullmatch(
        r"Root=1-66704f8a-1b1c1d1e1f20212223242526;Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0",
        trace,
    )


def test_a_functions_lineage_is_the_same_in_every_invocation() -> None:
    traces = [build_random_context(build_request()).invocation_trace_header("arn:f") for _ in range(2)]
    assert traces[0].partition("Lineage=")[2] == traces[1].partition("Lineage=")[2]


def test_two_invocations_have_two_parents() -> None:
    traces = [build_random_context(build_request()).invocation_trace_header("arn:f") for _ in range(2)]
    assert traces[0].split(";")[1] != traces[1].split(";")[1]


def test_the_user_agent_is_none_without_the_header() -> None:
    assert build_context().user_agent is None


def test_octets_of_the_user_agent_that_are_no_utf_8_are_replaced() -> None:
    assert build_context(build_request(headers=(("User-Agent", "curl\udcff"),))).user_agent == "curl\ufffd"


@pytest.mark.parametrize("text", ["", "plain", "héllo", "日本"])
def test_valid_unicode_stays(text: str) -> None:
    assert valid_unicode(text) == text


def test_an_answer_carries_its_common_headers_in_the_recorded_order_and_casing() -> None:
    response = HttpResponse(
        401, [("Content-Type", "application/json"), ("x-amzn-ErrorType", "UnauthorizedException")], b"x" * 26
    )
    assert stamped(response).headers == [
        ("Date", "Mon, 17 Jun 2024 15:00:26 GMT"),
        ("Content-Type", "application/json"),
        ("Content-Length", "26"),
        ("Connection", "keep-alive"),
        ("x-amzn-RequestId", "00010203-0405-4607-8809-0a0b0c0d0e0f"),
        ("x-amzn-ErrorType", "UnauthorizedException"),
        ("x-amz-apigw-id", "EBESExQVFhcYGRo="),
    ]


def test_an_answers_own_headers_stand_between_its_request_id_and_its_extended_id() -> None:
    names = [name for name, _ in stamped(HttpResponse(200, [("X-A", "1"), ("X-A", "2")])).headers]
    assert names[-4:] == ["x-amzn-RequestId", "X-A", "X-A", "x-amz-apigw-id"]


def test_a_trace_comes_last_where_one_is_given() -> None:
    assert stamped(HttpResponse(200), trace="Root=1").headers[-1] == ("X-Amzn-Trace-Id", "Root=1")


def test_there_is_no_trace_where_none_is_given() -> None:
    assert stamped(HttpResponse(200)).header("X-Amzn-Trace-Id") is None


@pytest.mark.parametrize(
    "name", ["date", "Content-Length", "CONNECTION", "x-amzn-requestid", "X-Amz-Apigw-Id"]
)
def test_no_answer_has_a_common_header_twice(name: str) -> None:
    response = stamped(HttpResponse(200, [(name, "forged")]))
    assert [value for header, value in response.headers if header.lower() == name.lower()] != ["forged"]
    assert "forged" not in (value for _, value in response.headers)


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_content_has_neither_body_nor_length(status: int) -> None:
    response = stamped(HttpResponse(status, [], b"ignored"))
    assert (response.body, response.header("Content-Length")) == (b"", None)


def test_an_empty_answer_has_the_length_zero() -> None:
    assert stamped(HttpResponse(200)).header("Content-Length") == "0"


def test_an_answer_to_head_keeps_the_length_of_the_body_that_it_does_not_send() -> None:
    response = stamped(HttpResponse(200, [], b"12345"), build_context(build_request("HEAD")))
    assert (response.body, response.header("Content-Length")) == (b"", "5")


def test_the_weekdays_have_their_english_names() -> None:
    dates = []
    for day in range(7):
        response = HttpResponse(200)
        stamp(response, build_context(), ManualClock(RECORDED_AT + day * 86_400))
        dates.append((response.header("Date") or "")[:3])
    assert dates == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def test_the_date_follows_the_clock() -> None:
    seconds = count(int(RECORDED_AT))
    dates = set()
    for _ in range(3):
        response = HttpResponse(200)
        stamp(response, build_context(), lambda: float(next(seconds)))
        dates.add(response.header("Date"))
    assert len(dates) == 3
