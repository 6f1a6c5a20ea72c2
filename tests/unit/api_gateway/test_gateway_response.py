"""What API Gateway answers itself, to the octet, and how an API customises it."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.gateway_response import (
    GatewayError,
    GatewayResponse,
    GatewayResponseType,
    build_gateway_response,
)
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.request_context import RequestContext
from tests.gateway_request import build_context, build_request

UNAUTHORIZED = GatewayResponseType.UNAUTHORIZED
DEFAULT_4XX = GatewayResponseType.DEFAULT_4XX
DEFAULT_5XX = GatewayResponseType.DEFAULT_5XX

SITUATIONS: list[tuple[GatewayError, int, str, str, bool]] = [
    (
        gateway_error.unknown_route(None),
        403,
        "MissingAuthenticationTokenException",
        '{"message":"Missing Authentication Token"}',
        False,
    ),
    (gateway_error.unknown_stage(), 403, "ForbiddenException", '{"message":"Forbidden"}', False),
    (gateway_error.invalid_api_key(), 403, "ForbiddenException", '{"message":"Forbidden"}', False),
    (gateway_error.unauthorized("r"), 401, "UnauthorizedException", '{"message":"Unauthorized"}', False),
    (
        gateway_error.expired_token("r"),
        401,
        "UnauthorizedException",
        '{"message":"The incoming token has expired"}',
        False,
    ),
    (
        gateway_error.authorizer_configuration_error("r"),
        500,
        "AuthorizerConfigurationException",
        '{"message": "Internal server error"}',
        False,
    ),
    (gateway_error.throttled("r"), 429, "TooManyRequestsException", '{"message":"Too Many Requests"}', False),
    (gateway_error.quota_exceeded("r"), 429, "LimitExceededException", '{"message":"Limit Exceeded"}', False),
    (
        gateway_error.invalid_request_body("[why]"),
        400,
        "BadRequestException",
        '{"message": "Invalid request body"}',
        True,
    ),
    (
        gateway_error.missing_request_parameters(["a", "b"]),
        400,
        "BadRequestException",
        '{"message": "Missing required request parameters: [a, b]"}',
        False,
    ),
    (
        gateway_error.unsupported_media_type("r"),
        415,
        "BadRequestException",
        '{"message": "Unsupported Media Type"}',
        False,
    ),
    (
        gateway_error.request_too_large("r"),
        413,
        "RequestTooLargeException",
        '{"message":"Request Too Long"}',
        False,
    ),
    (
        gateway_error.request_headers_too_large("r"),
        431,
        "RequestTooLargeException",
        '{"message":"Request Header Fields Too Large"}',
        False,
    ),
    (
        gateway_error.internal_server_error("r"),
        502,
        "InternalServerErrorException",
        '{"message": "Internal server error"}',
        True,
    ),
    (
        gateway_error.integration_failure("r"),
        500,
        "InternalServerErrorException",
        '{"message": "Internal server error"}',
        False,
    ),
    (
        gateway_error.api_configuration_error("r"),
        500,
        "InternalServerErrorException",
        '{"message": "Internal server error"}',
        False,
    ),
    (
        gateway_error.integration_timeout("r"),
        504,
        "InternalServerErrorException",
        '{"message": "Endpoint request timed out"}',
        True,
    ),
]


def answer(
    error: GatewayError,
    definitions: dict[GatewayResponseType, GatewayResponse] | None = None,
    request: HttpRequest | None = None,
    context: RequestContext | None = None,
) -> HttpResponse:
    request = request or build_request()
    context = context or build_context(request)
    return build_gateway_response(error, definitions or {}, context, request, {"audience": "staff"})


def customised(definition: GatewayResponse, request: HttpRequest | None = None) -> HttpResponse:
    return answer(gateway_error.unauthorized("r"), {UNAUTHORIZED: definition}, request)


@pytest.mark.parametrize(("error", "status", "error_type", "body", "traced"), SITUATIONS)
def test_each_situation_has_its_status_error_type_body_and_trace(
    error: GatewayError, status: int, error_type: str, body: str, *, traced: bool
) -> None:
    response = answer(error)
    assert response.status == status
    assert response.headers == [("Content-Type", "application/json"), ("x-amzn-ErrorType", error_type)]
    assert response.body == body.encode()
    assert error.traced is traced


def test_the_body_of_a_refusal_has_the_recorded_length() -> None:
    assert len(answer(gateway_error.unauthorized("r")).body) == 26


@pytest.mark.parametrize("response_type", GatewayResponseType)
def test_the_developers_reason_never_reaches_the_client(response_type: GatewayResponseType) -> None:
    response = answer(GatewayError(response_type, "message", "SECRET"))
    assert b"SECRET" not in response.body
    assert "SECRET" not in str(response.headers)


def test_an_error_without_a_reason_gives_its_message_as_the_reason() -> None:
    assert gateway_error.invalid_api_key().reason == "Forbidden"


@pytest.mark.parametrize(
    ("response_type", "status"),
    [
        ("ACCESS_DENIED", 403),
        ("API_CONFIGURATION_ERROR", 500),
        ("AUTHORIZER_CONFIGURATION_ERROR", 500),
        ("AUTHORIZER_FAILURE", 500),
        ("BAD_REQUEST_BODY", 400),
        ("BAD_REQUEST_PARAMETERS", 400),
        ("DEFAULT_4XX", None),
        ("DEFAULT_5XX", None),
        ("EXPIRED_TOKEN", 403),
        ("INTEGRATION_FAILURE", 504),
        ("INTEGRATION_TIMEOUT", 504),
        ("INVALID_API_KEY", 403),
        ("INVALID_SIGNATURE", 403),
        ("MISSING_AUTHENTICATION_TOKEN", 403),
        ("QUOTA_EXCEEDED", 429),
        ("REQUEST_TOO_LARGE", 413),
        ("RESOURCE_NOT_FOUND", 404),
        ("THROTTLED", 429),
        ("UNAUTHORIZED", 401),
        ("UNSUPPORTED_MEDIA_TYPE", 415),
        ("WAF_FILTERED", 403),
    ],
)
def test_each_type_has_its_documented_status(response_type: str, status: int | None) -> None:
    assert GatewayResponseType(response_type).default_status == status


def test_there_are_no_other_types() -> None:
    assert len(GatewayResponseType) == 21


@pytest.mark.parametrize("response_type", GatewayResponseType)
def test_every_type_can_be_answered(response_type: GatewayResponseType) -> None:
    error = GatewayError(response_type, "message")
    assert answer(error).status == (response_type.default_status or error.status)


# --- an unknown path or verb with an Authorization header ---


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


# --- customised responses ---


def test_a_types_own_definition_wins_over_its_class() -> None:
    definitions = {UNAUTHORIZED: GatewayResponse(status=418), DEFAULT_4XX: GatewayResponse(status=400)}
    assert answer(gateway_error.unauthorized("r"), definitions).status == 418


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


def test_the_error_type_stays_when_everything_else_is_customised() -> None:
    definition = GatewayResponse(404, {"x-amzn-errortype": "'Mine'"}, {"text/plain": "gone"})
    values = [value for name, value in customised(definition).headers if name.lower() == "x-amzn-errortype"]
    assert values == ["UnauthorizedException"]


def test_no_cors_header_is_added_unless_it_is_defined() -> None:
    for error, *_ in SITUATIONS:
        assert (
            answer(error, {DEFAULT_4XX: GatewayResponse(), DEFAULT_5XX: GatewayResponse()}).header(
                "Access-Control-Allow-Origin"
            )
            is None
        )


@pytest.mark.parametrize(
    "error", [gateway_error.request_too_large("r"), gateway_error.request_headers_too_large("r")]
)
def test_a_request_that_is_too_large_cannot_be_customised(error: GatewayError) -> None:
    definition = GatewayResponse(status=400)
    response = answer(error, {GatewayResponseType.REQUEST_TOO_LARGE: definition, DEFAULT_4XX: definition})
    assert response.status == error.status


def test_an_unknown_stage_has_no_api_whose_responses_could_apply() -> None:
    definition = GatewayResponse(status=404)
    definitions = {GatewayResponseType.ACCESS_DENIED: definition, DEFAULT_4XX: definition}
    assert answer(gateway_error.unknown_stage(), definitions).status == 403


# --- headers of a customised response ---


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


# --- body templates of a customised response ---


def rendered(template: str, request: HttpRequest | None = None, context: RequestContext | None = None) -> str:
    definition = GatewayResponse(templates={"application/json": template})
    request = request or build_request()
    definitions = {UNAUTHORIZED: definition}
    return answer(gateway_error.unauthorized("r"), definitions, request, context).body.decode()


def test_the_default_template_written_out_gives_the_default_body() -> None:
    assert rendered('{"message":$context.error.messageString}') == '{"message":"Unauthorized"}'


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
    context.claims = {"sub": "s-1", "cognito:username": "mia", "custom:a-b.c": "d"}
    assert rendered(template, request, context) == body


def test_the_validators_finding_reaches_the_client_only_through_a_template() -> None:
    error = gateway_error.invalid_request_body("[object has missing required properties]")
    template = GatewayResponse(templates={"application/json": '"$context.error.validationErrorString"'})
    assert b"missing" not in answer(error).body
    assert answer(error, {DEFAULT_4XX: template}).body == b'"[object has missing required properties]"'


def test_what_a_variable_brings_is_not_expanded_again() -> None:
    request = build_request(query="q=%24context.stage")
    assert rendered("$method.request.querystring.q", request) == "$context.stage"


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


@given(st.text(st.characters(codec="utf-8")))
def test_a_default_body_is_json_whatever_the_message(message: str) -> None:
    assert json.loads(answer(GatewayError(UNAUTHORIZED, message)).body) == {"message": message}
