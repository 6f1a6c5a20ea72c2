"""The REST APIs of a template, and which have a Cognito authorizer, however the template writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cfn_lint_cognito.intrinsics import Intrinsics, referenced_id
from cfn_lint_cognito.possible_value import ABSENT, PossibleValue, is_true
from cfn_lint_cognito.template import Resource, Template

SAM_API: Final = "AWS::Serverless::Api"
REST_API: Final = "AWS::ApiGateway::RestApi"
IMPLICIT_API: Final = "ServerlessRestApi"
"""The API that SAM makes for the events without `RestApiId`, with what `Globals.Api` says of it."""
WITH_EVENTS: Final = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
DEFINITIONS: Final = {SAM_API: "DefinitionBody", REST_API: "Body"}

SECURITY_SCHEMES: Final = (("components", "securitySchemes"), ("securityDefinitions",))
_SCHEME_KINDS: Final = (("x-amazon-apigateway-authtype",), ("x-amazon-apigateway-authorizer", "type"))


@dataclass(frozen=True, slots=True)
class Api:
    """A REST API. `place` has its properties, `body` the name of the one with the OpenAPI definition."""

    logical_id: str
    place: PossibleValue
    body: str
    intrinsics: Intrinsics

    @property
    def is_sam(self) -> bool:
        """Whether SAM writes the definition: then it knows `Auth` and `Cors`."""
        return self.body == DEFINITIONS[SAM_API]

    @property
    def has_definition_alone(self) -> bool:
        """Whether the template writes the API's definition, and SAM merges no event into it."""
        written = any(
            found.value is not ABSENT
            for name in (self.body, "DefinitionUri")
            for found in self.possible(name)
        )
        merged = (found.value for found in self.possible("MergeDefinitions"))
        return self.logical_id != IMPLICIT_API and written and not any(map(is_true, merged))

    def possible(self, *keys: str, when: Mapping[str, bool] | None = None) -> Iterator[PossibleValue]:
        """Yield every value that a property can have."""
        place = self.place.under(when or {})
        return self.intrinsics.at(place, *keys) if place else iter(())


@dataclass(frozen=True, slots=True)
class ApiEvent:
    """An event of type Api: a method that SAM adds to an API. `place` has the event's properties."""

    api_id: str
    place: PossibleValue
    verb: str
    path: str


def find_apis(template: Template) -> Iterator[Api]:
    """Yield every REST API, the implicit one among them."""
    for kind, body in DEFINITIONS.items():
        for resource in template.resources(kind):
            for properties in resource.possible():
                yield Api(resource.logical_id, properties, body, template.intrinsics)
    place = PossibleValue(template.section("Globals").get("Api", {}), ("Globals", "Api"))
    yield Api(IMPLICIT_API, place, DEFINITIONS[SAM_API], template.intrinsics)


def find_protected_apis(template: Template) -> Iterator[Api]:
    """Yield the REST APIs that have a Cognito authorizer."""
    for api in find_apis(template):
        if (
            _has_sam_authorizer(api)
            or _has_openapi_authorizer(api)
            or _has_authorizer_resource(api, template)
        ):
            yield api


def find_apis_to_protect(template: Template) -> Iterator[Api]:
    """Yield the REST APIs that have a Cognito authorizer, and where there is a user pool all that could."""
    has_pool = next(template.resources("AWS::Cognito::UserPool"), None) is not None
    yield from find_apis(template) if has_pool else find_protected_apis(template)


def find_events(template: Template) -> Iterator[ApiEvent]:
    """Yield the events of type Api, of functions and state machines."""
    for resource in template.resources(*WITH_EVENTS):
        for events in resource.possible("Events"):
            if isinstance(events.value, Mapping):
                for name in events.value:
                    yield from _read_event(events.member(name), resource.intrinsics)


def names_api(resource: Resource, api: Api) -> bool:
    """Return whether the resource's `RestApiId` names the API."""
    return referenced_id(resource.written("RestApiId")) == api.logical_id


def members(place: PossibleValue, intrinsics: Intrinsics, *keys: str) -> Iterator[tuple[str, PossibleValue]]:
    """Yield the keys of the mappings found by following `keys`, with what stands there."""
    for found in intrinsics.at(place, *keys):
        if isinstance(found.value, Mapping):
            yield from ((str(key), found.member(key)) for key in found.value)


def first_text(place: PossibleValue, intrinsics: Intrinsics, *keys: str) -> str:
    """Return the first text that can stand there; an empty one where none is known."""
    values = (found.value for found in intrinsics.at(place, *keys))
    return next((value for value in values if isinstance(value, str)), "")


def _read_event(event: PossibleValue, intrinsics: Intrinsics) -> Iterator[ApiEvent]:
    for found in intrinsics.possible_values(event):
        if not isinstance(found.value, Mapping) or found.value.get("Type") != "Api":
            continue
        for properties in intrinsics.at(found, "Properties"):
            verb, path = (first_text(properties, intrinsics, key) for key in ("Method", "Path"))
            yield ApiEvent(_read_api_id(properties.value), properties, verb.upper(), path)


def _read_api_id(properties: Any) -> str:
    api = properties.get("RestApiId") if isinstance(properties, Mapping) else None
    if api is None:
        return IMPLICIT_API
    return api if isinstance(api, str) else referenced_id(api) or ""


def _has_sam_authorizer(api: Api) -> bool:
    return api.is_sam and any(
        isinstance(found.value, Mapping) and "UserPoolArn" in found.value
        for _, authorizer in members(api.place, api.intrinsics, "Auth", "Authorizers")
        for found in api.intrinsics.possible_values(authorizer)
    )


def _has_openapi_authorizer(api: Api) -> bool:
    return any(
        kind.value == "cognito_user_pools"
        for keys in SECURITY_SCHEMES
        for _, scheme in members(api.place, api.intrinsics, api.body, *keys)
        for says in _SCHEME_KINDS
        for kind in api.intrinsics.at(scheme, *says)
    )


def _has_authorizer_resource(api: Api, template: Template) -> bool:
    return any(
        names_api(authorizer, api) and kind.value == "COGNITO_USER_POOLS"
        for authorizer in template.resources("AWS::ApiGateway::Authorizer")
        for kind in authorizer.possible("Type")
    )
