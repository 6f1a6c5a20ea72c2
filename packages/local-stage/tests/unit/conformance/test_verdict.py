"""An answer counts as AWS's only where status, body and every header are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from conformance.case import Headers
from conformance.event import ABSENT, Keys, Output, ResponseHeader
from conformance.responses import echoed, responded, unauthorized
from conformance.verdict import Verdict, judge
from conformance.wire import Received

REQUEST_ID = "7f3c0b52-5c1f-4f0e-9d2a-0e8f5a1b2c3d"
HEADERS: Headers = (
    ("Date", "Tue, 18 Jun 2024 15:00:04 GMT"),
    ("Content-Type", "application/json"),
    ("Content-Length", "26"),
    ("Connection", "keep-alive"),
    ("x-amzn-RequestId", REQUEST_ID),
    ("x-amzn-ErrorType", "UnauthorizedException"),
    ("x-amz-apigw-id", "ZkXsGFXLoAMEr6g="),
)
BODY = b'{"message":"Unauthorized"}'
INVOKED: Headers = (
    *(header for header in HEADERS if header[0] != "x-amzn-ErrorType"),
    (
        "X-Amzn-Trace-Id",
        "Root=1-667050e4-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0;Lineage=1:01234567:0",
    ),
)


def judge_refusal(status: int = 401, headers: Headers = HEADERS, body: bytes = BODY) -> Verdict:
    return judge(unauthorized(in_order=True), Received(status, headers, body), {})


def test_the_recorded_answer_is_right() -> None:
    assert judge_refusal().right


def test_another_status_is_wrong() -> None:
    assert judge_refusal(status=403) == Verdict(status=("status 403 instead of 401",))


def test_a_blank_in_the_body_is_wrong() -> None:
    assert judge_refusal(body=b'{"message": "Unauthorized"}').body


@pytest.mark.parametrize(
    "headers",
    [
        HEADERS[:-1],
        (*HEADERS, ("WWW-Authenticate", "Bearer")),
        (*HEADERS, HEADERS[0]),
        tuple((name.lower(), value) for name, value in HEADERS),
        tuple((name, value.lower()) for name, value in HEADERS),
        HEADERS[::-1],
    ],
    ids=["missing", "too many", "twice", "name in other case", "value in other case", "other order"],
)
def test_other_headers_are_wrong(headers: Headers) -> None:
    verdict = judge_refusal(headers=headers)
    assert verdict.headers
    assert (verdict.status, verdict.body) == ((), ())


def test_the_order_counts_only_where_it_is_recorded() -> None:
    assert judge(unauthorized(), Received(401, HEADERS[::-1], BODY), {}).right


def test_repeated_headers_are_counted() -> None:
    response = responded(200, b"", ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    headers = (*INVOKED, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    assert judge(response, Received(200, headers, b""), {}).right
    assert judge(response, Received(200, headers[:-1], b""), {}).headers == ("no Set-Cookie",)
    assert judge(response, Received(200, (*headers, headers[-1]), b""), {}).headers == (
        "Set-Cookie: b=2 too much",
    )


def judge_event(event: Any, places: Mapping[str, Any]) -> Verdict:
    body = json.dumps(event).encode()
    return judge(echoed(places), Received(200, INVOKED, body), {"ApiId": "a1b2c3d4e5"})


@pytest.mark.parametrize(
    ("event", "places"),
    [
        ({"path": "/open"}, {"/path": "/open"}),
        ({"body": None}, {"/body": None}),
        ({"a": 1, "b": 2}, {"": Keys(("a", "b"))}),
        ({"headers": {}}, {"/headers/TE": ABSENT}),
        ({"requestId": REQUEST_ID}, {"/requestId": ResponseHeader("x-amzn-RequestId")}),
        ({"apiId": "a1b2c3d4e5"}, {"/apiId": Output("ApiId")}),
        ({"a/b~": "c"}, {"/a~1b~0": "c"}),
        ({"epoch": 1718722804000}, {"/epoch": int}),
    ],
)
def test_a_place_of_the_event_is_right(event: Any, places: Mapping[str, Any]) -> None:
    assert judge_event(event, places).right


@pytest.mark.parametrize(
    ("event", "places"),
    [
        ({"path": "/open/"}, {"/path": "/open"}),
        ({}, {"/body": None}),
        ({"body": ""}, {"/body": None}),
        ({"b": 2, "a": 1}, {"": Keys(("a", "b"))}),
        ({"headers": {"TE": "x"}}, {"/headers/TE": ABSENT}),
        ({"requestId": "other"}, {"/requestId": ResponseHeader("x-amzn-RequestId")}),
        ({"apiId": "other"}, {"/apiId": Output("ApiId")}),
        ({"flag": 0}, {"/flag": False}),
        ({"epoch": "1718722804000"}, {"/epoch": int}),
        ("no event", {"/path": "/open"}),
    ],
)
def test_a_place_of_the_event_is_wrong(event: Any, places: Mapping[str, Any]) -> None:
    verdict = judge_event(event, places)
    assert verdict.body
    assert verdict.headers == ()


def test_what_is_no_json_is_no_event() -> None:
    assert judge(echoed({"/path": "/"}), Received(200, INVOKED, b"<html>"), {}).body
