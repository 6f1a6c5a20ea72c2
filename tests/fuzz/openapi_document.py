"""The API's OpenAPI document, derived from the template: paths, verbs and security are those that SAM writes.

What SAM leaves out is what is answered. It is added from what an operation has: with a security requirement
401, with a request validator 400, from every function 200 or 403, and from every method 429.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from local_stage.api_gateway.gateway_error import GatewayResponseType
from local_stage.cloudformation.template import read_template

REST_API = "AWS::ApiGateway::RestApi"
AUTHORIZER_SETTINGS = ("x-amazon-apigateway-authtype", "x-amazon-apigateway-authorizer")

VALIDATOR = "x-amazon-apigateway-request-validator"

JSON_OBJECT = {"type": "object"}
MESSAGE = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}


def derive_openapi_document(template: Path, region: str = "ap-northeast-1") -> dict[str, Any]:
    """Return an OpenAPI 3 document of a SAM template's API, without what only AWS understands."""
    (body,) = _bodies(read_template(template, {}, region).translated)
    return {
        "openapi": body["openapi"],
        "info": {"title": str(template.parent.name), "version": "1"},
        "components": {
            "securitySchemes": dict(_security_schemes(body)),
            "schemas": body["components"].get("schemas", {}),
        },
        "paths": {
            path: {verb: _derive_operation(operation) for verb, operation in operations.items()}
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


def _derive_operation(operation: Mapping[str, Any]) -> dict[str, Any]:
    # An apiKey scheme has no scopes in OpenAPI 3.0; SAM writes the method's there, for API Gateway.
    security: list[dict[str, Any]] = [
        {name: [] for name in requirement} for requirement in operation.get("security", [])
    ]
    taken = {key: operation[key] for key in ("parameters", "requestBody") if key in operation}
    responses = dict(_responses(secured=bool(security), validated=VALIDATOR in operation))
    return {**taken, "security": security, "responses": responses}


def _responses(*, secured: bool, validated: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    yield _response(HTTPStatus.OK, JSON_OBJECT)
    if validated:
        yield _response(_status(GatewayResponseType.BAD_REQUEST_BODY), MESSAGE)
    if secured:
        yield _response(_status(GatewayResponseType.UNAUTHORIZED), MESSAGE)
    yield _response(_status(GatewayResponseType.ACCESS_DENIED), MESSAGE)
    yield _response(_status(GatewayResponseType.THROTTLED), MESSAGE)


def _status(response_type: GatewayResponseType) -> HTTPStatus:
    assert response_type.default_status is not None
    return HTTPStatus(response_type.default_status)


def _response(status: HTTPStatus, schema: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    content = {"application/json": {"schema": schema}}
    return str(status.value), {"description": status.phrase, "content": content}
