"""Rules for HTTP APIs: who may call their routes, and whose tokens their JWT authorizers take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cfn_lint_cognito.api import WITH_EVENTS, first_text, members
from cfn_lint_cognito.authorization import ALLOW_LIST
from cfn_lint_cognito.intrinsics import Intrinsics, referenced_id
from cfn_lint_cognito.possible_value import ABSENT, PossibleValue
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Resource, Template

_IMPLICIT_API: Final = "ServerlessHttpApi"
"""The API that SAM makes for the events without `ApiId`, with what `Globals.HttpApi` says of it."""
_NOBODY: Final = "NONE"
_PREFLIGHT: Final = "OPTIONS"


@dataclass(frozen=True, slots=True)
class HttpApi:
    """An HTTP API that SAM writes. `place` has its properties."""

    logical_id: str
    place: PossibleValue
    intrinsics: Intrinsics

    def authorizers(self) -> Iterator[tuple[str, PossibleValue]]:
        """Yield its authorizers, each with every form that it can have."""
        for name, authorizer in members(self.place, self.intrinsics, "Auth", "Authorizers"):
            yield from ((name, found) for found in self.intrinsics.possible_values(authorizer))


@dataclass(frozen=True, slots=True)
class HttpRoute:
    """A route, with every authorizer that it can have, ABSENT and `NONE` among them."""

    api_id: str
    name: str
    authorizers: tuple[PossibleValue, ...]

    @property
    def is_preflight(self) -> bool:
        """Whether browsers send it without any token."""
        return self.name.startswith(f"{_PREFLIGHT} ")


def find_http_apis(template: Template) -> Iterator[HttpApi]:
    """Yield the HTTP APIs that SAM writes, the implicit one among them."""
    for resource in template.resources("AWS::Serverless::HttpApi"):
        for properties in resource.possible():
            yield HttpApi(resource.logical_id, properties, template.intrinsics)
    place = PossibleValue(template.section("Globals").get("HttpApi", {}), ("Globals", "HttpApi"))
    yield HttpApi(_IMPLICIT_API, place, template.intrinsics)


def find_http_routes(template: Template, api: HttpApi) -> Iterator[HttpRoute]:
    """Yield the routes of an API that events make."""
    for resource in template.resources(*WITH_EVENTS):
        for name, event in members(resource.place, resource.intrinsics, "Properties", "Events"):
            for found in resource.intrinsics.possible_values(event):
                if name and isinstance(found.value, Mapping) and found.value.get("Type") == "HttpApi":
                    yield from _read_route(found, api)


def find_open_routes(template: Template) -> Iterator[Finding]:
    """Find routes that everybody may call, in HTTP APIs that have an authorizer or could have one."""
    has_pool = next(template.resources("AWS::Cognito::UserPool"), None) is not None
    for route in _find_routes_to_protect(template, has_pool=has_pool):
        for authorizer in () if route.is_preflight else route.authorizers:
            if authorizer.value is ABSENT or authorizer.value == _NOBODY:
                yield Finding(
                    authorizer.path,
                    f"Everybody may call {route.name}: give it an authorizer, or allow it in {ALLOW_LIST}",
                    route.name,
                )


def find_missing_audiences(template: Template) -> Iterator[Finding]:
    """Find JWT authorizers that do not say for whom a token has to be made."""
    for configuration, audience in _find_audiences(template):
        if audience.value is ABSENT or audience.value in ([], ""):
            yield Finding(
                audience.path if audience.value is not ABSENT else configuration.path,
                "Name the app clients whose tokens are taken as the audience",
            )


def _read_route(event: PossibleValue, api: HttpApi) -> Iterator[HttpRoute]:
    intrinsics = api.intrinsics
    if "Properties" not in event.value:
        if api.logical_id == _IMPLICIT_API:
            yield HttpRoute(_IMPLICIT_API, "$default", tuple(_route_authorizers(api, event)))
        return
    for properties in intrinsics.at(event, "Properties"):
        written = properties.value.get("ApiId") if isinstance(properties.value, Mapping) else None
        api_id = _IMPLICIT_API if written is None else referenced_id(written) or written
        if api_id == api.logical_id:
            path, verb = (first_text(properties, intrinsics, key) for key in ("Path", "Method"))
            name = f"{verb.upper().replace('X-AMAZON-APIGATEWAY-ANY-METHOD', 'ANY')} {path}"
            is_default = path in {"", "$default"}
            yield HttpRoute(
                api_id, "$default" if is_default else name, tuple(_route_authorizers(api, properties))
            )


def _route_authorizers(api: HttpApi, properties: PossibleValue) -> Iterator[PossibleValue]:
    for own in api.intrinsics.at(properties, "Auth", "Authorizer"):
        place = api.place.under(own.when)
        if own.value is not ABSENT or place is None:
            yield own
            continue
        for default in api.intrinsics.at(place, "Auth", "DefaultAuthorizer"):
            yield PossibleValue(default.value, own.path, default.when)


def _find_routes_to_protect(template: Template, *, has_pool: bool) -> Iterator[HttpRoute]:
    for api in find_http_apis(template):
        if has_pool or next(api.authorizers(), None) is not None:
            yield from find_http_routes(template, api)
    protected = {_named_api(one) for one in template.resources("AWS::ApiGatewayV2::Authorizer")}
    for resource in template.resources("AWS::ApiGatewayV2::Api"):
        kinds = [found.value for found in resource.possible("ProtocolType")]
        if kinds == ["HTTP"] and (has_pool or resource.logical_id in protected):
            yield from _find_written_routes(template, resource)


def _find_written_routes(template: Template, api: Resource) -> Iterator[HttpRoute]:
    for route in template.resources("AWS::ApiGatewayV2::Route"):
        if _named_api(route) == api.logical_id:
            name = first_text(route.place, route.intrinsics, "Properties", "RouteKey")
            yield HttpRoute(api.logical_id, name, tuple(route.possible("AuthorizationType")))


def _named_api(resource: Resource) -> str | None:
    return referenced_id(resource.written("ApiId"))


def _find_audiences(template: Template) -> Iterator[tuple[PossibleValue, PossibleValue]]:
    """Yield the settings of each JWT authorizer, and every audience that they can have."""
    for api in find_http_apis(template):
        for _, authorizer in api.authorizers():
            for settings in api.intrinsics.at(authorizer, "JwtConfiguration"):
                if isinstance(settings.value, Mapping):
                    # SAM writes the names in lower case, however the template does.
                    name = next((key for key in settings.value if str(key).lower() == "audience"), "audience")
                    yield from ((settings, found) for found in api.intrinsics.at(settings, name))
    for resource in template.resources("AWS::ApiGatewayV2::Authorizer"):
        for kind in resource.possible("AuthorizerType"):
            for settings in resource.possible("JwtConfiguration", when=kind.when):
                if kind.value == "JWT" and isinstance(settings.value, Mapping):
                    yield from ((settings, found) for found in template.intrinsics.at(settings, "Audience"))


RULES: Final = (
    Rule(
        id="E9551",
        title="Every route of an HTTP API is behind an authorizer, or is named as open",
        why="A route without an authorizer answers everybody, and nothing in the deployment says so.",
        looks_at=(
            "Auth of AWS::Serverless::HttpApi, of its events and of Globals; AuthorizationType of "
            "AWS::ApiGatewayV2::Route: of APIs that have an authorizer, and of every HTTP API in a template "
            "with an AWS::Cognito::UserPool"
        ),
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html",
        find=find_open_routes,
        allow_list=ALLOW_LIST,
    ),
    Rule(
        id="E9552",
        title="A JWT authorizer names its audience",
        why=(
            "Without one nothing says for whom a token has to be made, and a token that the issuer has made "
            "for another application is as good as one of your own."
        ),
        looks_at=(
            "JwtConfiguration.audience of authorizers of AWS::Serverless::HttpApi and Globals, "
            "JwtConfiguration.Audience of AWS::ApiGatewayV2::Authorizer"
        ),
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html",
        find=find_missing_audiences,
    ),
)
