"""A base64 body is decoded where the API's binary media types and the request's Accept ask for it."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.integrations.proxy_response import read_proxy_response
from local_stage.api_gateway.rest.gateway_response import GatewayError, GatewayResponseType


def read(result: object, accept: str | None = None, binary_media_types: tuple[str, ...] = ()) -> HttpResponse:
    payload = json.dumps(result).encode()
    return read_proxy_response(payload, accept=accept, binary_media_types=binary_media_types)


def refusal_of(result: object, accept: str | None = None, binary: tuple[str, ...] = ()) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        read(result, accept, binary)
    return caught.value


@pytest.mark.rule("response.base64-text")
def test_base64_without_binary_media_types_stays_as_it_is() -> None:
    response = read({"body": "aGVsbG8=", "isBase64Encoded": True}, "image/png")
    assert response.body == b"aGVsbG8="


@pytest.mark.parametrize(
    ("accept", "binary_media_types"),
    [
        ("image/png", ("image/png",)),
        ("image/png, */*", ("image/png",)),
        ("image/png;q=0.9", ("image/png",)),
        ("image/webp", ("image/*",)),
        ("text/html", ("*/*",)),
        (None, ("*/*",)),
    ],
)
def test_base64_is_decoded_where_accept_names_a_binary_type_first(
    accept: str | None, binary_media_types: tuple[str, ...]
) -> None:
    response = read({"body": "aGVsbG8=", "isBase64Encoded": True}, accept, binary_media_types)
    assert response.body == b"hello"


@pytest.mark.parametrize(
    ("accept", "binary_media_types"),
    [
        ("text/html, image/png", ("image/png",)),
        ("*/*", ("image/png",)),
        ("image/*", ("image/png",)),
        (None, ("image/png",)),
        ("", ("image/png",)),
    ],
)
def test_base64_stays_where_accept_does_not_name_a_binary_type_first(
    accept: str | None, binary_media_types: tuple[str, ...]
) -> None:
    response = read({"body": "aGVsbG8=", "isBase64Encoded": True}, accept, binary_media_types)
    assert response.body == b"aGVsbG8="


@pytest.mark.parametrize("flag", [False, None])
def test_a_body_that_is_not_declared_base64_is_not_decoded(flag: object) -> None:
    response = read({"body": "aGVsbG8=", "isBase64Encoded": flag}, "image/png", ("*/*",))
    assert response.body == b"aGVsbG8="


@pytest.mark.parametrize("flag", ["true", "false", 1, 0, [], {}])
def test_a_flag_that_is_no_boolean_is_502(flag: object) -> None:
    assert refusal_of({"body": "aGVsbG8=", "isBase64Encoded": flag}).status == 502


@pytest.mark.parametrize("body", ["aGVsbG8", "not base64!", "aGVs\nbG8=", "aGVsbG8=\n", "日本", "-_8="])
def test_a_binary_body_that_is_no_base64_is_500(body: str) -> None:
    error = refusal_of({"body": body, "isBase64Encoded": True}, "image/png", ("image/png",))
    assert error.status == 500
    assert error.response_type is GatewayResponseType.API_CONFIGURATION_ERROR


def test_an_empty_binary_body_is_empty() -> None:
    assert read({"body": None, "isBase64Encoded": True}, None, ("*/*",)).body == b""


@given(st.binary())
def test_a_binary_body_reaches_the_client_octet_for_octet(body: bytes) -> None:
    result = {"body": b64encode(body).decode(), "isBase64Encoded": True}
    assert read(result, "image/png", ("image/*",)).body == body
