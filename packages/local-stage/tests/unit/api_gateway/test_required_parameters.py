"""Request validation: the parameters that a method requires."""

from __future__ import annotations

import pytest

from local_stage.api_gateway.gateway_error import GatewayResponseType
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.rest_api import RequestValidator
from tests.unit.api_gateway.validated_method import JSON, SUM, match, passes, refusal, request


def test_missing_parameters_are_named_headers_first_then_path_then_query() -> None:
    """Recorded: localstack's AWS-validated test_api_gateway_request_validator, 2024-01-10."""
    matched = match(("querystring", "qs1"), ("path", "issuer"), ("header", "x-header-param"))
    error = refusal(matched, request())
    assert error.message == "Missing required request parameters: [x-header-param, issuer, qs1]"
    assert (error.status, error.error_type) == (400, "BadRequestException")
    assert error.response_type is GatewayResponseType.BAD_REQUEST_PARAMETERS
    assert error.reason == "the request has no header x-header-param, path issuer, querystring qs1"


def test_parameters_that_are_there_pass() -> None:
    matched = match(
        ("header", "x-tenant"), ("path", "id"), ("querystring", "page"), path_parameters={"id": "1"}
    )
    asked = request(b"", ("x-tenant", "blue"), query="page=1")
    assert passes(matched, asked)


@pytest.mark.parametrize(
    "asked",
    [
        request(b"", ("x-tenant", "")),
        request(b"", ("x-tenant", " \t")),
        request(b"", ("x-tenants", "blue")),
        request(query="x-tenant=blue"),
    ],
)
def test_a_blank_header_is_missing(asked: HttpRequest) -> None:
    message = refusal(match(("header", "x-tenant")), asked).message
    assert message is not None
    assert message.endswith("[x-tenant]")


@pytest.mark.parametrize("query", ["", "page", "page=", "page=%20", "Page=1", "pag%65s=1", "x=page=1"])
def test_a_blank_query_parameter_is_missing(query: str) -> None:
    message = refusal(match(("querystring", "page")), request(query=query)).message
    assert message is not None
    assert message.endswith("[page]")


@pytest.mark.parametrize("query", ["page=1", "p%61ge=1", "page=&page=1", "a=b&page=0"])
def test_a_query_parameter_is_found_under_its_decoded_name(query: str) -> None:
    matched = match(("querystring", "page"))
    assert passes(matched, request(query=query))


def test_header_names_are_case_sensitive() -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html."""
    assert refusal(match(("header", "X-Tenant")), request(b"", ("x-tenant", "blue"))).status == 400


@pytest.mark.parametrize("sent", ["authorization", "AUTHORIZATION", "Authorization"])
def test_authorization_is_found_in_every_case_as_api_gateway_rewrites_it(sent: str) -> None:
    matched = match(("header", "Authorization"))
    assert passes(matched, request(b"", (sent, "x")))


def test_parameters_are_validated_before_the_body() -> None:
    matched = match(("querystring", "q"), models={"application/json": SUM})
    assert refusal(matched, request("no json")).response_type is GatewayResponseType.BAD_REQUEST_PARAMETERS


def test_a_validator_of_the_body_leaves_the_parameters_alone() -> None:
    matched = match(("header", "x"), models={"application/json": SUM}, validator=RequestValidator(body=True))
    asked = request('{"a": 1, "b": 2}', JSON)
    assert passes(matched, asked)


def test_a_validator_of_the_parameters_leaves_the_body_alone() -> None:
    validator = RequestValidator(parameters=True)
    matched = match(models={"application/json": SUM}, validator=validator)
    assert passes(matched, request("no json", JSON))
