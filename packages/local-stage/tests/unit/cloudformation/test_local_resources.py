"""What the local AWS would not run is taken from its resources, and told."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.cloudformation.local_resources import localize

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


@pytest.mark.parametrize("trigger", ["CustomEmailSender", "CustomSMSSender", "InboundFederation"])
def test_a_trigger_that_nothing_fires_is_told_and_leaves_the_pools_clients_as_they_are(trigger: str) -> None:
    localized, (told,) = localize(resources({trigger: {"Fn::GetAtt": ["Function", "Arn"]}}))
    assert localized["Pool"]["Properties"] == {"LambdaConfig": {}, "UserPoolName": "x"}
    assert localized["Client"]["Properties"] == CLIENT
    assert (told.resource, told.property_path) == ("Pool", f"LambdaConfig.{trigger}")


def test_triggers_that_are_fired_stay() -> None:
    fired = {"PreSignUp": "arn", "PreAuthentication": "arn", "UserMigration": "arn"}
    localized, not_run = localize(resources({**fired, "CustomSMSSender": "arn"}))
    assert localized["Pool"]["Properties"]["LambdaConfig"] == fired
    assert [item.property_path for item in not_run] == ["LambdaConfig.CustomSMSSender"]


def test_a_trigger_under_a_condition_counts() -> None:
    chosen = {"Fn::If": ["IsProd", {"CustomSMSSender": "arn"}, {"Ref": "AWS::NoValue"}]}
    _, (told,) = localize(resources(chosen))
    assert told.property_path == "LambdaConfig.CustomSMSSender"
