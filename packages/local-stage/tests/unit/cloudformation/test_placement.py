"""Each resource of a template lives in the local AWS, in the stage or nowhere; some are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from local_stage.cloudformation.attached_policies import ATTACHED_TYPES
from local_stage.cloudformation.intrinsics import Intrinsics
from local_stage.cloudformation.placement import REFUSED_TYPES, Placement, place_resources
from local_stage.errors import TemplateError

POOL = {"Type": "AWS::Cognito::UserPool"}
TABLE = {"Type": "AWS::DynamoDB::Table"}
FUNCTION = {"Type": "AWS::Lambda::Function"}
ROLE = {"Type": "AWS::IAM::Role"}
ALARM = {"Type": "AWS::CloudWatch::Alarm"}


def place(resources: Mapping[str, Any]) -> Placement:
    conditions = {"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Equals": ["a", "b"]}}
    intrinsics = Intrinsics(parameters={}, conditions=conditions)
    return place_resources("template.yaml", resources, intrinsics, lambda name: (f"Written{name}", "Domain"))


def refusal(resources: Mapping[str, Any]) -> TemplateError:
    (reason,) = place(resources).refused
    return reason


def in_local_aws(resources: Mapping[str, Any]) -> set[str]:
    return set(place(resources).in_local_aws)


def test_pools_and_data_live_in_the_local_aws_and_functions_in_the_stage() -> None:
    placement = place({"Pool": POOL, "Table": TABLE, "Function": FUNCTION, "Alarm": ALARM})
    assert placement == Placement(
        in_local_aws=frozenset({"Pool", "Table"}),
        in_stage=frozenset({"Function"}),
        not_run=frozenset({"Alarm"}),
        registered=frozenset({"Function"}),
    )


def test_an_event_source_is_in_the_local_aws_where_its_queue_is() -> None:
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": {"Ref": "Queue"}}}
    elsewhere = {**mapping, "Properties": {"EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:q"}}
    queue = {"Type": "AWS::SQS::Queue"}
    placement = place({"Mapping": mapping, "Elsewhere": elsewhere, "Queue": queue})
    assert placement.in_local_aws == {"Mapping", "Queue"}
    assert placement.not_run == {"Elsewhere"}


def test_a_function_that_the_local_aws_cannot_register_still_runs_in_the_stage() -> None:
    placement = place({"Function": FUNCTION}).without("Function")
    assert placement.in_stage == {"Function"}
    assert placement.registered == frozenset()


def test_a_resource_whose_condition_is_false_lives_nowhere() -> None:
    placement = place({"Pool": {**POOL, "Condition": "Yes"}, "Table": {**TABLE, "Condition": "No"}})
    assert placement == Placement(frozenset({"Pool"}), frozenset(), frozenset())


def test_a_role_is_in_the_local_aws_only_where_something_there_needs_it() -> None:
    pool = {**POOL, "Properties": {"SmsConfiguration": {"SnsCallerArn": {"Fn::GetAtt": ["Role", "Arn"]}}}}
    assert place({"Pool": pool, "Role": ROLE}).in_local_aws == {"Pool", "Role"}
    assert place({"Pool": POOL, "Role": ROLE}).in_stage == {"Role"}


@pytest.mark.parametrize(
    "pool", [{"Ref": "Elsewhere"}, "ap-northeast-1_Elsewhere", {"Fn::ImportValue": "pool"}]
)
def test_a_client_of_a_pool_that_is_not_here_cannot_be_here_either(pool: Any) -> None:
    client = {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": pool}}
    assert place({"Client": client, "Pool": POOL}).not_run == {"Client"}
    own = {**client, "Properties": {"UserPoolId": {"Ref": "Pool"}}}
    assert place({"Client": own, "Pool": POOL}).in_local_aws == {"Client", "Pool"}


def test_what_names_a_resource_of_the_stage_is_in_the_local_aws_all_the_same() -> None:
    topic = {"Type": "AWS::SNS::Topic", "DependsOn": "Alarm", "Properties": {"X": {"Ref": "Function"}}}
    assert in_local_aws({"Topic": topic, "Function": FUNCTION, "Alarm": ALARM}) == {"Topic"}


@pytest.mark.parametrize("kind", sorted(REFUSED_TYPES))
def test_what_decides_who_may_call_and_cannot_be_enforced_is_refused_where_it_is_written(kind: str) -> None:
    assert (
        str(refusal({"Thing": {"Type": kind}}))
        == f"template.yaml: WrittenThing.Domain: {kind}: {REFUSED_TYPES[kind]}"
    )


def test_a_web_acl_is_refused_where_something_stands_behind_it() -> None:
    acl = {"Type": "AWS::WAFv2::WebACL"}
    assert place({"Acl": acl}).not_run == {"Acl"}
    reason = refusal({"Acl": acl, "Association": {"Type": "AWS::WAFv2::WebACLAssociation"}})
    assert "a web ACL decides who may call, and is not enforced locally" in str(reason)


@pytest.mark.parametrize("kind", ["AWS::ApiGateway::DomainName", "AWS::ApiGatewayV2::DomainName"])
def test_mutual_tls_is_refused_and_a_domain_without_it_is_not_run(kind: str) -> None:
    domain = {"Type": kind}
    assert place({"Domain": domain}).not_run == {"Domain"}
    reason = refusal({"Domain": {**domain, "Properties": {"MutualTlsAuthentication": {}}}})
    assert "mutual TLS decides who may call" in str(reason)


def test_what_would_be_refused_may_stand_under_a_false_condition() -> None:
    assert place({"Key": {"Type": "AWS::WAFv2::WebACLAssociation", "Condition": "No"}}).not_run == frozenset()


USER = {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice"}}


@pytest.mark.parametrize("kind", sorted(ATTACHED_TYPES))
@pytest.mark.parametrize(
    "users", [[{"Ref": "User"}], ["alice"], {"Fn::If": ["Yes", ["x"], [{"Ref": "User"}]]}]
)
def test_a_policy_is_in_the_local_aws_with_whom_it_is_attached_to(kind: str, users: Any) -> None:
    attached = {"Type": kind, "Properties": {"Users": users, "Roles": [{"Ref": "Role"}]}}
    elsewhere = {"Type": kind, "Properties": {"Users": ["bob"], "Roles": [{"Ref": "OtherRole"}]}}
    others = {"Elsewhere": elsewhere, "Role": ROLE, "OtherRole": ROLE}
    assert in_local_aws({"User": USER, "Policy": attached, **others}) == {"User", "Policy", "Role"}


def test_a_managed_policy_is_there_where_a_user_names_it() -> None:
    user = {**USER, "Properties": {"ManagedPolicyArns": [{"Ref": "Policy"}]}}
    policy = {"Type": "AWS::IAM::ManagedPolicy"}
    assert in_local_aws({"User": user, "Policy": policy}) == {"User", "Policy"}
    assert place({"Policy": policy}).in_stage == {"Policy"}
