"""What API Gateway answers itself in each situation, to the octet."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.rest.gateway_response import (
    GatewayError,
    GatewayResponseType,
    build_gateway_response,
)
from tests.gateway_request import build_context, build_request

SITUATIONS: list[tuple[GatewayError, int, str, str]] = [
    (
        gateway_error.unknown_route(None),
        403,
        "MissingAuthenticationTokenException",
        '{"message":"Missing Authentication Token"}',
    ),
    (gateway_error.unknown_stage(), 403, "ForbiddenException", '{"message":"Forbidden"}'),
    (gateway_error.invalid_api_key(), 403, "ForbiddenException", '{"message":"Forbidden"}'),
    (gateway_error.unauthorized("r"), 401, "UnauthorizedException", '{"message":"Unauthorized"}'),
    (
        gateway_error.expired_token("r"),
        401,
        "UnauthorizedException",
        '{"message":"The incoming token has expired"}',
    ),
    (
        gateway_error.authorizer_configuration_error("r"),
        500,
        "AuthorizerConfigurationException",
        '{"message":null}',
    ),
    (gateway_error.access_denied("No", "r"), 403, "AccessDeniedException", '{"Message":"No"}'),
    (gateway_error.throttled("r"), 429, "TooManyRequestsException", '{"message":"Too Many Requests"}'),
    (gateway_error.quota_exceeded("r"), 429, "LimitExceededException", '{"message":"Limit Exceeded"}'),
    (
        gateway_error.invalid_request_body("[why]"),
        400,
        "BadRequestException",
        '{"message": "Invalid request body"}',
    ),
    (
        gateway_error.missing_request_parameters(["a", "b"]),
        400,
        "BadRequestException",
        '{"message": "Missing required request parameters: [a, b]"}',
    ),
    (
        gateway_error.unsupported_media_type("r"),
        415,
        "BadRequestException",
        '{"message": "Unsupported Media Type"}',
    ),
    (
        gateway_error.request_too_large("r"),
        413,
        "BadRequestException",
        '{"message": "Request Too Long"}',
    ),
    (
        gateway_error.internal_server_error("r"),
        502,
        "InternalServerErrorException",
        '{"message": "Internal server error"}',
    ),
    (
        gateway_error.integration_failure("r"),
        500,
        "InternalServerErrorException",
        '{"message": "Internal server error"}',
    ),
    (
        gateway_error.api_configuration_error("r"),
        500,
        "InternalServerErrorException",
        '{"message": "Internal server error"}',
    ),
    (
        gateway_error.integration_timeout("r"),
        504,
        "InternalServerErrorException",
        '{"message": "Endpoint request timed out"}',
    ),
]


def answer(error: GatewayError) -> HttpResponse:
    request = build_request()
    return build_gateway_response(error, {}, build_context(request), request, {})


@pytest.mark.rule(
    "gateway.api-key",
    "gateway.quota",
    "gateway.unsupported-media-type",
    "gateway.illegal-header-mapping",
    "gateway.blank-after-colon",
)
@pytest.mark.parametrize(("error", "status", "error_type", "body"), SITUATIONS)
def test_each_situation_has_its_status_error_type_and_body(
    error: GatewayError, status: int, error_type: str, body: str
) -> None:
    response = answer(error)
    assert response.status == status
    assert response.headers == [("Content-Type", "application/json"), ("x-amzn-ErrorType", error_type)]
    assert response.body == body.encode()


def test_the_body_of_a_refusal_has_the_recorded_length() -> None:
    assert len(answer(gateway_error.unauthorized("r")).body) == 26


@pytest.mark.parametrize("response_type", GatewayResponseType)
def test_the_developers_reason_never_reaches_the_client(response_type: GatewayResponseType) -> None:
    response = answer(GatewayError(response_type, "message", "SECRET"))
    assert b"SECRET" not in response.body
    assert "SECRET" not in str(response.headers)


def test_an_error_without_a_reason_gives_its_message_as_the_reason() -> None:
    assert gateway_error.invalid_api_key().reason == "Forbidden"


@pytest.mark.rule("gateway.signature-type")
@pytest.mark.parametrize("authorization", ["Bearer abc", "abc", "a=b"])
def test_a_signature_that_is_none_is_of_no_type_of_its_own(authorization: str) -> None:
    error = gateway_error.unknown_route(authorization)
    assert (error.response_type, error.status) == (GatewayResponseType.DEFAULT_4XX, 403)


@pytest.mark.rule("gateway-response.default-codes")
@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("ACCESS_DENIED", 403, "AccessDenied"),
        ("API_CONFIGURATION_ERROR", 500, "InternalServerError"),
        ("AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfiguration"),
        ("AUTHORIZER_FAILURE", 500, "AuthorizerFailure"),
        ("BAD_REQUEST_BODY", 400, "BadRequest"),
        ("BAD_REQUEST_PARAMETERS", 400, "BadRequest"),
        ("DEFAULT_4XX", None, "BadRequest"),
        ("DEFAULT_5XX", None, "InternalServerError"),
        ("EXPIRED_TOKEN", 403, "ExpiredToken"),
        ("INTEGRATION_FAILURE", 504, "InternalServerError"),
        ("INTEGRATION_TIMEOUT", 504, "InternalServerError"),
        ("INVALID_API_KEY", 403, "Forbidden"),
        ("INVALID_SIGNATURE", 403, "IncompleteSignature"),
        ("MISSING_AUTHENTICATION_TOKEN", 403, "MissingAuthenticationToken"),
        ("QUOTA_EXCEEDED", 429, "LimitExceeded"),
        ("REQUEST_TOO_LARGE", 413, "RequestTooLarge"),
        ("RESOURCE_NOT_FOUND", 404, "NotFound"),
        ("THROTTLED", 429, "TooManyRequests"),
        ("UNAUTHORIZED", 401, "Unauthorized"),
        ("UNSUPPORTED_MEDIA_TYPE", 415, "BadRequest"),
        ("WAF_FILTERED", 403, "Forbidden"),
    ],
)
def test_each_type_has_its_documented_status_and_usual_error_type(
    name: str, status: int | None, error: str
) -> None:
    response_type = GatewayResponseType(name)
    assert (response_type.default_status, response_type.error_type) == (status, f"{error}Exception")


@pytest.mark.rule("gateway-response.default-codes")
def test_there_are_no_other_types() -> None:
    assert len(GatewayResponseType) == 21


@pytest.mark.parametrize("response_type", GatewayResponseType)
def test_every_type_can_be_answered(response_type: GatewayResponseType) -> None:
    error = GatewayError(response_type, "message")
    assert answer(error).status == (response_type.default_status or error.status)


def test_a_header_of_several_words_without_an_equal_sign_is_no_key_value_pair() -> None:
    header = "Bearer abc.def"
    digest = b64encode(sha256(header.encode()).digest()).decode()
    error = gateway_error.unknown_route(header)
    assert error.message == (
        "Invalid key=value pair (missing equal-sign) in Authorization header"
        f" (hashed with SHA-256 and encoded with Base64): '{digest}'."
    )


@pytest.mark.parametrize("header", ["eyJ.eyJ.sig", "Bearer abc=", "=", "a=b c=d"])
def test_a_header_of_one_word_or_with_an_equal_sign_lacks_every_parameter(header: str) -> None:
    digest = b64encode(sha256(header.encode()).digest()).decode()
    assert gateway_error.unknown_route(header).message == (
        "Authorization header requires 'Credential' parameter."
        " Authorization header requires 'Signature' parameter."
        " Authorization header requires 'SignedHeaders' parameter."
        " Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        f" (Hashed with SHA-256 and encoded with Base64) Authorization={digest}"
    )


def test_octets_of_the_header_that_are_no_utf_8_are_hashed_as_they_came() -> None:
    digest = b64encode(sha256(b"Bearer caf\xe9").digest()).decode()
    assert digest in (gateway_error.unknown_route("Bearer caf\udce9").message or "")


def test_an_incomplete_signature_is_403_with_its_own_error_type() -> None:
    response = answer(gateway_error.unknown_route("Bearer abc"))
    assert (response.status, response.header("x-amzn-ErrorType")) == (403, "IncompleteSignatureException")


@pytest.mark.parametrize("header", [None, "", "  "])
def test_an_empty_header_is_no_header(header: str | None) -> None:
    error = gateway_error.unknown_route(header)
    assert error.response_type is GatewayResponseType.MISSING_AUTHENTICATION_TOKEN


@given(st.text(st.characters(codec="utf-8")))
def test_no_authorization_header_comes_back_to_the_client(header: str) -> None:
    body = answer(gateway_error.unknown_route(header)).body
    assert json.loads(body)["message"]
    assert len(header.strip()) < 24 or header.encode() not in body


@given(st.text(st.characters(codec="utf-8")))
def test_a_default_body_is_json_whatever_the_message(message: str) -> None:
    body = answer(GatewayError(GatewayResponseType.UNAUTHORIZED, message)).body
    assert json.loads(body) == {"message": message}
