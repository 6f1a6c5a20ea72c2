"""What the local AWS would not run is taken from its resources, and told."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.cloudformation.local_resources import REFUSING_TAG, is_warned_of, localize

CLIENT = {
    "UserPoolId": {"Ref": "Pool"},
    "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthScopes": ["openid"],
    "CallbackURLs": ["http://localhost"],
}


def resources(triggers: Any) -> dict[str, Any]:
    return {
        "Pool": {
            "Type": "AWS::Cognito::UserPool",
            "Properties": {"LambdaConfig": triggers, "UserPoolName": "x"},
        },
        "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": CLIENT},
        "Other": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {**CLIENT, "UserPoolId": "eu_1"}},
    }


def test_a_trigger_that_could_refuse_a_sign_in_refuses_all_of_them() -> None:
    localized, not_run = localize(resources({"PreAuthentication": "arn", "PostConfirmation": "arn"}))
    assert localized["Pool"]["Properties"] == {
        "LambdaConfig": {},
        "UserPoolName": "x",
        "UserPoolTags": {REFUSING_TAG: "PreAuthentication"},
    }
    assert localized["Client"]["Properties"] == {
        "UserPoolId": {"Ref": "Pool"},
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        "CallbackURLs": ["http://localhost"],
    }
    assert localized["Other"]["Properties"] == {**CLIENT, "UserPoolId": "eu_1"}
    assert [(item.resource, item.property_path) for item in not_run] == [
        ("Pool", "LambdaConfig.PostConfirmation"),
        ("Pool", "LambdaConfig.PreAuthentication"),
    ]
    assert not_run[1].why.endswith("nobody can sign in at the local pool")
    assert [is_warned_of(item) for item in not_run] == [False, True]


def test_a_programs_own_credentials_are_no_sign_in() -> None:
    given = resources({"PreAuthentication": "arn"})
    given["Client"]["Properties"] = {**CLIENT, "AllowedOAuthFlows": ["client_credentials"]}
    properties = localize(given)[0]["Client"]["Properties"]
    assert properties["AllowedOAuthFlows"] == ["client_credentials"]
    assert properties["AllowedOAuthScopes"] == ["openid"]


@pytest.mark.parametrize("trigger", ["PostAuthentication", "UserMigration", "CustomEmailSender"])
def test_any_other_trigger_leaves_the_pools_clients_as_they_are(trigger: str) -> None:
    localized, not_run = localize(resources({trigger: {"Fn::GetAtt": ["Function", "Arn"]}}))
    assert localized["Client"]["Properties"] == CLIENT
    (told,) = not_run
    assert is_warned_of(told) is (trigger != "CustomEmailSender")


def test_triggers_that_the_local_aws_fires_stay() -> None:
    fired = {"PreSignUp": "arn", "PreTokenGeneration": "arn", "DefineAuthChallenge": "arn"}
    localized, not_run = localize(resources({**fired, "PostConfirmation": "arn"}))
    assert localized["Pool"]["Properties"]["LambdaConfig"] == fired
    assert [item.property_path for item in not_run] == ["LambdaConfig.PostConfirmation"]


def test_a_trigger_under_a_condition_counts() -> None:
    chosen = {"Fn::If": ["IsProd", {"PreAuthentication": "arn"}, {"Ref": "AWS::NoValue"}]}
    localized, _ = localize(resources(chosen))
    assert localized["Client"]["Properties"]["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
