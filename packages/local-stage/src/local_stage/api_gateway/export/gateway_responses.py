"""What API Gateway itself answers to an operation: status, headers and body as the stage would give them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.rest.gateway_response import build_gateway_response
from local_stage.api_gateway.rest.rest_api import Method, RestApi

ERROR_TYPE: Final = "x-amzn-ErrorType"
STANDARD_HEADERS: Final[Mapping[str, Any]] = {
    "x-amzn-RequestId": {"description": "The request's id, also in the access log", "format": "uuid"},
    "x-amz-apigw-id": {"description": "The extended request id"},
    ERROR_TYPE: {"description": "Which of API Gateway's errors it is"},
    "X-Amzn-Trace-Id": {"description": "The trace's root"},
}
"""Headers of API Gateway's own, as components: all of them texts."""

_EXAMPLE: Final = RequestContext(
    request_id="6d2f2ad4-6b0d-4a55-9f2c-0a1b2c3d4e5f",
    extended_request_id="aBcDeFgHiJkLmNo=",
    trace_id="1-6922f3c0-0123456789abcdef01234567",
    time_epoch=1_795_390_000_000,
    http_method="GET",
    path="/",
    protocol="HTTP/1.1",
    source_ip="192.0.2.1",
    user_agent=None,
    account_id="123456789012",
    api_id="a1b2c3d4e5",
    stage="",
    deployment_id="",
    domain_name="",
    domain_prefix="",
)
"""A request for templates that quote one; 192.0.2.1 is nobody's (RFC 5737)."""


def build_answers(rest_api: RestApi, method: Method) -> dict[str, dict[str, Any]]:
    """Return the OpenAPI responses that API Gateway gives itself, by status, as the API customises them."""
    responses: dict[str, dict[str, Any]] = {}
    for name, error in _errors(rest_api, method):
        request = HttpRequest(method.http_method, "/")
        answer = build_gateway_response(
            error, rest_api.gateway_responses, _EXAMPLE, request, rest_api.stage_variables
        )
        description = HTTPStatus(answer.status).phrase if answer.status in _STATUSES else "Refused"
        response = responses.setdefault(
            str(answer.status), {"description": description, "headers": {}, "content": {}}
        )
        response["headers"] |= _headers(answer, is_traced=rest_api.is_traced)
        _add_example(response["content"], name, answer)
    return responses


_STATUSES: Final = frozenset(HTTPStatus)


def _errors(rest_api: RestApi, method: Method) -> Iterator[tuple[str, GatewayError]]:
    """Yield each error that the method can end in, by a name for its example."""
    if method.validator.body and method.request_models:
        yield "invalidBody", gateway_error.invalid_request_body("")
    if method.validator.parameters and method.required_parameters:
        names = [name for _, name in method.required_parameters]
        yield "missingParameters", gateway_error.missing_request_parameters(names)
    if method.authorizer is not None:
        yield "unauthorized", gateway_error.unauthorized("")
        if rest_api.find_cognito_authorizer(method) is not None:
            yield "expired", gateway_error.expired_token("")
        else:
            yield "denied", gateway_error.access_denied("User is not authorized to access this resource", "")
        yield "noKeys", gateway_error.authorizer_configuration_error("")
    yield "throttled", gateway_error.throttled("")
    if isinstance(method.integration, LambdaProxyIntegration):
        yield "tooLarge", gateway_error.request_too_large("")
        yield "notInvoked", gateway_error.integration_failure("")
        yield "functionFailed", gateway_error.internal_server_error("")
        yield "functionTooSlow", gateway_error.integration_timeout("")


def _headers(answer: HttpResponse, *, is_traced: bool) -> dict[str, Any]:
    standard = ["x-amzn-RequestId", "x-amz-apigw-id", ERROR_TYPE]
    standard += ["X-Amzn-Trace-Id"] if is_traced else []
    headers: dict[str, Any] = {name: {"$ref": f"#/components/headers/{name}"} for name in standard}
    known = {name.lower() for name in (*STANDARD_HEADERS, "Content-Type")}
    return headers | {
        name: fixed_header(value) for name, value in answer.headers if name.lower() not in known
    }


def fixed_header(value: str) -> dict[str, Any]:
    """Return the OpenAPI header object of a header that always has this value."""
    return {"schema": {"type": "string"}, "example": value}


def _add_example(content: dict[str, Any], name: str, answer: HttpResponse) -> None:
    content_type = answer.header("Content-Type") or "application/json"
    value = _read_body(answer.body)
    known = content.setdefault(content_type, {"schema": _schema(value), "examples": {}})
    if known["schema"] != _schema(value):
        known["schema"] = {}
    known["examples"][name] = {"value": value}


def _schema(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and [*value] == ["message"]:
        return {"$ref": "#/components/schemas/GatewayMessage"}
    return {}


def _read_body(body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
