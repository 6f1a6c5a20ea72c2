"""Rules for who may call the methods of an API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cfn_lint_cognito.api import Api, find_apis_to_protect, find_events, find_protected_apis, members
from cfn_lint_cognito.api_method import NOBODY, Method, find_methods, is_open
from cfn_lint_cognito.intrinsics import Intrinsics
from cfn_lint_cognito.possible_value import ABSENT, UNKNOWN, PossibleValue
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Template

ALLOW_LIST: Final = "public_methods"


def find_open_methods(template: Template) -> Iterator[Finding]:
    """Find methods that everybody may call, in APIs that have a Cognito authorizer or could have one."""
    for method, authorizer in _find_open(template):
        if not method.asks_for_key:
            yield Finding(
                authorizer.path,
                f"Everybody may call {method.name}: give it an authorizer, or allow it in {ALLOW_LIST}",
                method.name,
            )


def find_keys_alone(template: Template) -> Iterator[Finding]:
    """Find methods that an API key alone protects."""
    for method, authorizer in _find_open(template):
        if method.asks_for_key:
            yield Finding(
                authorizer.path,
                f"Everybody who has an API key may call {method.name}: give it an authorizer beside the key, "
                f"or allow it in {ALLOW_LIST}",
                method.name,
            )


def _find_open(template: Template) -> Iterator[tuple[Method, PossibleValue]]:
    """Yield the methods that no authorizer protects, each with what stands in the authorizer's place."""
    for api in find_apis_to_protect(template):
        for method in find_methods(template, api):
            for authorizer in filter(is_open, () if method.is_preflight else method.authorizers):
                yield method, authorizer


def find_bearer_expressions(template: Template) -> Iterator[Finding]:
    """Find validation expressions that ask for `Bearer`, which no token's audience has."""
    for expression in _expressions(template):
        # Without its first letter, since expressions are often written as [Bb]earer.
        if isinstance(expression.value, str) and "earer" in expression.value.lower():
            yield Finding(
                expression.path,
                "A Cognito authorizer matches this with the token's aud, and not with the header: name app "
                "client ids here, or leave it out",
            )


def find_idle_scopes(template: Template) -> Iterator[Finding]:
    """Find scopes that nothing asks for, as no Cognito authorizer stands beside them."""
    for event in find_events(template):
        for scopes, authorizer in _scopes(template.intrinsics, event.place, "Auth", "Authorizer"):
            if authorizer is ABSENT or authorizer in (NOBODY, "AWS_IAM"):
                yield Finding(
                    scopes.path,
                    "SAM takes AuthorizationScopes only with Authorizer beside them, were it the default one",
                )
    for method in template.resources("AWS::ApiGateway::Method"):
        for scopes, kind in _scopes(template.intrinsics, method.place, "Properties", "AuthorizationType"):
            if kind is not UNKNOWN and kind != "COGNITO_USER_POOLS":
                yield Finding(
                    scopes.path, "Scopes are asked for only where AuthorizationType is COGNITO_USER_POOLS"
                )


def find_dropped_scopes(template: Template) -> Iterator[Finding]:
    """Find empty lists of scopes by which a method seems to be freed from its default authorizer's scopes."""
    apis = {api.logical_id: api for api in find_protected_apis(template) if api.is_sam}
    for event in find_events(template):
        api = apis.get(event.api_id)
        for scopes in template.intrinsics.at(event.place, "Auth", "AuthorizationScopes") if api else ():
            beside = event.place.under(scopes.when)
            if beside and scopes.value == [] and api and _keeps_default_scopes(api, beside, template):
                yield Finding(
                    scopes.path,
                    "SAM drops an empty list without Authorizer beside it, and the default authorizer's "
                    "scopes are asked for: name the authorizer too",
                )


def _keeps_default_scopes(api: Api, event: PossibleValue, template: Template) -> bool:
    return any(
        own.value is ABSENT and isinstance(scopes.value, list) and scopes.value
        for own in template.intrinsics.at(event, "Auth", "Authorizer")
        for default in api.possible("Auth", "DefaultAuthorizer", when=own.when)
        if isinstance(default.value, str)
        for scopes in api.possible(
            "Auth", "Authorizers", default.value, "AuthorizationScopes", when=default.when
        )
    )


def _expressions(template: Template) -> Iterator[PossibleValue]:
    """Yield the validation expressions of Cognito authorizers, however the template writes them."""
    for api in find_protected_apis(template):
        for _, authorizer in members(api.place, api.intrinsics, "Auth", "Authorizers") if api.is_sam else ():
            for found in api.intrinsics.possible_values(authorizer):
                if isinstance(found.value, Mapping) and "UserPoolArn" in found.value:
                    yield from api.intrinsics.at(found, "Identity", "ValidationExpression")
    for authorizer_resource in template.resources("AWS::ApiGateway::Authorizer"):
        for kind in authorizer_resource.possible("Type"):
            if kind.value == "COGNITO_USER_POOLS":
                yield from authorizer_resource.possible("IdentityValidationExpression", when=kind.when)


def _scopes(
    intrinsics: Intrinsics, place: PossibleValue, where: str, authorizer: str
) -> Iterator[tuple[PossibleValue, Any]]:
    """Yield the lists of scopes that are not empty, each with every authorizer that it can stand beside."""
    for scopes in intrinsics.at(place, where, "AuthorizationScopes"):
        beside = place.under(scopes.when)
        if beside and isinstance(scopes.value, Sequence) and scopes.value:
            yield from ((scopes, found.value) for found in intrinsics.at(beside, where, authorizer))


RULES: Final = (
    Rule(
        id="E9531",
        title="Every method is behind an authorizer, or is named as open",
        why="A route without an authorizer answers everybody, and nothing in the deployment says so.",
        looks_at=(
            "Auth of AWS::Serverless::Api, of its events and of Globals; AuthorizationType of "
            "AWS::ApiGateway::Method; security in OpenAPI definitions: of APIs that have a Cognito "
            "authorizer, and of every REST API in a template with an AWS::Cognito::UserPool"
        ),
        source="https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-controlling-access-to-apis.html",
        find=find_open_methods,
        allow_list=ALLOW_LIST,
    ),
    Rule(
        id="W9543",
        title="No method is protected by an API key alone",
        why=(
            "A key tells whose calls are counted and not who calls: it is the same for everybody who shares "
            "it, and never expires; AWS advises against it as authorization."
        ),
        looks_at=(
            "ApiKeyRequired in Auth of AWS::Serverless::Api and of its events, and of "
            "AWS::ApiGateway::Method; schemes with the header x-api-key in OpenAPI definitions: of the APIs "
            "that E9531 judges"
        ),
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html",
        find=find_keys_alone,
        allow_list=ALLOW_LIST,
    ),
    Rule(
        id="E9542",
        title="An empty list of scopes has an authorizer beside it",
        why=(
            "SAM drops the empty list without a word, so that the method still asks for the scopes of the "
            "default authorizer and refuses every ID token."
        ),
        looks_at=(
            "Auth.AuthorizationScopes and Auth.Authorizer of events, AuthorizationScopes of the API's "
            "default authorizer"
        ),
        source="https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-apifunctionauth.html",
        find=find_dropped_scopes,
    ),
    Rule(
        id="E9535",
        title="Scopes have an authorizer beside them",
        why=(
            "SAM refuses scopes without Authorizer, default authorizer or not, and drops them without a word "
            "beside NONE; a method that does not ask Cognito does not ask for scopes either."
        ),
        looks_at=(
            "Auth.AuthorizationScopes and Auth.Authorizer of events; AuthorizationScopes and "
            "AuthorizationType of AWS::ApiGateway::Method"
        ),
        source="https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-apifunctionauth.html",
        find=find_idle_scopes,
    ),
    Rule(
        id="E9538",
        title="A validation expression names app clients",
        why=(
            "A Cognito authorizer matches it with the token's aud, which is an app client's id: with Bearer "
            "in it no token passes."
        ),
        looks_at=(
            "Identity.ValidationExpression of Cognito authorizers in Auth, IdentityValidationExpression of "
            "AWS::ApiGateway::Authorizer"
        ),
        source="https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html",
        find=find_bearer_expressions,
    ),
)
