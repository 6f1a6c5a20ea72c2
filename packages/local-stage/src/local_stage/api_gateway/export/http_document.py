"""Derives the OpenAPI document of an HTTP API from what the template says of it.

https://spec.openapis.org/oas/v3.0.3
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.export.document import (
    SCOPES,
    VERSION,
    build_api_key,
    build_operation_id,
    derive_openapi_document,
    list_path_parameters,
    spell_path,
)
from local_stage.api_gateway.http.authorizer_reader import HttpAuthorizerSettings
from local_stage.api_gateway.http.http_api import ANY, DEFAULT, HttpApi, HttpRoute
from local_stage.api_gateway.http.lambda_authorizer import HttpLambdaAuthorizerSettings
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
    "401": ("Unauthorized", "Nothing that says who calls, or no token that is good for this route"),
    "403": ("Forbidden", "The caller may not call this route"),
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
            "securitySchemes": dict(map(_build_scheme, http_api.authorizers.values())),
            "schemas": {"GatewayMessage": _MESSAGE},
        },
    }


def _build_scheme(authorizer: HttpAuthorizerSettings) -> tuple[str, dict[str, Any]]:
    match authorizer:
        case JwtAuthorizerSettings():
            return authorizer.name, _build_jwt_scheme(authorizer)
        case HttpLambdaAuthorizerSettings():
            sources = " and ".join(f"the {source}" for source in authorizer.sources) or "the request"
            header = authorizer.identity_source or "Unused"
            return authorizer.name, build_api_key(header, f"A function decides, by {sources}", "custom")
    signed = build_api_key("Authorization", "An AWS signature of the whole request", "awsSigv4")
    return authorizer.name, signed


def _build_jwt_scheme(authorizer: JwtAuthorizerSettings) -> dict[str, Any]:
    about = f"A token of {authorizer.issuer} for {', '.join(authorizer.audience)}"
    if (authorizer.identity_source or "").lower() == "authorization":
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": about}
    place = "query" if authorizer.identity_source is None else "header"
    return {"type": "apiKey", "in": place, "name": authorizer.token_source.name, "description": about}


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
    return operation | {"responses": dict(_list_responses(http_api, route))}


def _summarize(http_api: HttpApi, route: HttpRoute) -> str:
    if route.authorizer is None:
        return "Open to all"
    settings = http_api.authorizers[route.authorizer]
    if not isinstance(settings, JwtAuthorizerSettings):
        return f"Takes what {route.authorizer} asks for"
    scopes = f" with {' or '.join(route.scopes)}" if route.scopes else ""
    return f"Takes a token of {settings.issuer}{scopes}"


def _list_responses(http_api: HttpApi, route: HttpRoute) -> Iterator[tuple[str, dict[str, Any]]]:
    settings = http_api.authorizers.get(route.authorizer or "")
    has_401 = settings is not None and not isinstance(settings, IamAuthorizerSettings)
    has_403 = bool(route.scopes) or not isinstance(settings, JwtAuthorizerSettings | None)
    yield "200", {"description": "What the function returns; it may choose any status"}
    for status, (message, about) in _REFUSALS.items():
        if (
            (status == "401" and not has_401)
            or (status == "403" and not has_403)
            or (status == "429" and route.throttle is None)
        ):
            continue
        content = {"schema": {"$ref": "#/components/schemas/GatewayMessage"}, "example": {"message": message}}
        yield status, {"description": about, "content": {"application/json": content}}
