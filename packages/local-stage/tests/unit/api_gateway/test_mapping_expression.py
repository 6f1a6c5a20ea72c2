"""Templates and headers of a gateway response name variables, and nothing else of them is executed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.rest.gateway_response import (
    GatewayError,
    GatewayResponse,
    GatewayResponseType,
    build_gateway_response,
)
from tests.gateway_request import build_context, build_request

UNAUTHORIZED = GatewayResponseType.UNAUTHORIZED


def answer(
    error: GatewayError,
    definitions: dict[GatewayResponseType, GatewayResponse],
    request: HttpRequest | None = None,
    context: RequestContext | None = None,
) -> HttpResponse:
    request = request or build_request()
    context = context or build_context(request)
    return build_gateway_response(error, definitions, context, request, {"audience": "staff"})


def customised(definition: GatewayResponse, request: HttpRequest | None = None) -> HttpResponse:
    return answer(gateway_error.unauthorized("r"), {UNAUTHORIZED: definition}, request)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'*'", "*"),
        ("'GET,POST'", "GET,POST"),
        ("''", ""),
        ("'it''s'", "it''s"),
        ("  'padded'  ", "padded"),
        ("method.request.header.Origin", "https://b.example"),
        ("method.request.header.oRIGIN", "https://b.example"),
        ("method.request.multivalueheader.Origin", "https://a.example,https://b.example"),
        ("method.request.querystring.q", "two words"),
        ("method.request.multivaluequerystring.q", "1,two words"),
        ("method.request.path.id", "a%20b"),
        ("context.requestId", "00010203-0405-4607-8809-0a0b0c0d0e0f"),
        ("context.error.message", "Unauthorized"),
        ("context.error.messageString", '"Unauthorized"'),
        ("context.error.responseType", "UNAUTHORIZED"),
        ("stageVariables.audience", "staff"),
    ],
)
def test_a_header_is_a_literal_or_a_variable(expression: str, value: str) -> None:
    request = build_request(
        query="q=1&q=two%20words", headers=(("Origin", "https://a.example"), ("origin", "https://b.example"))
    )
    context = build_context(request)
    context.path_parameters = {"id": "a%20b"}
    definitions = {UNAUTHORIZED: GatewayResponse(headers={"X-A": expression})}
    response = answer(gateway_error.unauthorized("r"), definitions, request, context)
    assert response.header("X-A") == value


@pytest.mark.parametrize(
    "expression",
    [
        "method.request.header.Missing",
        "method.request.multivalueheader.Missing",
        "method.request.querystring.missing",
        "method.request.multivaluequerystring.missing",
        "method.request.path.missing",
        "method.request.body.x",
        "context.unknown",
        "context.error.validationErrorString.x",
        "context.authorizer.claims.sub",
        "stageVariables.missing",
        "unquoted",
        "'",
        "",
    ],
)
def test_a_header_without_a_value_is_left_out(expression: str) -> None:
    response = customised(GatewayResponse(headers={"X-A": expression, "X-B": "'1'"}))
    assert response.header("X-B") == "1"
    assert response.header("X-A") is None


def test_a_query_parameter_cannot_split_the_answer() -> None:
    definition = GatewayResponse(headers={"X-A": "method.request.querystring.q"})
    response = customised(definition, build_request(query="q=a%0d%0aSet-Cookie:%20x"))
    assert response.header("X-A") is None


@given(st.text(), st.text(), st.text())
def test_no_request_can_put_a_control_character_into_a_header(query: str, value: str, name: str) -> None:
    definition = GatewayResponse(
        headers={
            "X-Query": f"method.request.querystring.{name}",
            "X-Q": "method.request.querystring.q",
            "X-Header": "method.request.header.X",
            "X-Literal": f"'{value}'",
        }
    )
    response = customised(definition, build_request(query=f"q={query}", headers=(("X", value),)))
    assert all(sent.isascii() and sent.replace("\t", "").isprintable() for _, sent in response.headers)


def rendered(template: str, request: HttpRequest | None = None, context: RequestContext | None = None) -> str:
    definition = GatewayResponse(templates={"application/json": template})
    request = request or build_request()
    definitions = {UNAUTHORIZED: definition}
    return answer(gateway_error.unauthorized("r"), definitions, request, context).body.decode()


@pytest.mark.rule("gateway-response.default-template")
def test_the_default_template_written_out_gives_the_default_body() -> None:
    assert rendered('{"message":$context.error.messageString}') == '{"message":"Unauthorized"}'


@pytest.mark.rule("gateway-response.template")
@pytest.mark.parametrize(
    ("template", "body"),
    [
        ("$context.error.message", "Unauthorized"),
        ("$context.error.messageString", '"Unauthorized"'),
        ("$context.error.responseType", "UNAUTHORIZED"),
        ("$context.error.validationErrorString", ""),
        ("$context.requestId", "00010203-0405-4607-8809-0a0b0c0d0e0f"),
        ("$context.extendedRequestId", "EBESExQVFhcYGRo="),
        ("$context.requestTime", "17/Jun/2024:15:00:26 +0000"),
        ("$context.requestTimeEpoch", "1718636426250"),
        ("$context.accountId/$context.apiId", "123456789012/a1b2c3d4e5"),
        ("$context.deploymentId", "dep123"),
        ("$context.domainName", "a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com"),
        ("$context.domainPrefix", "a1b2c3d4e5"),
        ("$context.httpMethod $context.path $context.protocol", "GET /dev/hello HTTP/1.1"),
        ("$context.resourceId $context.resourcePath", "r1 /hello"),
        ("$context.stage:$context.stage.", "dev:dev."),
        ("$context.identity.sourceIp", "203.0.113.7"),
        ("$context.identity.userAgent", "curl/8"),
        ("$context.identity.user", ""),
        ("$context.authorizer.claims.sub", "s-1"),
        ("$context.authorizer.claims.cognito:username", "mia"),
        ("$context.authorizer.claims.custom:a-b.c", "d"),
        ("$context.authorizer.claims.missing", ""),
        ("$stageVariables.audience", "staff"),
        ("$stageVariables.missing", ""),
        ("$method.request.header.User-Agent", "curl/8"),
        ("$method.request.querystring.q", "1"),
        ("$method.request.path.id", "7"),
        (
            "#set($x = 1)$x $input.body $util.escapeJavaScript('a')",
            "#set($x = 1)$x $input.body $util.escapeJavaScript('a')",
        ),
        ("$$context.stage", "$dev"),
        ("no variable", "no variable"),
    ],
)
def test_a_template_only_replaces_variables(template: str, body: str) -> None:
    request = build_request(query="q=1", headers=(("User-Agent", "curl/8"),))
    context = build_context(request)
    context.resource_id, context.resource_path, context.path_parameters = "r1", "/hello", {"id": "7"}
    context.authorizer_variables = {"claims": {"sub": "s-1", "cognito:username": "mia", "custom:a-b.c": "d"}}
    assert rendered(template, request, context) == body


def test_the_validators_finding_reaches_the_client_only_through_a_template() -> None:
    error = gateway_error.invalid_request_body("[object has missing required properties]")
    template = GatewayResponse(templates={"application/json": '"$context.error.validationErrorString"'})
    assert b"missing" not in answer(error, {}).body
    assert (
        answer(error, {GatewayResponseType.BAD_REQUEST_BODY: template}).body
        == b'"[object has missing required properties]"'
    )


def test_what_a_variable_brings_is_not_expanded_again() -> None:
    request = build_request(query="q=%24context.stage")
    assert rendered("$method.request.querystring.q", request) == "$context.stage"
