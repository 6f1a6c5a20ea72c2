"""The methods of an API, and who authorizes their callers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cfn_lint_cognito.api import (
    SECURITY_SCHEMES,
    Api,
    ApiEvent,
    find_events,
    first_text,
    members,
    names_api,
)
from cfn_lint_cognito.possible_value import ABSENT, PossibleValue, is_false, is_true
from cfn_lint_cognito.template import Template

PREFLIGHT: Final = "OPTIONS"
NOBODY: Final = "NONE"
VERBS: Final = frozenset(
    {"delete", "get", "head", "options", "patch", "post", "put", "x-amazon-apigateway-any-method"}
)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of an API. `authorizers` has every authorizer that it can have, ABSENT and `NONE` among them.

    `name` is verb and path, as `GET /health`; where the method is a resource, its logical id is the path.
    `asks_for_key` says that it can ask for an API key.
    """

    verb: str
    name: str
    place: PossibleValue
    authorizers: Sequence[PossibleValue]
    asks_for_key: bool = False

    @property
    def is_preflight(self) -> bool:
        """Whether browsers send it, without any token, to ask what they may send."""
        return self.verb == PREFLIGHT


def is_open(authorizer: PossibleValue) -> bool:
    """Return whether it lets everybody in."""
    return authorizer.value is ABSENT or authorizer.value == NOBODY


def asks_for_tokens(template: Template, api: Api) -> bool:
    """Return whether a method can be behind an authorizer: all of them are not known to be open."""
    methods = [method for method in find_methods(template, api) if not method.is_preflight]
    return not methods or any(not is_open(one) for method in methods for one in method.authorizers)


def find_methods(template: Template, api: Api) -> Iterator[Method]:
    """Yield the API's methods: its events, resources of their own, the operations of its definition."""
    operations = list(_operations(api))
    events = list(_find_methods_events(template, api, {(method.verb, path) for path, method in operations}))
    for event in events:
        name = f"{event.verb} {event.path}"
        authorizers = list(_event_authorizers(event, api))
        yield Method(event.verb, name, event.place, authorizers, _event_asks_for_key(event, api))
    for resource in template.resources("AWS::ApiGateway::Method"):
        if names_api(resource, api):
            verb = first_text(resource.place, resource.intrinsics, "Properties", "HttpMethod").upper()
            authorizers = list(resource.possible("AuthorizationType"))
            has_key = any(is_true(found.value) for found in resource.possible("ApiKeyRequired"))
            yield Method(verb, f"{verb} {resource.logical_id}", resource.place, authorizers, has_key)
    # Where an event and the definition both write a method, the event's authorizer is the one that SAM takes.
    written = {(event.verb, event.path) for event in events}
    yield from (method for path, method in operations if (method.verb, path) not in written)


def _find_methods_events(
    template: Template, api: Api, operations: Collection[tuple[str, str]]
) -> Iterator[ApiEvent]:
    """Yield the events that make methods of the API, or decide who authorizes one of its `operations`.

    Beside a definition of the template's own SAM adds no event as a method, unless `MergeDefinitions` is set,
    and takes an event's authorizer for the operation only with `OverrideApiAuth`.
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-apifunctionauth.html
    """
    for event in find_events(template) if api.is_sam else ():
        is_operations = (event.verb, event.path) in operations and _overrides(event, api)
        if event.api_id == api.logical_id and (is_operations or not api.has_definition_alone):
            yield event


def _overrides(event: ApiEvent, api: Api) -> bool:
    flags = api.intrinsics.at(event.place, "Auth", "OverrideApiAuth")
    own = api.intrinsics.at(event.place, "Auth", "Authorizer")
    return any(is_true(flag.value) for flag in flags) and all(found.value is not ABSENT for found in own)


def _event_authorizers(event: ApiEvent, api: Api) -> Iterator[PossibleValue]:
    for own in api.intrinsics.at(event.place, "Auth", "Authorizer"):
        if own.value is ABSENT:
            yield from _default_authorizers(api, own, event.verb)
        else:
            yield own


def _event_asks_for_key(event: ApiEvent, api: Api) -> bool:
    for own in api.intrinsics.at(event.place, "Auth", "ApiKeyRequired"):
        found = api.possible("Auth", "ApiKeyRequired", when=own.when) if own.value is ABSENT else (own,)
        if any(is_true(one.value) for one in found):
            return True
    return False


def _default_authorizers(api: Api, missing: PossibleValue, verb: str) -> Iterator[PossibleValue]:
    """Yield what SAM puts where an authorizer is missing; its path is that of what lacks one."""
    for default in api.possible("Auth", "DefaultAuthorizer", when=missing.when):
        flags = api.possible("Auth", "AddDefaultAuthorizerToCorsPreflight", when=default.when)
        spared = verb == PREFLIGHT and all(is_false(flag.value) for flag in flags)
        yield PossibleValue(ABSENT if spared else default.value, missing.path, default.when)


def _operations(api: Api) -> Iterator[tuple[str, Method]]:
    keys = frozenset(_key_schemes(api))
    for path, item in members(api.place, api.intrinsics, api.body, "paths"):
        for verb, operation in members(item, api.intrinsics):
            if verb.lower() in VERBS:
                name = "ANY" if verb.startswith("x-") else verb.upper()
                authorizers = list(_operation_authorizers(api, operation, name, keys))
                has_key = any(
                    keys.intersection(_scheme_names(found.value))
                    for found in api.intrinsics.at(operation, "security")
                )
                yield path, Method(name, f"{name} {path}", operation, authorizers, has_key)


def _key_schemes(api: Api) -> Iterator[str]:
    """Yield the schemes that ask for an API key: SAM's own, and those of the definition."""
    if api.is_sam:
        yield "api_key"
    for keys in SECURITY_SCHEMES:
        for name, scheme in members(api.place, api.intrinsics, api.body, *keys):
            header = first_text(scheme, api.intrinsics, "name").lower()
            kinds = [found.value for found in api.intrinsics.at(scheme, "x-amazon-apigateway-authtype")]
            if header == "x-api-key" and all(kind is ABSENT for kind in kinds):
                yield name


def _operation_authorizers(
    api: Api, operation: PossibleValue, verb: str, keys: Collection[str]
) -> Iterator[PossibleValue]:
    """Yield the authorizers that an operation can have.

    API Gateway ignores `security` of the whole document. SAM puts the default authorizer on every operation
    whose own `security` names neither an authorizer nor NONE, an empty list included.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    for own in api.intrinsics.at(operation, "security"):
        asked = _as_authorizer(own, keys)
        if asked.value is ABSENT and api.is_sam:
            yield from _default_authorizers(api, own, verb)
        else:
            yield asked


def _as_authorizer(security: PossibleValue, keys: Collection[str]) -> PossibleValue:
    """Return the first scheme that OpenAPI's `security` names; `NONE` or ABSENT where it asks for none.

    `keys` are schemes of API keys, which authorize nobody.
    """
    if not isinstance(security.value, list):
        return security
    names = [name for name in _scheme_names(security.value) if name not in keys]
    value = NOBODY if NOBODY in names else next(iter(names), ABSENT)
    return PossibleValue(value, security.path, security.when)


def _scheme_names(requirements: object) -> list[str]:
    """Return the schemes that a `security` names, `NONE` where one of its alternatives asks for nothing."""
    listed = requirements if isinstance(requirements, list) else []
    return [name for one in listed if isinstance(one, Mapping) for name in (list(one) or [NOBODY])]
