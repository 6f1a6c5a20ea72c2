"""What an authorizer is told to ask for, and what SAM makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pack.found import find_paths
from tests.pack.sam_api import AUTHORIZERS, auth, sam_api


def authorizer(expression: str, kind: str) -> dict[str, Any]:
    """Return a template with an authorizer that is a resource of its own."""
    properties = {"RestApiId": {"Ref": "Api"}, "Type": kind, "IdentityValidationExpression": expression}
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi"},
        "Authorizer": {"Type": "AWS::ApiGateway::Authorizer", "Properties": properties},
    }
    return {"Resources": resources}


@pytest.mark.parametrize("expression", ["^Bearer .+", "[Bb]earer (.*)", "Bearer"])
def test_a_validation_expression_for_the_header_is_found(expression: str) -> None:
    authorizers = {"Pool": AUTHORIZERS["Pool"] | {"Identity": {"ValidationExpression": expression}}}
    assert len(find_paths("E9538", sam_api(Auth=auth(Authorizers=authorizers)))) == 1
    assert len(find_paths("E9538", authorizer(expression, "COGNITO_USER_POOLS"))) == 1


def test_a_validation_expression_for_app_clients_is_right() -> None:
    authorizers = {"Pool": AUTHORIZERS["Pool"] | {"Identity": {"ValidationExpression": "1example|2example"}}}
    assert find_paths("E9538", sam_api(Auth=auth(Authorizers=authorizers))) == []


def test_the_expression_of_a_lambda_authorizer_is_left_alone() -> None:
    assert find_paths("E9538", authorizer("^Bearer .+", "TOKEN")) == []


def with_scopes(event: dict[str, Any], scopes: list[str]) -> dict[str, Any]:
    authorizers = {"Pool": AUTHORIZERS["Pool"] | {"AuthorizationScopes": scopes}}
    return sam_api(Auth=auth(Authorizers=authorizers), event={"Auth": event})


def test_an_empty_list_of_scopes_that_sam_drops_is_found() -> None:
    assert len(find_paths("E9542", with_scopes({"AuthorizationScopes": []}, ["hello/read"]))) == 1


@pytest.mark.parametrize(
    ("event", "scopes"),
    [
        ({"AuthorizationScopes": []}, []),
        ({"AuthorizationScopes": [], "Authorizer": "Pool"}, ["hello/read"]),
        ({}, ["hello/read"]),
    ],
)
def test_an_empty_list_of_scopes_that_changes_nothing_is_right(
    event: dict[str, Any], scopes: list[str]
) -> None:
    assert find_paths("E9542", with_scopes(event, scopes)) == []
