"""The API's OpenAPI document, derived from the template: paths, verbs and security are those that SAM writes.

What SAM leaves out is what is answered. It is added from what an operation has: whoever needs a token may get
401, what calls a function answers with 200 or refuses with 403, every method throttles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from local_stage.api_gateway.gateway_error import GatewayResponseType
from local_stage.cloudformation.template import read_template

REST_API = "AWS::ApiGateway::RestApi"
AUTHORIZER_SETTINGS = ("x-amazon-apigateway-authtype", "x-amazon-apigateway-authorizer")

JSON_OBJECT = {"type": "object"}
MESSAGE = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}
TEXT = {"type": "string"}

FRONT = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONTENT_TOO_LARGE, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
"""What is answered, as plain text, before any API is looked for."""


def derive_openapi_document(template: Path, region: str = "ap-northeast-1") -> dict[str, Any]:
    """Return an OpenAPI 3 document of a SAM template's API, without what only AWS understands."""
    (body,) = _bodies(read_template(template, {}, region).translated)
    return {
        "openapi": body["openapi"],
        "info": {"title": str(template.parent.name), "version": "1"},
        "components": {"securitySchemes": dict(_security_schemes(body))},
        "paths": {
            path: {verb: _derive_operation(verb, operation) for verb, operation in operations.items()}
            for path, operations in body["paths"].items()
        },
    }


def _bodies(translated: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in translated["Resources"].values():
        if resource["Type"] == REST_API:
            yield resource["Properties"]["Body"]


def _security_schemes(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, scheme in body["components"]["securitySchemes"].items():
        yield name, {key: value for key, value in scheme.items() if key not in AUTHORIZER_SETTINGS}


def _derive_operation(verb: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    # An apiKey scheme has no scopes in OpenAPI 3.0; SAM writes the method's there, for API Gateway.
    security: list[dict[str, Any]] = [
        {name: [] for name in requirement} for requirement in operation.get("security", [])
    ]
    derived: dict[str, Any] = {"security": security, "responses": dict(_responses(security))}
    if verb not in {"get", "options"}:
        content = {"application/json": {"schema": {}}, "text/plain": {"schema": TEXT}}
        derived["requestBody"] = {"content": content}
    return derived


def _responses(security: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield _response(HTTPStatus.OK, JSON_OBJECT)
    if security:
        yield _response(_status(GatewayResponseType.UNAUTHORIZED), MESSAGE)
    yield _response(_status(GatewayResponseType.ACCESS_DENIED), MESSAGE)
    yield _response(_status(GatewayResponseType.THROTTLED), MESSAGE)
    for status in FRONT:
        yield _response(status, TEXT, "text")


def _status(response_type: GatewayResponseType) -> HTTPStatus:
    assert response_type.default_status is not None
    return HTTPStatus(response_type.default_status)


def _response(
    status: HTTPStatus, schema: Mapping[str, Any], content_type: str = "application/json"
) -> tuple[str, dict[str, Any]]:
    return str(status.value), {
        "description": status.phrase,
        "content": {content_type: {"schema": schema}},
    }
