"""An HTTP API's document, with the `AWS::ApiGatewayV2` resources of the template that add to it.

A route, its integration and its authorizer say what an OpenAPI document would say, so they are written into
one and read from there.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

from local_stage.api_gateway.document_assembler import DocumentAssembler
from local_stage.api_gateway.http.event import FORMAT_1, FORMAT_2
from local_stage.api_gateway.http.http_api import ANY, DEFAULT
from local_stage.api_gateway.http.lambda_integration import INTEGRATION
from local_stage.api_gateway.security_schemes import (
    AUTHORIZER,
    IAM_SCHEME,
)
from local_stage.api_gateway.template_part import ApiResource, Assembled
from local_stage.api_gateway.unplaced_route import DECIDING, UnplacedRoute, is_open
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import NotRun

TYPES: Final = frozenset({"ApiGatewayManagedOverrides", "Authorizer", "Integration", "Route"})
"""What comes after `AWS::ApiGatewayV2::` in the types of resources that add to an API."""

ANY_METHOD: Final = "x-amazon-apigateway-any-method"
VERBS: Final[Mapping[str, str]] = {
    **{verb.lower(): verb for verb in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")},
    ANY_METHOD: ANY,
}
"""The method of a route by its key in a document."""

_KEYS: Final = {verb: key for key, verb in VERBS.items()}
_TARGET: Final = "integrations/"
_KINDS: Final = {"JWT": "JWT", "CUSTOM": "REQUEST"}
"""The type of authorizer that each type of a route's authorization asks for."""

_INTEGRATION_KEYS: Final[Mapping[str, str]] = {
    "ConnectionId": "connectionId",
    "ConnectionType": "connectionType",
    "CredentialsArn": "credentials",
    "IntegrationMethod": "httpMethod",
    "IntegrationSubtype": "integrationSubtype",
    "IntegrationType": "type",
    "IntegrationUri": "uri",
    "PayloadFormatVersion": "payloadFormatVersion",
    "RequestParameters": "requestParameters",
    "ResponseParameters": "responseParameters",
    "TimeoutInMillis": "timeoutInMillis",
    "TlsConfig": "tlsConfig",
}
"""Properties of an `AWS::ApiGatewayV2::Integration`, and what a document calls them."""


def assemble(
    file: str, logical_id: str, api: Mapping[str, Any], resources: Sequence[ApiResource]
) -> Assembled | None:
    """Return the document of an API, made of its own one and its resources, or None where nothing adds to it.

    `api` holds the properties of the API. Raises TemplateError where it is not clear who may call a route.
    """
    body = api.get("Body")
    if (body is not None and not isinstance(body, Mapping)) or not (resources or "Target" in api):
        return None
    document = copy.deepcopy(dict(body)) if body is not None else {"openapi": "3.0.1", "info": {}}
    assembler = _Assembler(file, logical_id, "ApiId", document, resources)
    assembler.add(api)
    return assembler.assembled


class _Assembler(DocumentAssembler):
    def add(self, api: Mapping[str, Any]) -> None:
        """Add everything to the document."""
        self.name_schemes("AWS_IAM")
        for route in sorted(self.of_type("Route"), key=self.may_be_elsewhere):
            self._add_route(route, self._find_integration(route))
        overrides = list(self.of_type("ApiGatewayManagedOverrides"))
        if "Target" in api:
            self._quick_create(api, overrides)
            return
        for override in overrides:
            if "Route" in override.properties and not self.may_be_elsewhere(override):
                why = "the API has no Target, so that API Gateway manages no route of it; write a Route"
                raise self.refusal(override, "Route", why)

    def _quick_create(self, api: Mapping[str, Any], overrides: list[ApiResource]) -> None:
        """Add the route that API Gateway makes of a target: `$default`, unless the API names another."""
        unknown = next((one for one in overrides if self.may_be_elsewhere(one)), None)
        overrides = [one for one in overrides if not self.may_be_elsewhere(one)]
        for other in overrides[1:]:
            raise self.refusal(other, "ApiId", f"{overrides[0].logical_id} overrides the same API already")
        changed = overrides[0].properties if overrides else {}
        owner = overrides[0].logical_id if "Route" in changed else self.logical_id
        own = self._read_mapping(overrides[0], "Route") if overrides else {}
        properties = {"RouteKey": api.get("RouteKey") or DEFAULT, **own}
        if unknown is not None and "Route" in unknown.properties:
            properties["AuthorizationType"] = unknown.properties["ApiId"]
        route = ApiResource(owner, "Route", owner, properties)
        target = api["Target"]
        is_address = isinstance(target, str) and target.startswith(("http://", "https://"))
        integration = {
            "IntegrationType": "HTTP_PROXY" if is_address else "AWS_PROXY",
            "IntegrationUri": target,
            "CredentialsArn": api.get("CredentialsArn"),
            "PayloadFormatVersion": FORMAT_2,
            **(self._read_mapping(overrides[0], "Integration") if overrides else {}),
        }
        self._add_route(route, self._find_integration(route) if "Target" in own else integration)

    def _add_route(self, route: ApiResource, integration: Mapping[str, Any] | None) -> None:
        key = route.properties.get("RouteKey")
        if isinstance(key, Unknown):
            why = f"its route key is not known, so that there is no such route here: {key.reason}"
            self.not_run.append(NotRun(route.logical_id, why, "RouteKey"))
            if not is_open(route.properties):
                self.unplaced.append(UnplacedRoute(ANY, Unknown("unknown-route-key", self.not_run[-1])))
            return
        verb, path = self._split_key(route, str(key))
        path_item = self.descend("paths", path)
        if verb in path_item:
            if self.may_be_elsewhere(route):
                return
            raise self.refusal(route, "RouteKey", f"the API has a route {key} already")
        operation: dict[str, Any] = {"responses": {}, "security": self._security(route)}
        if integration is not None:
            operation[INTEGRATION] = {
                name: integration[key]
                for key, name in _INTEGRATION_KEYS.items()
                if integration.get(key) is not None
            }
        path_item[verb] = operation
        self.origins["paths", path, verb] = route.logical_id

    def _split_key(self, route: ApiResource, key: str) -> tuple[str, str]:
        """Return the key of an operation in a document, and its path."""
        if key == DEFAULT:
            return ANY_METHOD, DEFAULT
        verb, _, path = key.partition(" ")
        if verb not in _KEYS or not path.startswith("/"):
            why = f"{key!r} is no route key: write $default, or a method and a path, as GET /items"
            raise self.refusal(route, "RouteKey", why)
        return _KEYS[verb], path

    def _find_integration(self, route: ApiResource) -> Mapping[str, Any] | None:
        target = str(route.properties.get("Target"))
        for integration in self.of_type("Integration"):
            if target == f"{_TARGET}{integration.ref}":
                # AWS asks for the version, and takes 1.0 where none is given (unverified).
                return {"PayloadFormatVersion": FORMAT_1, **integration.properties}
        return None

    def _security(self, route: ApiResource) -> Any:
        properties = route.properties
        if unknown := find_unknown([properties.get(name) for name in ("ApiId", *DECIDING)]):
            return unknown
        if str(properties.get("ApiKeyRequired", False)).lower() != "false":
            raise self.refusal(route, "ApiKeyRequired", "an HTTP API has no API keys: AWS would ask for none")
        kind = str(properties.get("AuthorizationType") or "NONE").upper()
        scopes = properties.get("AuthorizationScopes") or []
        if not isinstance(scopes, list):
            raise self.refusal(route, "AuthorizationScopes", "has to be a list of scopes")
        if kind in _KINDS:
            authorizer = self._require_authorizer(route, kind)
            if unknown := find_unknown_of(authorizer):
                return unknown
            name = self.names.authorizers[authorizer.logical_id]
            self.define(name, authorizer, build_scheme(authorizer))
            return [{name: scopes}]
        if kind not in {"NONE", "AWS_IAM"}:
            raise self.refusal(route, "AuthorizationType", f"{kind} is no type of authorization")
        if "AuthorizerId" in properties or scopes:
            why = (
                f"is {kind}, which asks for no authorizer, and the route names one or its scopes;"
                " write JWT or CUSTOM, or take AuthorizerId and AuthorizationScopes away"
            )
            raise self.refusal(route, "AuthorizationType", why)
        if kind == "NONE":
            # Where its condition does not hold, a route that is protected may take its requests.
            return route.condition or []
        return [self.require(kind, IAM_SCHEME)]

    def _require_authorizer(self, route: ApiResource, kind: str) -> ApiResource:
        authorizer = self.require_authorizer(route)
        written = authorizer.properties.get("AuthorizerType")
        if isinstance(written, Unknown) or str(written).upper() == _KINDS[kind]:
            return authorizer
        why = f"is {kind}, and {authorizer.logical_id} is an authorizer of type {written}"
        raise self.refusal(route, "AuthorizationType", why)

    def _read_mapping(self, resource: ApiResource, name: str) -> Mapping[str, Any]:
        value = resource.properties.get(name) or {}
        if isinstance(value, Mapping):
            return value
        raise self.refusal(resource, name, "has to be a mapping")


def build_scheme(authorizer: ApiResource) -> dict[str, Any]:
    """Return the security scheme that says what an `AWS::ApiGatewayV2::Authorizer` says."""
    properties = authorizer.properties
    kind = str(properties.get("AuthorizerType")).lower()
    configuration = properties.get("JwtConfiguration")
    if isinstance(configuration, Mapping):
        configuration = {name[:1].lower() + name[1:]: value for name, value in configuration.items()}
    settings = {
        "type": kind,
        "identitySource": properties.get("IdentitySource"),
        "jwtConfiguration": configuration,
        "authorizerUri": properties.get("AuthorizerUri"),
        "authorizerCredentials": properties.get("AuthorizerCredentialsArn"),
        "authorizerPayloadFormatVersion": properties.get("AuthorizerPayloadFormatVersion"),
        "authorizerResultTtlInSeconds": properties.get("AuthorizerResultTtlInSeconds"),
        "enableSimpleResponses": properties.get("EnableSimpleResponses"),
    }
    scheme = {"type": "oauth2"} if kind == "jwt" else {"type": "apiKey", "name": "Unused", "in": "header"}
    return {**scheme, AUTHORIZER: {name: value for name, value in settings.items() if value is not None}}


def find_unknown_of(authorizer: ApiResource) -> Unknown | None:
    """Return what is not known of an authorizer and may decide who may call; an issuer may be closed."""
    harmless = {"AuthorizerCredentialsArn", "AuthorizerResultTtlInSeconds", "JwtConfiguration", "Name"}
    return find_unknown([value for name, value in authorizer.properties.items() if name not in harmless])
