"""The Cognito authorizers of an API's definition, and which cannot be enforced."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from tests.unit.api_gateway.sam_api import (
    BOTH_FORMS,
    OTHER_POOL_ARN,
    POOL_ARN,
    SCHEME,
    auth,
    read,
    read_body,
    refusal,
    refusal_of_body,
    secured,
)

COGNITO = {"HelloAuth": {"UserPoolArn": POOL_ARN}}


@BOTH_FORMS
def test_an_authorizer_is_read(form: dict[str, Any]) -> None:
    rest_api, _ = read({**form, **auth(COGNITO, "HelloAuth")})
    assert rest_api.authorizers == {
        "HelloAuth": CognitoAuthorizerSettings("HelloAuth", (POOL_ARN,), "Authorization")
    }


def test_several_pools_a_header_and_an_expression_are_read() -> None:
    authorizer = {
        "UserPoolArn": [POOL_ARN, OTHER_POOL_ARN],
        "Identity": {"Header": "X-Token", "ValidationExpression": "^abc$"},
    }
    rest_api, _ = read(auth({"HelloAuth": authorizer}, "HelloAuth"))
    assert rest_api.authorizers["HelloAuth"] == CognitoAuthorizerSettings(
        "HelloAuth", (POOL_ARN, OTHER_POOL_ARN), "X-Token", "^abc$"
    )


SCHEMES: list[tuple[dict[str, Any], str]] = [
    (
        {"type": "http", "scheme": "basic"},
        "GET /hello asks for it, and it is no authorizer that is known here",
    ),
    ({"type": "oauth2", "flows": {}}, "GET /hello asks for it, and it is no authorizer that is known here"),
    ({"type": "openIdConnect", "openIdConnectUrl": "x"}, "it is no authorizer that is known here"),
    (
        {"type": "apiKey", "name": "x-other", "in": "header"},
        "it is no authorizer that is known here",
    ),
    ({**SCHEME, "x-amazon-apigateway-authorizer": {"type": "jwt"}}, "it is no authorizer that is known here"),
    ({**SCHEME, "x-amazon-apigateway-authorizer": None}, "it is no authorizer that is known here"),
    ({**SCHEME, "x-amazon-apigateway-authtype": "custom"}, "contradicts x-amazon-apigateway-authorizer"),
    ({**SCHEME, "in": "query"}, "has to come in a header"),
    ({**SCHEME, "type": "http"}, "has to come in a header"),
    ({**SCHEME, "name": "X Token"}, "'X Token' is no header name"),
    ({**SCHEME, "name": ""}, "'' is no header name"),
    ({**SCHEME, "name": None}, "name: has to be a text that is known at start, not nothing"),
    ({**SCHEME, "x-amazon-apigateway-policy": {}}, "is not known to the local stage"),
]


@pytest.mark.parametrize(("scheme", "line"), SCHEMES, ids=lambda value: str(value)[:70])
def test_a_scheme_that_is_no_cognito_authorizer_is_refused(scheme: dict[str, Any], line: str) -> None:
    found = refusal_of_body(secured([{"A": []}], A=scheme))
    assert found.startswith("template.yaml: HelloApi.DefinitionBody.components.securitySchemes.A")
    assert line in found


AUTHORIZERS: list[tuple[dict[str, Any], str]] = [
    ({"providerARNs": None}, "names no user pool"),
    ({"providerARNs": []}, "names no user pool"),
    ({"providerARNs": [{"Fn::GetAtt": ["UserPool", "Arn"]}]}, "is no user pool's ARN"),
    ({"providerARNs": POOL_ARN}, "has to be a list"),
    ({"identitySource": "method.request.querystring.token"}, "contradicts the scheme's name"),
    (
        {"identitySource": "method.request.header.X-Token"},
        "contradicts the scheme's name, which is Authorization",
    ),
    ({"identityValidationExpression": "("}, "'(' is no regular expression"),
    ({"authorizerUri": "arn"}, "authorizerUri of a Cognito authorizer is not known"),
]


@pytest.mark.parametrize(("change", "line"), AUTHORIZERS, ids=lambda value: str(value)[:70])
def test_an_authorizer_that_cannot_be_enforced_is_refused(change: dict[str, Any], line: str) -> None:
    authorizer = {**SCHEME["x-amazon-apigateway-authorizer"], **change}
    scheme = {**SCHEME, "x-amazon-apigateway-authorizer": authorizer}
    assert line in refusal_of_body(secured([{"A": []}], A=scheme))


@pytest.mark.parametrize(
    ("authorizer", "line"),
    [
        ({"UserPoolArn": [7]}, "UserPoolArn: 7 is no user pool's ARN"),
        (
            {"UserPoolArn": POOL_ARN, "Identity": {"Header": "a b"}},
            "Identity.Header: 'a b' is no header name",
        ),
        (
            {"UserPoolArn": POOL_ARN, "Identity": {"ValidationExpression": "["}},
            "Identity.ValidationExpression: '[' is no regular expression",
        ),
    ],
    ids=str,
)
def test_a_fault_of_sams_authorizer_is_named_by_its_property(authorizer: dict[str, Any], line: str) -> None:
    found = refusal(auth({"HelloAuth": authorizer}, "HelloAuth"))
    assert found.startswith(f"template.yaml: HelloApi.Auth.Authorizers.HelloAuth.{line}")


def test_an_identity_source_that_says_the_same_is_let_through() -> None:
    authorizer = {
        "type": "COGNITO_USER_POOLS",
        "providerARNs": [POOL_ARN],
        "identitySource": "method.request.header.authorization",
    }
    rest_api, _ = read_body(secured([{"A": []}], A={**SCHEME, "x-amazon-apigateway-authorizer": authorizer}))
    assert rest_api.authorizers["A"].identity_source == "Authorization"


def test_a_lifetime_of_results_is_told_of() -> None:
    authorizer = {
        "type": "cognito_user_pools",
        "providerARNs": [POOL_ARN],
        "authorizerResultTtlInSeconds": 300,
    }
    _, not_run = read_body(secured([{"A": []}], A={**SCHEME, "x-amazon-apigateway-authorizer": authorizer}))
    assert any("every request is authorized anew; results are not kept" in str(note) for note in not_run)
