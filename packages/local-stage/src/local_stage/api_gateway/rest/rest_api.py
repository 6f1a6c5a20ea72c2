"""A REST API as deployed to one stage: what `openapi.read_rest_api` reads and everything else works from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from local_stage.api_gateway.api import AuthorizerKind, Route
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.authorizers.lambda_authorizer import LambdaAuthorizerSettings
from local_stage.api_gateway.integrations.integration import Integration
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.policy.policy import Policy
from local_stage.api_gateway.rest.gateway_response import GatewayResponse, GatewayResponseType
from local_stage.api_gateway.throttle import Throttle

ANY = "ANY"
"""The method of a resource that takes every verb it does not name."""

type AuthorizerSettings = CognitoAuthorizerSettings | IamAuthorizerSettings | LambdaAuthorizerSettings

_KINDS: Final[Mapping[type[AuthorizerSettings], AuthorizerKind]] = {
    CognitoAuthorizerSettings: "cognito",
    IamAuthorizerSettings: "iam",
    LambdaAuthorizerSettings: "lambda",
}


@dataclass(frozen=True, slots=True)
class RequestValidator:
    """What of a request is validated before the integration sees it."""

    body: bool = False
    parameters: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """One verb of a resource; without `authorizer` and `api_key_required` anybody may call it.

    `request_models` maps a content type to a JSON Schema (draft 4). `required_parameters` holds
    (`querystring` | `header` | `path`, name) pairs.
    """

    http_method: str
    integration: Integration
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()
    api_key_required: bool = False
    validator: RequestValidator = RequestValidator()
    request_models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    required_parameters: tuple[tuple[str, str], ...] = ()
    throttle: Throttle | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A path such as `/hello`, `/users/{id}` or `/{proxy+}`, and its methods by verb (or `ANY`)."""

    resource_id: str
    path: str
    methods: Mapping[str, Method]


@dataclass(frozen=True, slots=True)
class RestApi:
    """A REST API and the one stage it is deployed to, which `is_traced` by X-Ray or not."""

    logical_id: str
    api_id: str
    name: str
    stage_name: str
    deployment_id: str
    resources: tuple[Resource, ...]
    authorizers: Mapping[str, AuthorizerSettings] = field(default_factory=dict)
    gateway_responses: Mapping[GatewayResponseType, GatewayResponse] = field(default_factory=dict)
    binary_media_types: tuple[str, ...] = ()
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    access_log_format: str | None = None
    resource_policy: Policy | None = None
    api_key_source: Literal["HEADER", "AUTHORIZER"] = "HEADER"
    is_traced: bool = False

    @property
    def base_path(self) -> str:
        """The stage, which is the first segment of every path."""
        return f"/{self.stage_name}"

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every verb and path with what opens it, by path and verb."""
        return tuple(self._describe(resource, method) for resource, method in self.methods)

    @property
    def throttles(self) -> dict[tuple[str, str], Throttle | None]:
        """The limits of every method, by verb and path."""
        return {(method.http_method, resource.path): method.throttle for resource, method in self.methods}

    @property
    def methods(self) -> tuple[tuple[Resource, Method], ...]:
        """All methods with their resources, by path and verb."""
        return tuple(
            (resource, method)
            for resource in sorted(self.resources, key=lambda resource: resource.path)
            for _, method in sorted(resource.methods.items())
        )

    @property
    def function_arns(self) -> frozenset[str]:
        """The ARNs that the API invokes: functions' own, and those of aliases and versions."""
        integrations = {
            method.integration.function_arn
            for _, method in self.methods
            if isinstance(method.integration, LambdaProxyIntegration)
        }
        return frozenset(integrations | {settings.function_arn for settings in self.lambda_authorizers})

    @property
    def jwt_authorizers(self) -> tuple[JwtAuthorizerSettings, ...]:
        """None: a REST API has no authorizer for tokens of any issuer."""
        return ()

    @property
    def cognito_authorizers(self) -> tuple[CognitoAuthorizerSettings, ...]:
        """The authorizers that take the tokens of user pools."""
        return tuple(
            settings
            for settings in self.authorizers.values()
            if isinstance(settings, CognitoAuthorizerSettings)
        )

    @property
    def lambda_authorizers(self) -> tuple[LambdaAuthorizerSettings, ...]:
        """The authorizers that ask a function."""
        return tuple(
            settings
            for settings in self.authorizers.values()
            if isinstance(settings, LambdaAuthorizerSettings)
        )

    @property
    def iam_authorizers(self) -> tuple[IamAuthorizerSettings, ...]:
        """What asks for an AWS signature."""
        return tuple(one for one in self.authorizers.values() if isinstance(one, IamAuthorizerSettings))

    def find_authorizer(self, method: Method) -> AuthorizerSettings | None:
        """Return the authorizer of a method, None where it has none."""
        return None if method.authorizer is None else self.authorizers[method.authorizer]

    def find_cognito_authorizer(self, method: Method) -> CognitoAuthorizerSettings | None:
        """Return the authorizer of a method whose callers have the tokens of user pools, or None."""
        settings = self.find_authorizer(method)
        return settings if isinstance(settings, CognitoAuthorizerSettings) else None

    def _describe(self, resource: Resource, method: Method) -> Route:
        settings = self.find_authorizer(method)
        return Route(
            method.http_method,
            resource.path,
            method.authorizer,
            settings.identity_source if settings else None,
            self._find_token_kind(method),
            method.scopes,
            None if settings is None else _KINDS[type(settings)],
            method.api_key_required,
        )

    def _find_token_kind(self, method: Method) -> Literal["id", "access"] | None:
        if self.find_cognito_authorizer(method) is None:
            return None
        return "access" if method.scopes else "id"
