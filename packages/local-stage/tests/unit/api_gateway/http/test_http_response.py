"""What an HTTP API makes of a function's result, and what it responds by itself."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.gateway_error import api_configuration_error
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.lambda_runtime.function_error import FunctionThrottledError, FunctionTimeoutError
from tests.http_api import ServedHttpApi, events

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
SERVER_ERROR = b'{"message":"Internal Server Error"}'


def respond(result: Any, payload_format: str = "2.0") -> HttpResponse:
    return ServedHttpApi({}, events("GET /hello", PayloadFormatVersion=payload_format), result).call()


@pytest.mark.parametrize(
    ("result", "status", "content_type", "body"),
    [
        ({"statusCode": 201, "body": "made"}, 201, TEXT, b"made"),
        ({"statusCode": "201"}, 201, TEXT, b""),
        ({"statusCode": 200, "unknown": 1, "multiValueHeaders": {"x": ["1"]}}, 200, TEXT, b""),
        ({"statusCode": 404, "body": "aGk=", "isBase64Encoded": True}, 404, TEXT, b"hi"),
        ({"statusCode": 200, "body": "aGk="}, 200, TEXT, b"aGk="),
        ({"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": "x"}, 200, "text/html", b"x"),
        ({}, 200, JSON, b"{}"),
        ({"headers": {"x": "1"}}, 200, JSON, b'{"headers": {"x": "1"}}'),
        ([1, 2], 200, JSON, b"[1, 2]"),
        ("a text", 200, JSON, b"a text"),
        ("", 200, JSON, b""),
        (None, 200, JSON, b"null"),
    ],
)
def test_the_response_is_inferred(result: Any, status: int, content_type: str, body: bytes) -> None:
    response = respond(result)
    assert (response.status, response.header("content-type"), response.body) == (status, content_type, body)


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "test"},
        {"statusCode": 99},
        {"statusCode": True},
        {"errorMessage": "an error, it seems"},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "headers": ["x"]},
        {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b"}},
        {"statusCode": 200, "headers": {"x y": "a"}},
        {"statusCode": 200, "body": "no base64", "isBase64Encoded": True},
        b"no JSON",
        b'{"statusCode": NaN}',
        FunctionTimeoutError("hello", "id", 3),
    ],
)
def test_what_is_no_response_is_an_internal_server_error(result: Any) -> None:
    response = respond(result)
    assert (response.status, response.body) == (500, SERVER_ERROR)
    assert response.header("content-type") == JSON


def test_cookies_come_before_the_headers_own_and_names_are_lower_case() -> None:
    result = {"statusCode": 200, "cookies": ["a=1", "b=2"], "headers": {"Set-Cookie": "c=3", "X-Flag": True}}
    assert respond(result).headers[4:-1] == [
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("set-cookie", "c=3"),
        ("x-flag", "true"),
    ]


def test_headers_stand_in_the_order_recorded() -> None:
    names = [name for name, _ in respond({"statusCode": 200, "headers": {"X-Own": "1"}}).headers]
    assert names == ["Date", "Content-Type", "Content-Length", "Connection", "x-own", "apigw-requestid"]


@pytest.mark.parametrize(
    "result", [{}, {"headers": {}}, "a text", {"statusCode": 200, "multiValueHeaders": {"x": 1}}]
)
def test_format_1_takes_nothing_without_a_status(result: Any) -> None:
    assert (response := respond(result, "1.0")).status == 500
    assert response.body == SERVER_ERROR


def test_format_1_takes_several_values_of_a_header() -> None:
    result = {
        "statusCode": "201",
        "unknown": 1,
        "multiValueHeaders": {"X-A": ["1", "2"]},
        "headers": {"y": "3"},
    }
    response = respond(result, "1.0")
    assert response.status == 201
    assert response.headers[4:-1] == [("y", "3"), ("x-a", "1"), ("x-a", "2")]


def test_a_function_that_takes_too_long_is_unavailable() -> None:
    api = ServedHttpApi({}, events("GET /hello", TimeoutInMillis=50), seconds=5)
    response = api.call()
    assert (response.status, response.body) == (503, b'{"message":"Service Unavailable"}')


def test_a_throttled_function_is_unavailable() -> None:
    assert respond(FunctionThrottledError("hello", 1)).status == 503


def test_an_unknown_route_is_not_found() -> None:
    response = ServedHttpApi({}, events("GET /hello")).call("GET /other")
    assert (response.status, response.body) == (404, b'{"message":"Not Found"}')
    names = [name for name, _ in response.headers]
    assert names == ["Date", "Content-Type", "Content-Length", "Connection", "apigw-requestid"]


@pytest.mark.parametrize("path", ["/hello", "/other/hello", "/prod", "prod/hello", "/Prod/hello"])
def test_another_stage_is_not_found(path: str) -> None:
    assert ServedHttpApi({"StageName": "prod"}, events("GET /hello")).call(f"GET {path}").status == 404


def test_a_throttled_route_says_so() -> None:
    api = ServedHttpApi(
        {"DefaultRouteSettings": {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 0.001}},
        events("GET /hello"),
    )
    assert [api.call().status for _ in range(2)] == [200, 429]
    assert api.recorded[-1].error is not None


@pytest.mark.rule("http.host")
def test_a_page_of_another_host_is_refused() -> None:
    response = ServedHttpApi({}, events("GET /hello")).call(headers=[("Host", "evil.example")])
    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')


def test_a_template_that_cannot_be_served_is_an_internal_server_error(api: ServedHttpApi) -> None:
    response = api.stage.refuse(HttpRequest("GET", "/hello"), api_configuration_error("why"))
    assert (response.status, response.body) == (500, SERVER_ERROR)
    assert response.header("x-amzn-ErrorType") is None


def test_head_gets_no_body(api: ServedHttpApi) -> None:
    response = api.call("HEAD /hello")
    assert (response.status, response.body, response.header("content-length")) == (404, b"", "23")


@pytest.fixture(scope="module")
def api() -> ServedHttpApi:
    return ServedHttpApi({}, events("GET /hello"))
