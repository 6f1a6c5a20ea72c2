"""Rules for what browsers are told: without the right headers a page sees neither answer nor error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cfn_lint_cognito.api import Api, find_protected_apis
from cfn_lint_cognito.api_method import find_methods, is_open
from cfn_lint_cognito.intrinsics import Intrinsics, places_in
from cfn_lint_cognito.possible_value import ABSENT, UNKNOWN, PossibleValue, is_false, is_true
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Template

API_TYPES: Final = ("AWS::Serverless::Api", "AWS::ApiGateway::")
ALLOW_ORIGIN: Final = "access-control-allow-origin"
ALLOW_CREDENTIALS: Final = "access-control-allow-credentials"


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


def find_wildcards(template: Template) -> Iterator[Finding]:
    """Find the wildcard origin beside credentials, which browsers refuse."""
    apis = [resource.place for resource in template.resources() if resource.type.startswith(API_TYPES)]
    shared = PossibleValue(template.section("Globals").get("Api"), ("Globals", "Api"))
    for place in (inner for api in (*apis, shared) for inner in places_in(api)):
        for origin in _origins_with_credentials(template.intrinsics, place):
            if origin.value is ABSENT or _unquoted(origin.value) == "*":
                yield Finding(origin.path, "With credentials a browser wants one origin, and refuses *")


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


def _origins_with_credentials(intrinsics: Intrinsics, place: PossibleValue) -> Iterator[PossibleValue]:
    for origin_key, credentials_key in _cors_keys(place.value):
        for credentials in intrinsics.at(place, credentials_key):
            beside = place.under(credentials.when)
            if beside and is_true(_unquoted(credentials.value)):
                yield from intrinsics.at(beside, origin_key)


def _cors_keys(headers: Any) -> Iterator[tuple[str, str]]:
    """Yield the keys under which a mapping has the allowed origin and whether credentials are allowed."""
    if not isinstance(headers, Mapping):
        return
    if "AllowCredentials" in headers:
        yield "AllowOrigin", "AllowCredentials"
    # A header may stand after `gatewayresponse.header.`, and in any case.
    names = [name for name in headers if isinstance(name, str)]
    origin = next((name for name in names if name.lower().endswith(ALLOW_ORIGIN)), None)
    credentials = next((name for name in names if name.lower().endswith(ALLOW_CREDENTIALS)), None)
    if origin and credentials:
        yield origin, credentials


def _unquoted(value: Any) -> Any:
    # API Gateway takes static header values in single quotes.
    return value.strip("'\"") if isinstance(value, str) else value


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
        id="E9534",
        title="The wildcard origin does not stand beside credentials",
        why=(
            "Browsers refuse such an answer (Fetch standard, CORS protocol and credentials), and SAM refuses "
            "such a Cors unless an intrinsic function hides it."
        ),
        looks_at=(
            "AllowOrigin and AllowCredentials of Cors; Access-Control-Allow-Origin and -Credentials wherever "
            "headers are set in AWS::Serverless::Api and AWS::ApiGateway resources"
        ),
        source="https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-corsconfiguration.html",
        find=find_wildcards,
    ),
)
