"""Rules for preflights: the OPTIONS request by which a browser asks whether a page may send its token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cfn_lint_cognito.api import Api, find_protected_apis, members
from cfn_lint_cognito.api_method import PREFLIGHT, Method, asks_for_tokens, find_methods, is_open
from cfn_lint_cognito.cors import ALLOW_ORIGIN, unquoted
from cfn_lint_cognito.intrinsics import UNKNOWN_PART, places_in
from cfn_lint_cognito.possible_value import ABSENT, UNKNOWN, PossibleValue, is_false
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Template

AUTHORIZATION: Final = "Authorization"


def find_guarded_preflights(template: Template) -> Iterator[Finding]:
    """Find preflights that ask for a token, which no browser sends with them."""
    for api in find_protected_apis(template):
        yield from _guarded_by_default(api)
        for method in find_methods(template, api):
            if method.is_preflight:
                for authorizer in method.authorizers:
                    if not is_open(authorizer) and authorizer.value is not UNKNOWN:
                        yield Finding(
                            authorizer.path,
                            f"A browser sends no token with {method.name}: take the authorizer off it",
                        )


def find_forbidden_tokens(template: Template) -> Iterator[Finding]:
    """Find preflights of SAM that do not allow the header in which an authorizer looks for the token."""
    for api in find_protected_apis(template):
        headers = sorted(_token_headers(api)) if api.is_sam else []
        for place in _allowed_headers(api) if headers and asks_for_tokens(template, api) else ():
            missing = [header for header in headers if not _allows(place.value, header)]
            if missing:
                yield Finding(
                    place.path,
                    f"A browser refuses to send the token: name {missing[0]} in AllowHeaders of Cors; the "
                    "wildcard does not stand for it",
                )


def find_missing_preflights(template: Template) -> Iterator[Finding]:
    """Find methods ANY behind an authorizer that also take the preflights of a path."""
    for api in find_protected_apis(template):
        if not _is_for_browsers(api) or _has_sam_cors(api):
            continue
        methods = list(find_methods(template, api))
        spared = {_path(method) for method in methods if method.is_preflight}
        for method in methods:
            if method.verb == "ANY" and _path(method) not in spared:
                for authorizer in method.authorizers:
                    if not is_open(authorizer) and authorizer.value is not UNKNOWN:
                        yield Finding(
                            authorizer.path,
                            f"{method.name} takes OPTIONS too, and a preflight carries no token: add "
                            f"{PREFLIGHT} without an authorizer beside it",
                        )


def _guarded_by_default(api: Api) -> Iterator[Finding]:
    for when in _guarded_cors(api):
        for flag in api.possible("Auth", "AddDefaultAuthorizerToCorsPreflight", when=when):
            if flag.value is not UNKNOWN and not is_false(flag.value):
                yield Finding(
                    flag.path,
                    "Set AddDefaultAuthorizerToCorsPreflight to false: SAM puts the authorizer on OPTIONS "
                    "too, and a preflight carries no token",
                )


def _guarded_cors(api: Api) -> Iterator[Mapping[str, bool]]:
    """Yield under which conditions an API has both Cors and a default authorizer."""
    for cors in api.possible("Cors") if api.is_sam else ():
        for default in api.possible("Auth", "DefaultAuthorizer", when=cors.when):
            if cors.value is not ABSENT and not is_open(default):
                yield default.when


def _token_headers(api: Api) -> Iterator[str]:
    """Yield the names of the headers in which the API's Cognito authorizers look for the token."""
    for _, authorizer in members(api.place, api.intrinsics, "Auth", "Authorizers"):
        for found in api.intrinsics.possible_values(authorizer):
            if isinstance(found.value, Mapping) and "UserPoolArn" in found.value:
                for header in api.intrinsics.at(found, "Identity", "Header"):
                    if header.value is ABSENT:
                        yield AUTHORIZATION
                    elif isinstance(header.value, str):
                        yield header.value


def _allowed_headers(api: Api) -> Iterator[PossibleValue]:
    """Yield what Cors allows; a Cors that is a text, or has no AllowHeaders, allows no header by itself."""
    for cors in api.possible("Cors"):
        if isinstance(cors.value, str):
            yield PossibleValue(ABSENT, cors.path, cors.when)
        elif isinstance(cors.value, Mapping):
            yield from api.intrinsics.at(cors, "AllowHeaders")


def _allows(value: Any, header: str) -> bool:
    if value is ABSENT:
        return False
    if not isinstance(value, str):
        return True
    allowed = {name.strip().lower() for name in unquoted(value).split(",")}
    wildcard = "*" in allowed and header.lower() != AUTHORIZATION.lower()
    # A part that only the deployment tells may name it.
    return wildcard or header.lower() in allowed or UNKNOWN_PART in value


def _is_for_browsers(api: Api) -> bool:
    return any(
        isinstance(inner.value, Mapping)
        and any(isinstance(name, str) and name.lower().endswith(ALLOW_ORIGIN) for name in inner.value)
        for inner in places_in(api.place)
    )


def _has_sam_cors(api: Api) -> bool:
    return api.is_sam and any(cors.value is not ABSENT for cors in api.possible("Cors"))


def _path(method: Method) -> str:
    return method.name.partition(" ")[2]


RULES: Final = (
    Rule(
        id="E9532",
        title="Preflights need no token",
        why=(
            "Browsers send OPTIONS without the Authorization header: answered with 401, no page can call the "
            "API at all."
        ),
        looks_at=(
            "AddDefaultAuthorizerToCorsPreflight (false) of AWS::Serverless::Api with Cors and "
            "DefaultAuthorizer; methods OPTIONS of events, AWS::ApiGateway::Method and OpenAPI definitions"
        ),
        source="https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html",
        find=find_guarded_preflights,
    ),
    Rule(
        id="E9536",
        title="Preflights allow the header that carries the token",
        why=(
            "SAM allows no header by itself, and the wildcard does not stand for Authorization (Fetch "
            "standard, CORS-preflight fetch): a browser then never sends the token."
        ),
        looks_at=(
            "Cors and its AllowHeaders of AWS::Serverless::Api and Globals, and Identity.Header of its "
            "Cognito authorizers"
        ),
        source="https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-corsconfiguration.html",
        find=find_forbidden_tokens,
    ),
    Rule(
        id="E9539",
        title="A method ANY behind an authorizer has OPTIONS beside it",
        why=(
            "ANY takes OPTIONS too, so that every preflight gets 401 and no page can call the path. The rule "
            "looks only at APIs that a CORS header shows to be meant for pages."
        ),
        looks_at=(
            "methods ANY of events and OpenAPI definitions in APIs that set Access-Control-Allow-Origin "
            "themselves and have no Cors"
        ),
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html",
        find=find_missing_preflights,
    ),
)
