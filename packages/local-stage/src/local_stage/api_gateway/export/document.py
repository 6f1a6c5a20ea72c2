"""Derives the OpenAPI document of a REST API from what the template says of it.

https://spec.openapis.org/oas/v3.0.3
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.api_gateway.export.gateway_responses import STANDARD_HEADERS, build_answers, fixed_header
from local_stage.api_gateway.export.schema import SchemaConverter
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.integrations.mock import MockIntegration
from local_stage.api_gateway.rest.rest_api import ANY, Method, Resource, RestApi
from local_stage.api_gateway.rest.router import VERBS, is_greedy, parameter_name, split_path

VERSION: Final = "3.0.3"
SCOPES: Final = "x-scopes"
"""The method's scopes, any one of which is enough: in 3.0 only OAuth 2 and OpenID schemes can hold them."""

BEARER: Final = "Bearer"
"""Added to the name of an authorizer: the same token behind the word, as many clients send it."""

_LOCATIONS: Final = {"querystring": "query", "header": "header", "path": "path"}
_UNFIT: Final = re.compile(r"[^A-Za-z0-9]")
_ESCAPES: Final = {"/": "_", "{": "by_", "}": "", "+": ""}
_MESSAGE: Final = {
    "type": "object",
    "description": "What API Gateway says where it answers itself",
    "properties": {"message": {"type": "string", "nullable": True}},
    "required": ["message"],
}
_FUNCTION_ANSWER: Final = "What the function answers; it may choose any status"
_FUNCTION_REFUSAL: Final = "The function refuses the caller, as where a group is missing"
_ABOUT: Final = (
    "Derived from the template. A path or verb that is not listed has 403, never 404 or 405:"
    ' `{"message":"Missing Authentication Token"}` without an Authorization header, and with one a message'
    " about a signature that is missing. The answers listed here are API Gateway's own, as this API"
    " customises them; the function gives the others."
)


def derive_openapi_document(rest_api: RestApi) -> dict[str, Any]:
    """Return the OpenAPI 3.0.3 document of an API: routes, tokens, scopes, models, and API Gateway's answers.

    It holds nothing that a deployment alone knows, so that it is the same wherever the API runs; the server
    is the stage's path at the origin that the document comes from.
    """
    converter = SchemaConverter()
    paths = {
        spell_path(resource.path): dict(_operations(rest_api, resource, converter))
        for resource in sorted(rest_api.resources, key=lambda resource: resource.path)
    }
    return {
        "openapi": VERSION,
        "info": {"title": rest_api.name, "version": "1", "description": _ABOUT},
        "servers": [{"url": f"/{rest_api.stage_name}", "description": "the API's stage"}],
        "paths": paths,
        "components": {
            "securitySchemes": dict(_security_schemes(rest_api)),
            "schemas": {"GatewayMessage": _MESSAGE, **converter.schemas},
            "headers": {name: _header(**parts) for name, parts in STANDARD_HEADERS.items()},
        },
    }


def _header(description: str, **schema: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}}


def spell_path(path: str) -> str:
    """Return the path with `{proxy}` for a greedy `{proxy+}`, which OpenAPI has no word for."""
    return path.replace("+}", "}")


def _security_schemes(rest_api: RestApi) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the authorizers as API Gateway exports them, and for Authorization the bearer form as well."""
    for authorizer in rest_api.cognito_authorizers:
        header = authorizer.identity_source
        description = f"A user pool's token in the header {header}, behind `Bearer ` or alone"
        yield authorizer.name, build_api_key(header, description, "cognito_user_pools")
        if _takes_bearer(authorizer):
            yield (
                authorizer.name + BEARER,
                {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The same token as a bearer token (RFC 6750, 2.1)",
                },
            )
    for function in rest_api.lambda_authorizers:
        sources = " and ".join(f"the {source}" for source in function.sources) or "the request"
        description = f"A function decides, by {sources}"
        # As SAM names it: the scheme of a caller who is known by more than one header has no name.
        yield function.name, build_api_key(function.identity_source or "Unused", description, "custom")
    for signed in rest_api.iam_authorizers:
        yield signed.name, build_api_key("Authorization", "An AWS signature of the whole request", "awsSigv4")


def build_api_key(header: str, description: str, authtype: str) -> dict[str, Any]:
    """Return the security scheme of what is sent in a header; `authtype` is API Gateway's name for it."""
    return {
        "type": "apiKey",
        "in": "header",
        "name": header,
        "description": description,
        "x-amazon-apigateway-authtype": authtype,
    }


def _takes_bearer(authorizer: CognitoAuthorizerSettings) -> bool:
    return authorizer.identity_source.lower() == "authorization"


def _operations(
    rest_api: RestApi, resource: Resource, converter: SchemaConverter
) -> Iterator[tuple[str, dict[str, Any]]]:
    for verb in sorted(_verbs(resource)):
        method = resource.methods.get(verb) or resource.methods[ANY]
        yield verb.lower(), _operation(rest_api, resource, verb, method, converter)


def _verbs(resource: Resource) -> Iterable[str]:
    return VERBS if ANY in resource.methods else resource.methods


def _operation(
    rest_api: RestApi, resource: Resource, verb: str, method: Method, converter: SchemaConverter
) -> dict[str, Any]:
    parameters = [*list_path_parameters(resource.path), *_required_parameters(method)]
    operation: dict[str, Any] = {
        "operationId": build_operation_id(verb, resource.path),
        "summary": _summary(rest_api, method),
        "security": list(_security(rest_api, method)),
    }
    if method.scopes:
        operation[SCOPES] = list(method.scopes)
    if parameters:
        operation["parameters"] = parameters
    if method.request_models and verb not in {"GET", "HEAD", "DELETE"}:  # 3.0 gives those no body
        schemas = {kind: converter.convert(model) for kind, model in method.request_models.items()}
        content = {kind: {"schema": schema} for kind, schema in sorted(schemas.items())}
        operation["requestBody"] = {"content": content}
    return operation | {"responses": _responses(rest_api, method)}


def build_operation_id(verb: str, path: str) -> str:
    """Return `get_admin_hello` for GET /admin/hello: as unique as the two, and a name in any language."""
    return verb.lower() + _UNFIT.sub(lambda found: _ESCAPES.get(found[0], f"_{ord(found[0]):x}_"), path)


def _summary(rest_api: RestApi, method: Method) -> str:
    if method.authorizer is None:
        preflight = isinstance(method.integration, MockIntegration) and method.http_method == "OPTIONS"
        return "Open to all: a browser asks here whether a page may call" if preflight else "Open to all"
    if rest_api.find_cognito_authorizer(method) is None:
        return f"Takes what {method.authorizer} asks for"
    if method.scopes:
        return f"Takes an access token with {' or '.join(method.scopes)}"
    return "Takes an ID token"


def _security(rest_api: RestApi, method: Method) -> Iterator[dict[str, list[str]]]:
    if method.authorizer is None:
        return
    yield {method.authorizer: []}
    settings = rest_api.find_cognito_authorizer(method)
    if settings is not None and _takes_bearer(settings):
        yield {method.authorizer + BEARER: []}


def list_path_parameters(path: str) -> Iterator[dict[str, Any]]:
    """Yield the parameters of a path."""
    for segment in split_path(path):
        name = parameter_name(segment)
        if name is None:
            continue
        greedy = {"description": "One or more segments"} if is_greedy(segment) else {}
        yield {"name": name, "in": "path", "required": True, **greedy, "schema": {"type": "string"}}


def _required_parameters(method: Method) -> Iterator[dict[str, Any]]:
    for location, name in method.required_parameters:
        if location != "path":
            place = _LOCATIONS[location]
            yield {"name": name, "in": place, "required": True, "schema": {"type": "string"}}


def _responses(rest_api: RestApi, method: Method) -> dict[str, Any]:
    answers = build_answers(rest_api, method)
    match method.integration:
        case MockIntegration() as mock:
            answers |= {str(mock.status): _mock_answer(mock)}
        case LambdaProxyIntegration():
            _add_function_answer(answers, "200", _FUNCTION_ANSWER)
            if method.authorizer is not None:
                _add_function_answer(answers, "403", _FUNCTION_REFUSAL)
    return dict(sorted(answers.items()))


def _add_function_answer(answers: dict[str, dict[str, Any]], status: str, description: str) -> None:
    """Add a function's answer, whose body may be any, beside API Gateway's own of that status."""
    content = answers.setdefault(status, {"description": description}).setdefault("content", {})
    content.setdefault("application/json", {})["schema"] = {}


def _mock_answer(mock: MockIntegration) -> dict[str, Any]:
    return {
        "description": "What the page's browser asks for",
        "headers": {name: fixed_header(value) for name, value in mock.headers},
        "content": {mock.content_type: {"schema": {"type": "object"}}},
    }
