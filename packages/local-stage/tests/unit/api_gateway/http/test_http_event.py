"""The event of an HTTP API, in payload format 2.0 and 1.0."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http_api import ServedHttpApi, events

ROUTES = events("ANY /{proxy+}", "GET /pets/{id}", "$default")


@pytest.fixture(scope="module")
def api() -> ServedHttpApi:
    return ServedHttpApi({"StageVariables": {"color": "blue"}}, ROUTES)


def test_format_2_has_its_keys_in_the_order_captured_on_aws(api: ServedHttpApi) -> None:
    event = api.event_of("POST /pets/7?a=1", headers=[("Cookie", "x=1")], body=b"hello")
    assert [*event] == [
        "version", "routeKey", "rawPath", "rawQueryString", "cookies", "headers", "queryStringParameters",
        "requestContext", "body", "pathParameters", "isBase64Encoded", "stageVariables",
    ]  # fmt: skip
    assert [*event["requestContext"]] == sorted(event["requestContext"])


def test_what_a_request_has_not_is_left_out() -> None:
    event = ServedHttpApi({}, events("GET /hello")).event_of()
    assert [*event] == [
        "version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext", "isBase64Encoded",
    ]  # fmt: skip
    assert event["rawQueryString"] == ""
    assert "authorizer" not in event["requestContext"]


def test_names_of_headers_are_lower_case_sorted_and_joined(api: ServedHttpApi) -> None:
    headers = api.event_of("GET /x", headers=[("X-Two", "first"), ("Accept", "*/*"), ("x-two", "second")])[
        "headers"
    ]
    assert headers["x-two"] == "first,second"
    assert [*headers] == sorted(headers)
    assert headers["x-forwarded-for"] == "203.0.113.7"
    assert headers["content-length"] == "0"


def test_cookies_are_a_list_and_no_header(api: ServedHttpApi) -> None:
    event = api.event_of("GET /x", headers=[("Cookie", "a=1; b=2"), ("cookie", "c=3")])
    assert event["cookies"] == ["a=1", "b=2,c=3"]
    assert "cookie" not in event["headers"]


@pytest.mark.parametrize(
    ("sent", "raw", "decoded"),
    [
        ("a+b=c+d", "a+b=c+d", {"a b": "c d"}),
        ("a=1&a=2&b=%2B", "a=1&a=2&b=%2B", {"a": "1,2", "b": "+"}),
        ("empty=", "empty=", {"empty": ""}),
    ],
)
def test_the_query_is_there_as_sent_and_decoded(
    api: ServedHttpApi, sent: str, raw: str, decoded: dict[str, str]
) -> None:
    event = api.event_of(f"GET /x?{sent}")
    assert (event["rawQueryString"], event["queryStringParameters"]) == (raw, decoded)


@pytest.mark.rule("http.odd-query")
@pytest.mark.parametrize("sent", ["a={b|c}", 'a="<b>"', "a=100%"])
def test_a_query_that_a_rest_api_refuses_reaches_the_function(api: ServedHttpApi, sent: str) -> None:
    event = api.event_of(f"GET /x?{sent}")
    assert (event["rawQueryString"], event["queryStringParameters"]) == (sent, {"a": sent[2:]})


def test_the_path_is_decoded(api: ServedHttpApi) -> None:
    event = api.event_of("GET /%40id%2Fx%23y")
    assert event["rawPath"] == "/@id/x#y" == event["requestContext"]["http"]["path"]
    assert event["pathParameters"] == {"proxy": "@id/x#y"}
    assert event["routeKey"] == "ANY /{proxy+}" == event["requestContext"]["routeKey"]


def test_a_decoded_question_mark_ends_the_path(api: ServedHttpApi) -> None:
    assert api.event_of("GET /a%3Fb")["rawPath"] == "/a"


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/csv", ("hi", False)),
        ("application/json; charset=utf-8", ("hi", False)),
        ("application/xml", ("hi", False)),
        ("application/javascript", ("hi", False)),
        ("application/x-www-form-urlencoded", ("aGk=", True)),
        ("application/problem+json", ("aGk=", True)),
        (None, ("aGk=", True)),
    ],
)
def test_only_text_comes_as_text(
    api: ServedHttpApi, content_type: str | None, expected: tuple[str, bool]
) -> None:
    headers = [("Content-Type", content_type)] if content_type else []
    event = api.event_of("POST /x", headers=headers, body=b"hi")
    assert (event["body"], event["isBase64Encoded"]) == expected


def test_a_request_has_one_id_and_the_response_names_it(api: ServedHttpApi) -> None:
    response = api.call("GET /x")
    request_id = api.function.events[-1]["requestContext"]["requestId"]
    assert request_id.endswith("=")
    assert response.header("apigw-requestid") == request_id


@pytest.mark.rule("http.stage-in-path")
def test_a_named_stage_stays_in_the_path() -> None:
    event = ServedHttpApi({"StageName": "prod"}, events("GET /hello")).event_of("GET /prod/hello")
    assert event["rawPath"] == "/prod/hello"
    assert event["routeKey"] == "GET /hello"
    assert event["requestContext"]["stage"] == "prod"


def event_1(line: str, **request: Any) -> dict[str, Any]:
    api = ServedHttpApi({}, events("ANY /x/{id}", PayloadFormatVersion="1.0"), {"statusCode": 200})
    return api.event_of(line, **request)


def test_format_1_has_null_for_what_is_not_there() -> None:
    event = event_1("GET /x/1")
    assert event["version"] == "1.0"
    for name in ("queryStringParameters", "multiValueQueryStringParameters", "stageVariables", "body"):
        assert event[name] is None
    assert event["requestContext"]["resourceId"] == "ANY /x/{id}"
    assert event["requestContext"]["requestId"] == event["requestContext"]["extendedRequestId"]
    assert "authorizer" not in event["requestContext"]


def test_format_1_has_several_values_of_headers_and_query() -> None:
    event = event_1("GET /x/1?a=1&a=2", headers=[("accept", "a"), ("user-agent", "me"), ("accept", "b")])
    assert event["queryStringParameters"] == {"a": "2"}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["multiValueHeaders"]["accept"] == ["a", "b"]
    assert event["headers"]["User-Agent"] == "me"
