"""Which headers of a function's answer go on, under which name, with which values."""

from __future__ import annotations

import json

import pytest

from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.integrations.proxy_response import read_proxy_response
from local_stage.api_gateway.rest.gateway_response import GatewayError

JSON = ("Content-Type", "application/json")


def read(result: object) -> HttpResponse:
    return read_proxy_response(json.dumps(result).encode(), accept=None, binary_media_types=())


def refusal_of(result: object) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        read(result)
    return caught.value


def test_headers_go_on_in_their_own_casing() -> None:
    headers = {"X-A": "1", "x-b": "2", "access-control-allow-origin": "*"}
    assert read({"headers": headers}).headers == [JSON, *headers.items()]


@pytest.mark.parametrize(
    ("value", "sent"),
    [(True, "true"), (False, "false"), (5, "5"), (-1, "-1"), (1.5, "1.5"), ("", ""), (" a\t", "a")],
)
def test_a_header_value_that_is_no_string_is_sent_as_json_writes_it(value: object, sent: str) -> None:
    assert read({"headers": {"X-A": value}}).header("X-A") == sent
    assert read({"multiValueHeaders": {"X-A": [value]}}).header("X-A") == sent


def test_a_header_whose_value_is_null_is_left_out() -> None:
    assert read({"headers": {"X-A": None}}).headers == [JSON]
    assert read({"multiValueHeaders": {"X-A": [None]}}).headers == [JSON]


@pytest.mark.parametrize("value", [[], ["a"], {}, {"a": 1}])
def test_a_header_value_that_is_a_list_or_an_object_is_502(value: object) -> None:
    assert refusal_of({"headers": {"X-A": value}}).status == 502
    assert refusal_of({"multiValueHeaders": {"X-A": [value]}}).status == 502


@pytest.mark.parametrize("headers", ["X-A: 1", 1, True, [], [["X-A", "1"]]])
def test_headers_that_are_no_object_are_502(headers: object) -> None:
    assert refusal_of({"headers": headers}).status == 502
    assert refusal_of({"multiValueHeaders": headers}).status == 502


@pytest.mark.parametrize("values", ["value1", 1, True, None, {}])
def test_multi_values_that_are_no_list_are_502(values: object) -> None:
    assert refusal_of({"multiValueHeaders": {"X-A": values}}).status == 502


def test_multi_values_are_sent_one_by_one_in_order() -> None:
    cookies = ["a=1; HttpOnly", "b=2", "a=1; HttpOnly"]
    response = read({"multiValueHeaders": {"Set-Cookie": cookies}})
    assert response.headers == [JSON, *(("Set-Cookie", cookie) for cookie in cookies)]


def test_a_name_in_both_maps_has_the_multi_values_and_then_the_single_one() -> None:
    response = read({"headers": {"X-A": "solo"}, "multiValueHeaders": {"X-A": ["multi-1", "multi-2"]}})
    assert response.headers == [JSON, ("X-A", "multi-1"), ("X-A", "multi-2"), ("X-A", "solo")]


def test_a_single_value_that_is_among_the_multi_values_is_not_repeated() -> None:
    response = read({"headers": {"X-A": "2"}, "multiValueHeaders": {"X-A": ["1", "2", "3"]}})
    assert [value for name, value in response.headers if name == "X-A"] == ["1", "2", "3"]


def test_names_of_the_two_maps_match_without_regard_to_case() -> None:
    response = read({"headers": {"x-a": "solo"}, "multiValueHeaders": {"X-A": ["multi"]}})
    assert response.headers == [JSON, ("X-A", "multi"), ("X-A", "solo")]


def test_a_null_in_one_map_leaves_the_other() -> None:
    assert read({"headers": {"X-A": "1"}, "multiValueHeaders": None}).header("X-A") == "1"
    assert read({"headers": None, "multiValueHeaders": {"X-A": ["1"]}}).header("X-A") == "1"


@pytest.mark.parametrize("name", ["Content-Type", "content-type"])
def test_the_functions_content_type_replaces_the_default(name: str) -> None:
    assert read({"headers": {name: "text/html"}}).headers == [(name, "text/html")]


def test_of_several_content_types_the_last_counts() -> None:
    response = read({"multiValueHeaders": {"Content-Type": ["text/html", "text/plain"]}})
    assert response.headers == [("Content-Type", "text/plain")]


def test_a_content_type_that_is_null_leaves_the_default() -> None:
    assert read({"headers": {"Content-Type": None}}).headers == [JSON]


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_content_has_no_default_content_type(status: int) -> None:
    assert read({"statusCode": status}).headers == []


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Connection",
        "Content-Length",
        "Content-MD5",
        "Date",
        "Expect",
        "Host",
        "Max-Forwards",
        "Proxy-Authenticate",
        "Server",
        "Trailer",
        "Upgrade",
        "User-Agent",
        "WWW-Authenticate",
        "www-authenticate",
        "x-amzn-RequestId",
        "x-amz-apigw-id",
        "X-Amzn-Trace-Id",
    ],
)
def test_a_header_of_the_gateways_own_goes_on_under_a_remapped_name(name: str) -> None:
    assert read({"headers": {name: "1"}}).headers == [JSON, (f"x-amzn-Remapped-{name}", "1")]


@pytest.mark.parametrize("name", ["Transfer-Encoding", "transfer-encoding"])
def test_transfer_encoding_is_dropped(name: str) -> None:
    assert read({"headers": {name: "chunked"}}).headers == [JSON]


@pytest.mark.parametrize(
    "name", ["x-amzn-ErrorType", "Location", "Content-Encoding", "ETag", "Via", "Cache-Control"]
)
def test_other_headers_keep_their_name(name: str) -> None:
    assert read({"headers": {name: "1"}}).header(name) == "1"


@pytest.mark.parametrize(
    "value", ["a\r\nSet-Cookie: x", "a\nb", "a\rb", "a\0b", "a\x7f", "caf\u00e9", "日本", "\ud800"]
)
def test_a_header_value_that_no_header_can_carry_is_502(value: str) -> None:
    assert refusal_of({"headers": {"X-A": value}}).status == 502
    assert refusal_of({"multiValueHeaders": {"X-A": ["ok", value]}}).status == 502


@pytest.mark.parametrize(
    "name", ["", " ", "X A", "X-A:", "X\r\nSet-Cookie", "X-日本", "X-\u00e9", "(a)", "a\0"]
)
def test_a_header_name_that_is_no_token_is_502(name: str) -> None:
    assert refusal_of({"headers": {name: "1"}}).status == 502
    assert refusal_of({"multiValueHeaders": {name: ["1"]}}).status == 502
