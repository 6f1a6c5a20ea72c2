"""The rule for API Gateway's own refusals, as a page in a browser sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cfn_lint_cognito.api import Api, find_protected_apis, first_text, members, names_api
from cfn_lint_cognito.api_method import asks_for_tokens, find_methods
from cfn_lint_cognito.cors import ALLOW_ORIGIN
from cfn_lint_cognito.intrinsics import Intrinsics
from cfn_lint_cognito.possible_value import ABSENT, UNKNOWN, PossibleValue
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Template

DEFAULT: Final = "DEFAULT_4XX"
REFUSALS: Final = ("UNAUTHORIZED", "ACCESS_DENIED")
"""The types with which an API refuses a token (401) and a caller (403)."""
OTHER_REFUSALS: Final = frozenset(
    {"EXPIRED_TOKEN", "INVALID_API_KEY", "INVALID_SIGNATURE", "MISSING_AUTHENTICATION_TOKEN", "WAF_FILTERED"}
)
"""Types with 403 that have the default's headers until they are defined themselves."""


def find_hidden_refusals(template: Template) -> Iterator[Finding]:
    """Find APIs for browsers whose 401 or 403 no page may read."""
    for api in find_protected_apis(template):
        cors = next(_cors_places(template, api), None)
        is_refusing = cors is not None and asks_for_tokens(template, api)
        definitions = _read_definitions(template, api) if is_refusing else None
        if cors is not None and definitions is not None:
            hidden = ", ".join(_hidden_types(definitions))
            if hidden:
                yield Finding(
                    cors.path,
                    "A page cannot read why it was refused: add Access-Control-Allow-Origin to the gateway "
                    f"responses {hidden} ({DEFAULT} counts for every type that is not defined itself)",
                )


def _cors_places(template: Template, api: Api) -> Iterator[PossibleValue]:
    """Yield what shows that browsers call the API."""
    if api.is_sam:
        yield from (
            cors for cors in api.possible("Cors") if cors.value is not ABSENT and cors.value is not UNKNOWN
        )
    yield from (method.place for method in find_methods(template, api) if method.is_preflight)


def _hidden_types(definitions: Mapping[str, bool]) -> Iterator[str]:
    default = definitions.get(DEFAULT, False)
    for kind in (*REFUSALS, *sorted(OTHER_REFUSALS & definitions.keys())):
        if not definitions.get(kind, default):
            yield kind


def _read_definitions(template: Template, api: Api) -> dict[str, bool] | None:
    """Return for each type that is defined whether it has the header; None where that is not known."""
    found: dict[str, bool] = {}
    for kind, has_header in [*_own_definitions(api), *_resource_definitions(template, api)]:
        if has_header is None or not kind:
            return None
        # One of several branches is enough: a template that distinguishes has decided.
        found[kind] = found.get(kind, False) or has_header
    return found


def _own_definitions(api: Api) -> Iterator[tuple[str, bool | None]]:
    places = [("GatewayResponses",)] if api.is_sam else []
    for keys in (*places, (api.body, "x-amazon-apigateway-gateway-responses")):
        if any(found.value is UNKNOWN for found in api.possible(*keys)):
            yield "", None
        for kind, definition in members(api.place, api.intrinsics, *keys):
            for parameters in ("ResponseParameters", "responseParameters"):
                yield kind, _has_header(definition, api.intrinsics, parameters)


def _resource_definitions(template: Template, api: Api) -> Iterator[tuple[str, bool | None]]:
    for response in template.resources("AWS::ApiGateway::GatewayResponse"):
        if names_api(response, api):
            kind = first_text(response.place, response.intrinsics, "Properties", "ResponseType")
            yield kind, _has_header(response.place, response.intrinsics, "Properties", "ResponseParameters")


def _has_header(place: PossibleValue, intrinsics: Intrinsics, *keys: str) -> bool | None:
    """Return whether the parameters have the header, as SAM's `Headers` or with its full name."""
    for parameters in intrinsics.at(place, *keys):
        for found in (parameters, *intrinsics.at(parameters, "Headers")):
            if found.value is UNKNOWN:
                return None
            names = found.value if isinstance(found.value, Mapping) else ()
            if any(str(name).lower().endswith(ALLOW_ORIGIN) for name in names):
                return True
    return False


RULES: Final = (
    Rule(
        id="W9533",
        title="A page can read why it was refused",
        why=(
            "SAM's Cors adds no header to API Gateway's own 401 and 403, so that the browser hides them from "
            "the page behind a CORS error, and an expired token looks like a network failure."
        ),
        looks_at=(
            "GatewayResponses of AWS::Serverless::Api, AWS::ApiGateway::GatewayResponse and "
            "x-amazon-apigateway-gateway-responses: DEFAULT_4XX, or UNAUTHORIZED and ACCESS_DENIED; of APIs "
            "with a Cognito authorizer and Cors or a method OPTIONS"
        ),
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
        find=find_hidden_refusals,
    ),
)
