"""Rules for what browsers are told: without the right headers a page sees neither answer nor error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cfn_lint_cognito.intrinsics import Intrinsics, places_in
from cfn_lint_cognito.possible_value import ABSENT, PossibleValue, is_true
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Template

API_TYPES: Final = ("AWS::Serverless::Api", "AWS::ApiGateway::")
ALLOW_ORIGIN: Final = "access-control-allow-origin"
ALLOW_CREDENTIALS: Final = "access-control-allow-credentials"


def find_wildcards(template: Template) -> Iterator[Finding]:
    """Find the wildcard origin beside credentials, which browsers refuse."""
    for place in _places(template):
        for origin in _origins_with_credentials(template.intrinsics, place):
            if origin.value is ABSENT or unquoted(origin.value) == "*":
                yield Finding(origin.path, "With credentials a browser wants one origin, and refuses *")


def unquoted(value: Any) -> Any:
    """Return a header's value without the quotes in which API Gateway takes a static one."""
    return value.strip("'\"") if isinstance(value, str) else value


def find_lists_of_origins(template: Template) -> Iterator[Finding]:
    """Find several origins in one Access-Control-Allow-Origin, which names one origin or is the wildcard."""
    for place in _places(template):
        for name in _origin_keys(place.value):
            for origin in template.intrinsics.at(place, name):
                if isinstance(origin.value, str) and "," in origin.value:
                    yield Finding(
                        origin.path,
                        "A browser wants one origin here: answer with the page's own from a list in the "
                        "function, or deploy the API once for each origin",
                    )


def _origins_with_credentials(intrinsics: Intrinsics, place: PossibleValue) -> Iterator[PossibleValue]:
    for origin_key, credentials_key in _cors_keys(place.value):
        for credentials in intrinsics.at(place, credentials_key):
            beside = place.under(credentials.when)
            if beside and is_true(unquoted(credentials.value)):
                yield from intrinsics.at(beside, origin_key)


def _places(template: Template) -> Iterator[PossibleValue]:
    """Yield every place in what the template says of its REST APIs."""
    apis = [resource.place for resource in template.resources() if resource.type.startswith(API_TYPES)]
    shared = PossibleValue(template.section("Globals").get("Api"), ("Globals", "Api"))
    for api in (*apis, shared):
        yield from places_in(api)


def _origin_keys(headers: Any) -> Iterator[str]:
    """Yield the keys under which a mapping has the allowed origin."""
    for name in headers if isinstance(headers, Mapping) else ():
        if isinstance(name, str) and (name in {"AllowOrigin", "Cors"} or name.lower().endswith(ALLOW_ORIGIN)):
            yield name


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


RULES: Final = (
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
    Rule(
        id="E9537",
        title="Access-Control-Allow-Origin names one origin",
        why=(
            "A browser compares it with the page's origin as a whole (Fetch standard, CORS check): a list of "
            "origins fits no page."
        ),
        looks_at=(
            "Cors and AllowOrigin of AWS::Serverless::Api and Globals; Access-Control-Allow-Origin wherever "
            "headers are set in AWS::Serverless::Api and AWS::ApiGateway resources"
        ),
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html",
        find=find_lists_of_origins,
    ),
)
