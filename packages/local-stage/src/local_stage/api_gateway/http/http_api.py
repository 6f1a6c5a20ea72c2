"""An HTTP API as deployed to one stage: what `http_api_reader` reads and everything else works from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from local_stage.api_gateway.api import AuthorizerKind, Route
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.http.authorizer_reader import HttpAuthorizerSettings
from local_stage.api_gateway.http.cors import CorsConfiguration
from local_stage.api_gateway.http.lambda_authorizer import HttpLambdaAuthorizerSettings
from local_stage.api_gateway.http.lambda_integration import LambdaIntegration
from local_stage.api_gateway.integrations.integration import Integration
from local_stage.api_gateway.throttle import Throttle

ANY: Final = "ANY"
"""The method of a route that takes every verb."""

DEFAULT: Final = "$default"
"""The path of the route that takes what no other route takes, and the stage without a name in the URL."""

_KINDS: Final[Mapping[type[HttpAuthorizerSettings], AuthorizerKind]] = {
    HttpLambdaAuthorizerSettings: "lambda",
    IamAuthorizerSettings: "iam",
    JwtAuthorizerSettings: "jwt",
}


@dataclass(frozen=True, slots=True)
class HttpRoute:
    """A verb (or ANY) and a path, which is `/pets/{id}` or `$default`.

    Without `authorizer` anybody may call it.
    """

    http_method: str
    path: str
    integration: Integration
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()
    throttle: Throttle | None = None

    @property
    def key(self) -> str:
        """The route key: `GET /pets/{id}` or `$default`."""
        return DEFAULT if self.path == DEFAULT else f"{self.http_method} {self.path}"


@dataclass(frozen=True, slots=True)
class HttpApi:
    """An HTTP API and the one stage it is deployed to; `cors` is None where pages are told nothing."""

    logical_id: str
    api_id: str
    name: str
    stage_name: str
    http_routes: tuple[HttpRoute, ...]
    authorizers: Mapping[str, HttpAuthorizerSettings] = field(default_factory=dict)
    cors: CorsConfiguration | None = None
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    access_log_format: str | None = None

    @property
    def base_path(self) -> str:
        """What comes before a route's path in the URL: `/prod`, or nothing for the stage `$default`."""
        return "" if self.stage_name == DEFAULT else f"/{self.stage_name}"

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route with what opens it, by path and verb."""
        return tuple(self._describe(route) for route in self._sort_routes())

    @property
    def cognito_authorizers(self) -> tuple[CognitoAuthorizerSettings, ...]:
        """None: an HTTP API takes a user pool's tokens by a JWT authorizer."""
        return ()

    @property
    def jwt_authorizers(self) -> tuple[JwtAuthorizerSettings, ...]:
        """The JWT authorizers, in the template's order."""
        return tuple(one for one in self.authorizers.values() if isinstance(one, JwtAuthorizerSettings))

    @property
    def lambda_authorizers(self) -> tuple[HttpLambdaAuthorizerSettings, ...]:
        """The authorizers that ask a function."""
        return tuple(
            one for one in self.authorizers.values() if isinstance(one, HttpLambdaAuthorizerSettings)
        )

    @property
    def iam_authorizers(self) -> tuple[IamAuthorizerSettings, ...]:
        """What asks for an AWS signature."""
        return tuple(one for one in self.authorizers.values() if isinstance(one, IamAuthorizerSettings))

    @property
    def throttles(self) -> dict[tuple[str, str], Throttle | None]:
        """The limits of every route, by verb and path."""
        return {(route.http_method, route.path): route.throttle for route in self.http_routes}

    @property
    def function_arns(self) -> frozenset[str]:
        """The ARNs that the API invokes: functions' own, and those of aliases and versions."""
        integrations = (route.integration for route in self.http_routes)
        invoked = {one.function_arn for one in integrations if isinstance(one, LambdaIntegration)}
        return frozenset(invoked | {settings.function_arn for settings in self.lambda_authorizers})

    def path_in_stage(self, path: str) -> str | None:
        """Return a request's path without the stage's name, or None where another name is there.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
        """
        if self.stage_name == DEFAULT:
            return path
        stage, slash, rest = path.lstrip("/").partition("/")
        return slash + rest if path.startswith("/") and stage == self.stage_name else None

    def _sort_routes(self) -> Iterator[HttpRoute]:
        yield from sorted(
            self.http_routes, key=lambda route: (route.path == DEFAULT, route.path, route.http_method)
        )

    def _describe(self, route: HttpRoute) -> Route:
        settings = self.authorizers[route.authorizer] if route.authorizer is not None else None
        is_jwt = isinstance(settings, JwtAuthorizerSettings)
        return Route(
            route.http_method,
            route.path,
            route.authorizer,
            settings.identity_source if settings else None,
            ("access" if route.scopes else "any") if is_jwt else None,
            route.scopes,
            None if settings is None else _KINDS[type(settings)],
        )
