"""Derives the OpenAPI document of an HTTP API from what the template says of it.

https://spec.openapis.org/oas/v3.0.3
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.export.document import (
    SCOPES,
    VERSION,
    build_operation_id,
    derive_openapi_document,
    list_path_parameters,
    spell_path,
)
from local_stage.api_gateway.http.http_api import ANY, DEFAULT, HttpApi, HttpRoute
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.rest.router import VERBS

_ABOUT: Final = (
    "Derived from the template. A path or verb that is not listed has 404, unless the API has a route"
    " $default, which takes all of them. The responses listed here are API Gateway's own; the function gives"
    " the others."
)
_MESSAGE: Final = {
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}
_REFUSALS: Final = {
    "401": ("Unauthorized", "No token, or none that is good for this route; www-authenticate says why"),
    "403": ("Forbidden", "A good token without the route's scope"),
    "429": ("Too Many Requests", "The route is throttled"),
    "500": ("Internal Server Error", "The function failed"),
    "503": ("Service Unavailable", "The function took too long"),
}


def derive_document(api: RestApi | HttpApi) -> dict[str, Any]:
    """Return the OpenAPI document of an API of either kind."""
    return derive_http_document(api) if isinstance(api, HttpApi) else derive_openapi_document(api)


def derive_http_document(http_api: HttpApi) -> dict[str, Any]:
    """Return the OpenAPI 3.0.3 document of an HTTP API: routes, tokens, scopes, and API Gateway's responses.

    The route `$default`, which is no path, stands in the description alone.
    """
    default = next((route for route in http_api.http_routes if route.path == DEFAULT), None)
    about = _ABOUT if default is None else f"{_ABOUT} $default: {_summarize(http_api, default)}."
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(http_api.http_routes, key=lambda route: (route.path, route.http_method == ANY)):
        if route.path != DEFAULT:
            operations = paths.setdefault(spell_path(route.path), {})
            for verb in sorted(VERBS) if route.http_method == ANY else (route.http_method,):
                operations.setdefault(verb.lower(), _build_operation(http_api, route, verb))
    return {
        "openapi": VERSION,
        "info": {"title": http_api.name, "version": "1", "description": about},
        "servers": [{"url": http_api.base_path or "/", "description": "the API's stage"}],
        "paths": paths,
        "components": {
            "securitySchemes": dict(_list_schemes(http_api.authorizers.values())),
            "schemas": {"GatewayMessage": _MESSAGE},
        },
    }


def _list_schemes(authorizers: Iterable[JwtAuthorizerSettings]) -> Iterator[tuple[str, dict[str, Any]]]:
    for authorizer in authorizers:
        about = f"A token of {authorizer.issuer} for {', '.join(authorizer.audience)}"
        if (authorizer.identity_source or "").lower() == "authorization":
            scheme = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": about}
        else:
            place = "query" if authorizer.identity_source is None else "header"
            name = authorizer.token_source.name
            scheme = {"type": "apiKey", "in": place, "name": name, "description": about}
        yield authorizer.name, scheme


def _build_operation(http_api: HttpApi, route: HttpRoute, verb: str) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": build_operation_id(verb, route.path),
        "summary": _summarize(http_api, route),
        "security": [] if route.authorizer is None else [{route.authorizer: []}],
    }
    if route.scopes:
        operation[SCOPES] = list(route.scopes)
    if parameters := list(list_path_parameters(route.path)):
        operation["parameters"] = parameters
    return operation | {"responses": dict(_list_responses(route))}


def _summarize(http_api: HttpApi, route: HttpRoute) -> str:
    if route.authorizer is None:
        return "Open to all"
    issuer = http_api.authorizers[route.authorizer].issuer
    return f"Takes a token of {issuer}" + (f" with {' or '.join(route.scopes)}" if route.scopes else "")


def _list_responses(route: HttpRoute) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "200", {"description": "What the function returns; it may choose any status"}
    for status, (message, about) in _REFUSALS.items():
        if (
            (status == "401" and route.authorizer is None)
            or (status == "403" and not route.scopes)
            or (status == "429" and route.throttle is None)
        ):
            continue
        content = {"schema": {"$ref": "#/components/schemas/GatewayMessage"}, "example": {"message": message}}
        yield status, {"description": about, "content": {"application/json": content}}
