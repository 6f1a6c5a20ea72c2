"""What a template may say of a Lambda authorizer of a REST API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.api_gateway.authorized_stage import AUTHORIZER_ARN, request_stage
from tests.unit.api_gateway.sam_api import auth, read, refusal


def refusal_of_authorizer(**properties: Any) -> str:
    return refusal(auth({"Tok": {"FunctionArn": AUTHORIZER_ARN, **properties}}, "Tok"))


@pytest.mark.parametrize("lifetime", [-1, 3601, 1.5])
def test_a_lifetime_that_aws_does_not_have_is_refused(lifetime: float) -> None:
    assert refusal_of_authorizer(Identity={"ReauthorizeEvery": lifetime}) == (
        "template.yaml: HelloApi.Auth.Authorizers.Tok.Identity.ReauthorizeEvery:"
        " has to be a whole number of seconds from 0 to 3600"
    )


def test_an_unknown_source_is_refused() -> None:
    assert refusal_of_authorizer(FunctionPayloadType="REQUEST", Identity={"Headers": ["X A"]}) == (
        "template.yaml: HelloApi.Auth.Authorizers.Tok.Identity:"
        " 'method.request.header.X A' is no identity source that is known here"
    )


@pytest.mark.rule("lambda-authorizer.context-without-value")
def test_what_no_request_has_lets_nobody_in() -> None:
    identity: dict[str, Any] = {"Headers": ["X-A"], "Context": ["routeKey"], "ReauthorizeEvery": 0}
    stage = request_stage(**identity)
    assert stage.status((("X-A", "a"),)) == 401
    assert stage.asked.events == []
    tok = {"FunctionArn": AUTHORIZER_ARN, "FunctionPayloadType": "REQUEST", "Identity": identity}
    _, not_run = read(auth({"Tok": tok}, "Tok"))
    assert [one.why for one in not_run] == [
        "no request has $context.routeKey before it is authorized, so that nobody is let in"
    ]


@pytest.mark.parametrize("expression", ["[", "(?<!a+)b", "[[a]"])
def test_an_expression_that_cannot_be_enforced_is_refused(expression: str) -> None:
    line = refusal_of_authorizer(Identity={"ValidationExpression": expression})
    assert line.startswith("template.yaml: HelloApi.Auth.Authorizers.Tok.Identity.ValidationExpression:")
    assert "cannot be enforced as a regular expression" in line


def test_scopes_mean_nothing_to_it() -> None:
    events = {
        "Hello": {
            "Path": "/hello",
            "Method": "get",
            "Auth": {"AuthorizationScopes": ["a"], "Authorizer": "Tok"},
        }
    }
    rest_api, _ = read(auth({"Tok": {"FunctionArn": AUTHORIZER_ARN}}), events=events)
    (route,) = rest_api.routes
    assert (route.authorizer_kind, route.token_kind, route.scopes) == ("lambda", None, ())
    assert AUTHORIZER_ARN in rest_api.function_arns
