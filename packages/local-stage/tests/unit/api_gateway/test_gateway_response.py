"""How an API customises what API Gateway answers itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.rest.gateway_response import (
    GatewayError,
    GatewayResponse,
    GatewayResponseType,
    build_gateway_response,
)
from tests.gateway_request import build_context, build_request

UNAUTHORIZED = GatewayResponseType.UNAUTHORIZED
DEFAULT_4XX = GatewayResponseType.DEFAULT_4XX
DEFAULT_5XX = GatewayResponseType.DEFAULT_5XX


def answer(
    error: GatewayError,
    definitions: dict[GatewayResponseType, GatewayResponse],
    request: HttpRequest | None = None,
) -> HttpResponse:
    request = request or build_request()
    return build_gateway_response(error, definitions, build_context(request), request, {})


def customised(definition: GatewayResponse, request: HttpRequest | None = None) -> HttpResponse:
    return answer(gateway_error.unauthorized("r"), {UNAUTHORIZED: definition}, request)


def test_a_types_own_definition_wins_over_its_class() -> None:
    definitions = {UNAUTHORIZED: GatewayResponse(status=418), DEFAULT_4XX: GatewayResponse(status=400)}
    assert answer(gateway_error.unauthorized("r"), definitions).status == 418


@pytest.mark.rule("gateway-response.own-type-wins")
def test_an_own_definition_inherits_nothing_from_its_class() -> None:
    definitions = {
        UNAUTHORIZED: GatewayResponse(status=418),
        DEFAULT_4XX: GatewayResponse(headers={"X-Class": "'4XX'"}, templates={"application/json": "{}"}),
    }
    response = answer(gateway_error.unauthorized("r"), definitions)
    assert (response.header("X-Class"), response.body) == (None, b'{"message":"Unauthorized"}')


@pytest.mark.parametrize(
    "error",
    [
        gateway_error.unauthorized("r"),
        gateway_error.unknown_route(None),
        gateway_error.unknown_route("Bearer x"),
        gateway_error.throttled("r"),
        gateway_error.invalid_request_body("r"),
    ],
)
def test_default_4xx_changes_status_headers_and_body_of_every_unset_4xx(error: GatewayError) -> None:
    definition = GatewayResponse(404, {"X-Class": "'4XX'"}, {"application/json": "gone"})
    response = answer(error, {DEFAULT_4XX: definition, DEFAULT_5XX: GatewayResponse(status=599)})
    assert (response.status, response.header("X-Class"), response.body) == (404, "4XX", b"gone")


@pytest.mark.parametrize(
    "error",
    [
        gateway_error.internal_server_error("r"),
        gateway_error.integration_timeout("r"),
        gateway_error.integration_failure("r"),
        gateway_error.api_configuration_error("r"),
        gateway_error.authorizer_configuration_error("r"),
    ],
)
def test_default_5xx_changes_every_unset_5xx(error: GatewayError) -> None:
    definitions = {DEFAULT_5XX: GatewayResponse(status=503), DEFAULT_4XX: GatewayResponse(status=499)}
    assert answer(error, definitions).status == 503


def test_a_definition_of_another_type_changes_nothing() -> None:
    definitions = {GatewayResponseType.THROTTLED: GatewayResponse(status=503)}
    assert answer(gateway_error.unauthorized("r"), definitions).status == 401


def test_a_status_alone_keeps_the_default_body_and_its_blanks() -> None:
    assert customised(GatewayResponse(status=403)).body == b'{"message":"Unauthorized"}'


def test_headers_alone_keep_status_and_body() -> None:
    response = customised(GatewayResponse(headers={"X-A": "'1'"}))
    assert (response.status, response.body) == (401, b'{"message":"Unauthorized"}')


@pytest.mark.rule("gateway-response.error-type-stays")
def test_the_error_type_stays_when_everything_else_is_customised() -> None:
    definition = GatewayResponse(404, {"x-amzn-errortype": "'Mine'"}, {"text/plain": "gone"})
    values = [value for name, value in customised(definition).headers if name.lower() == "x-amzn-errortype"]
    assert values == ["UnauthorizedException"]


@pytest.mark.rule("refusal.no-cors")
def test_no_cors_header_is_added_unless_it_is_defined() -> None:
    for error in (gateway_error.unauthorized("r"), gateway_error.internal_server_error("r")):
        assert (
            answer(error, {DEFAULT_4XX: GatewayResponse(), DEFAULT_5XX: GatewayResponse()}).header(
                "Access-Control-Allow-Origin"
            )
            is None
        )


@pytest.mark.rule("gateway-response.request-too-large")
def test_a_request_that_is_too_large_cannot_be_customised() -> None:
    error = gateway_error.request_too_large("r")
    definition = GatewayResponse(status=400)
    response = answer(error, {GatewayResponseType.REQUEST_TOO_LARGE: definition, DEFAULT_4XX: definition})
    assert response.status == error.status


def test_an_unknown_stage_has_no_api_whose_responses_could_apply() -> None:
    definition = GatewayResponse(status=404)
    definitions = {GatewayResponseType.ACCESS_DENIED: definition, DEFAULT_4XX: definition}
    assert answer(gateway_error.unknown_stage(), definitions).status == 403


@pytest.mark.parametrize(
    "name", ["Date", "content-length", "Connection", "x-amzn-RequestId", "X-Amz-Apigw-Id"]
)
def test_what_is_the_gateways_own_is_not_customised(name: str) -> None:
    assert customised(GatewayResponse(headers={name: "'1'"})).header(name) is None


def test_a_content_type_replaces_that_of_the_template() -> None:
    response = customised(GatewayResponse(headers={"content-type": "'application/problem+json'"}))
    assert response.headers[0] == ("Content-Type", "application/problem+json")
    assert len(response.headers) == 2


def test_headers_keep_the_casing_and_order_of_the_definition() -> None:
    response = customised(GatewayResponse(headers={"x-B": "'1'", "X-a": "'2'"}))
    assert response.headers[2:] == [("x-B", "1"), ("X-a", "2")]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("application/xml", "application/xml"),
        ("Application/XML;q=0.5", "application/xml"),
        ("text/html, application/xml, application/json", "application/xml"),
        ("application/json, application/xml", "application/json"),
    ],
)
def test_accept_chooses_the_template(accept: str | None, content_type: str) -> None:
    definition = GatewayResponse(templates={"application/xml": "<a/>", "application/json": "{}"})
    headers = () if accept is None else (("Accept", accept),)
    response = customised(definition, build_request(headers=headers))
    assert response.header("Content-Type") == content_type
    assert response.body == (b"<a/>" if content_type.endswith("xml") else b"{}")


def test_the_first_template_stands_in_where_there_is_none_for_json() -> None:
    response = customised(GatewayResponse(templates={"text/html": "<p>", "text/plain": "p"}))
    assert (response.header("Content-Type"), response.body) == ("text/html", b"<p>")


@given(st.text(), st.dictionaries(st.text(), st.text()), st.text())
def test_whatever_is_customised_there_is_an_answer(
    template: str, headers: dict[str, str], message: str
) -> None:
    definition = GatewayResponse(None, headers, {"application/json": template})
    error = GatewayError(UNAUTHORIZED, message, "reason")
    response = answer(error, {UNAUTHORIZED: definition})
    assert (response.status, response.header("x-amzn-ErrorType")) == (401, "UnauthorizedException")
