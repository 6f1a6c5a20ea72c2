"""What a function may answer, what the client gets of it, and what is refused with 502 or 500."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.integrations.proxy_response import read_proxy_response
from local_stage.api_gateway.rest.gateway_response import GatewayError, GatewayResponseType

JSON = ("Content-Type", "application/json")
KEYS = ("statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded")

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


def read(result: object) -> HttpResponse:
    return read_payload(json.dumps(result).encode())


def read_payload(
    payload: bytes, accept: str | None = None, binary_media_types: tuple[str, ...] = ()
) -> HttpResponse:
    return read_proxy_response(payload, accept=accept, binary_media_types=binary_media_types)


def refusal(
    payload: bytes, accept: str | None = None, binary_media_types: tuple[str, ...] = ()
) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        read_payload(payload, accept, binary_media_types)
    return caught.value


def refusal_of(result: object) -> GatewayError:
    return refusal(json.dumps(result).encode())


def test_a_status_alone_is_an_empty_json_answer() -> None:
    assert read({"statusCode": 200}) == HttpResponse(200, [JSON], b"")


@pytest.mark.parametrize(
    ("status", "expected"), [(201, 201), ("201", 201), (200, 200), (599, 599), (404, 404)]
)
def test_a_status_is_an_integer_or_a_numeral(status: object, expected: int) -> None:
    assert read({"statusCode": status}).status == expected


@pytest.mark.parametrize(
    "result",
    [{}, {"headers": {"X-A": "1"}}, {"headers": None}, {"statusCode": None}, {"body": "x"}, {"body": None}],
)
def test_without_a_status_the_answer_is_200(result: object) -> None:
    assert read(result).status == 200


@pytest.mark.parametrize(
    "status",
    [
        "test",
        "",
        " 200",
        "200 ",
        "+200",
        "200.0",
        "2e2",
        "\uff12\uff10\uff10",
        "0200",
        200.0,
        200.5,
        True,
        False,
        0,
        -200,
        99,
        100,
        101,
        199,
        600,
        999,
        1000,
        10**30,
        [],
        [200],
        {},
        {"a": 1},
    ],
)
def test_any_other_status_is_502(status: object) -> None:
    error = refusal_of({"statusCode": status})
    assert (error.status, error.message) == (502, "Internal server error")
    assert "statusCode" in error.reason


@pytest.mark.parametrize(
    "result",
    [
        "justAString",
        "",
        None,
        [],
        [{"statusCode": 200}],
        1,
        1.5,
        True,
        {"statusCode": 200, "wrongValue": "value"},
        {"statusCode": 200, "cookies": ["a=1"]},
        {"statuscode": 200},
        {"message": "hello"},
        {"errorMessage": "boom"},
        {"statusCode": 200, "": ""},
    ],
)
def test_what_is_no_proxy_response_is_502(result: object) -> None:
    error = refusal_of(result)
    assert (error.status, error.error_type) == (502, "InternalServerErrorException")
    assert error.response_type is GatewayResponseType.INTEGRATION_FAILURE


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"null",
        b"\xff",
        b'{"body": "\xff"}',
        b'{"statusCode": NaN}',
        b'{"headers": {"X-A": Infinity}}',
        b"[" * 100_000,
        b'{"statusCode": ' + b"1" * 5000 + b"}",
        '{"statusCode": 200}'.encode("utf-16"),
        b'\xef\xbb\xbf{"statusCode": 200}',
        b'{"statusCode": 200} {}',
    ],
)
def test_what_is_no_json_object_is_502(payload: bytes) -> None:
    assert refusal(payload).status == 502


def test_the_reason_names_the_unknown_key_and_the_known_ones() -> None:
    reason = refusal_of({"statusCode": 200, "cookies": []}).reason
    assert "'cookies'" in reason
    assert all(key in reason for key in KEYS)


def test_the_client_does_not_learn_the_reason() -> None:
    assert refusal_of({"secret": 1}).default_body == '{"message": "Internal server error"}'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("text", b"text"),
        ("", b""),
        (None, b""),
        ("日本", "日本".encode()),
        ('{"a":1}', b'{"a":1}'),
        ("\ud800", b"?"),
    ],
)
def test_a_body_is_a_string_or_null(body: str | None, expected: bytes) -> None:
    assert read({"statusCode": 200, "body": body}).body == expected


@pytest.mark.parametrize(("body", "sent"), [(1, b"1"), (1.5, b"1.5"), (True, b"true"), (False, b"false")])
def test_a_number_or_boolean_is_a_body(body: object, sent: bytes) -> None:
    assert read({"statusCode": 200, "body": body}).body == sent


@pytest.mark.parametrize("body", [[], ["a"], {}, {"a": 1}])
def test_any_other_body_is_502(body: object) -> None:
    error = refusal_of({"statusCode": 200, "body": body})
    assert error.status == 502
    assert "body" in error.reason


def assert_is_answer_or_refusal(
    payload: bytes, accept: str | None = None, binary_media_types: tuple[str, ...] = ()
) -> None:
    try:
        response = read_payload(payload, accept, binary_media_types)
    except GatewayError as error:
        status = error.status
    else:
        assert_is_sendable(response)
        return
    assert status in {500, 502}


def assert_is_sendable(response: HttpResponse) -> None:
    assert 200 <= response.status <= 599
    assert isinstance(response.body, bytes)
    for name, value in response.headers:
        assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)
        assert re.fullmatch(r"[\t\x20-\x7e]*", value)


@given(st.binary(), st.none() | st.text(), st.lists(st.text()))
def test_any_payload_is_an_answer_or_a_refusal(
    payload: bytes, accept: str | None, binary_media_types: list[str]
) -> None:
    assert_is_answer_or_refusal(payload, accept, tuple(binary_media_types))


@given(st.dictionaries(st.sampled_from(KEYS), JSON_VALUES) | JSON_VALUES)
def test_any_result_is_an_answer_or_a_refusal(result: object) -> None:
    assert_is_answer_or_refusal(json.dumps(result).encode(), "image/png", ("*/*",))


@given(
    st.dictionaries(st.text(), st.text()),
    st.dictionaries(st.text(), st.lists(st.text() | st.booleans() | st.integers() | st.none())),
    st.text(),
)
def test_any_headers_and_body_are_an_answer_or_a_refusal(
    single: dict[str, str], multiple: dict[str, list[object]], body: str
) -> None:
    result = {"headers": single, "multiValueHeaders": multiple, "body": body}
    assert_is_answer_or_refusal(json.dumps(result).encode())
