"""The template's stack in the local AWS is created, updated and mended, and its failures are named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.intrinsics import PhysicalResource
from local_stage.cloudformation.local_aws import LocalAwsSettings
from local_stage.cloudformation.local_template import LocalTemplate
from local_stage.cloudformation.placement import LOCAL_AWS_TYPES, SUPPORTING_TYPES
from local_stage.cloudformation.stack import LocalStack
from local_stage.errors import StartError
from tests.local.emulated_pool import new_name
from tests.local.local_aws_process import settings_for

POOL = {"Type": "AWS::Cognito::UserPool"}


@pytest.fixture
def stack(local_aws: LocalAwsSettings) -> LocalStack:
    return LocalStack(new_name("stack"), local_aws.client)


def body(outputs: dict[str, str] | None = None, **resources: Any) -> str:
    described = {name: {"Value": value} for name, value in (outputs or {}).items()}
    return json.dumps({"Resources": resources, "Outputs": described}, sort_keys=True)


def broken(attribute: str) -> dict[str, Any]:
    """Return a resource that cannot be created, since the pool has no such attribute."""
    value = {"Fn::GetAtt": ["Pool", attribute]}
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}}


def refusal(stack: LocalStack, template: str) -> str:
    with pytest.raises(StartError) as caught:
        stack.deploy(template, {})
    return str(caught.value).removeprefix(f"{stack.name}: ")


def events(local_aws: LocalAwsSettings, stack: LocalStack) -> list[str]:
    """Return what has happened to the stack, the latest first."""
    described = local_aws.client("cloudformation").describe_stack_events(StackName=stack.name)
    return [str(event["ResourceStatus"]) for event in described["StackEvents"]]


def test_before_it_is_deployed_a_stack_has_no_outputs(stack: LocalStack) -> None:
    assert stack.outputs() == {}


def test_a_new_stack_is_created_with_its_outputs(stack: LocalStack) -> None:
    stack.deploy(body({"Hello": "there"}, Pool=POOL), {})
    assert stack.outputs() == {"Hello": "there"}
    assert stack.stack_id().startswith(
        f"arn:aws:cloudformation:ap-northeast-1:123456789012:stack/{stack.name}/"
    )


def test_the_same_template_again_changes_nothing(local_aws: LocalAwsSettings, stack: LocalStack) -> None:
    stack.deploy(body(Pool=POOL), {})
    before = events(local_aws, stack)
    stack.deploy(body(Pool=POOL), {})
    assert events(local_aws, stack) == before


def test_parameters_reach_the_stack_lists_too(local_aws: LocalAwsSettings, stack: LocalStack) -> None:
    kinds = {"Names": {"Type": "CommaDelimitedList"}, "Name": {"Type": "String"}}
    template = json.dumps({"Parameters": kinds, "Resources": {"Pool": POOL}})
    stack.deploy(template, {"Names": ["a", "b"], "Name": "c"})
    (described,) = local_aws.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"]
    values = {item["ParameterKey"]: item["ParameterValue"] for item in described["Parameters"]}
    assert values == {"Names": "a,b", "Name": "c"}


def test_names_and_wanted_attributes_of_its_resources_are_known(stack: LocalStack) -> None:
    wanted = frozenset({("Pool", "Arn"), ("Pool", "ProviderName")})
    template = LocalTemplate({"Resources": {"Pool": POOL}}, frozenset({"Pool"}), wanted, stack.name)
    stack.deploy(template.body({}), {})
    pool = stack.physical_resources(template)["Pool"]
    assert pool.attributes["Arn"].endswith(f":userpool/{pool.ref}")
    assert pool.attributes["ProviderName"].endswith(pool.ref)


type Attributes = frozenset[tuple[str, str]]

EDITS: tuple[Attributes, ...] = (
    frozenset(),
    frozenset({("Pool", "ProviderName")}),
    frozenset({("Pool", "Arn"), ("Queue", "Arn")}),
    frozenset({("Pool", "Arn"), ("Pool", "ProviderName"), ("Queue", "Arn"), ("Queue", "QueueName")}),
)
"""Attributes that a template reads, one edit after another."""


def template_reading(stack: LocalStack, attributes: Attributes) -> LocalTemplate:
    """Return a template with a pool, and with a queue where one of its attributes is read."""
    resources = {"Pool": POOL, "Queue": {"Type": "AWS::SQS::Queue"}}
    logical_ids = frozenset({"Pool", *(logical_id for logical_id, _ in attributes)})
    return LocalTemplate({"Resources": resources}, logical_ids, attributes, stack.name)


def read_back(resources: Mapping[str, PhysicalResource]) -> Attributes:
    return frozenset(
        (logical_id, attribute) for logical_id in resources for attribute in resources[logical_id].attributes
    )


def pool_with_a_user(local_aws: LocalAwsSettings, stack: LocalStack, template: LocalTemplate) -> str:
    pool_id = stack.physical_resources(template)["Pool"].ref
    local_aws.client("cognito-idp").admin_create_user(UserPoolId=pool_id, Username="alice")
    return pool_id


def users(local_aws: LocalAwsSettings, pool_id: str) -> list[str]:
    listed = local_aws.client("cognito-idp").list_users(UserPoolId=pool_id)["Users"]
    return [str(user["Username"]) for user in listed]


def test_attributes_come_and_go_in_every_order_and_the_pool_keeps_its_users(
    local_aws: LocalAwsSettings, stack: LocalStack
) -> None:
    stack.deploy(template_reading(stack, EDITS[0]).body({}), {})
    pool_id = pool_with_a_user(local_aws, stack, template_reading(stack, EDITS[0]))
    # Each of the four is followed by each of the others once.
    for number in (1, 0, 2, 0, 3, 1, 2, 1, 3, 2, 3, 0):
        template = template_reading(stack, EDITS[number])
        stack.deploy(template.body({}), {})
        resources = stack.physical_resources(template)
        assert read_back(resources) == EDITS[number]
        assert resources["Pool"].ref == pool_id
        assert all(value.endswith(pool_id) for value in resources["Pool"].attributes.values())
    assert users(local_aws, pool_id) == ["alice"]


def test_a_stack_whose_attributes_were_numbered_is_updated_and_keeps_its_users(
    local_aws: LocalAwsSettings, stack: LocalStack
) -> None:
    """As a state folder has it that an earlier version wrote."""
    numbered = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {
            "Name": f"/local-stage/{stack.name}/Pool/Arn",
            "Type": "String",
            "Value": {"Fn::GetAtt": ["Pool", "Arn"]},
        },
    }
    stack.deploy(body(Pool=POOL, LocalStageAttribute0=numbered), {})
    pool_id = pool_with_a_user(local_aws, stack, template_reading(stack, EDITS[0]))
    template = template_reading(stack, EDITS[3])
    stack.deploy(template.body({}), {})
    assert read_back(stack.physical_resources(template)) == EDITS[3]
    assert users(local_aws, pool_id) == ["alice"]


def test_a_failed_creation_names_the_resource_and_why(stack: LocalStack) -> None:
    why = refusal(stack, body(Pool=POOL, Broken=broken("Nonsense")))
    assert why.startswith("the local AWS could not bring the stack up (ROLLBACK_COMPLETE): Broken: ")
    assert "Nonsense" in why


def test_a_failed_creation_is_removed_by_the_next_deployment(stack: LocalStack) -> None:
    refusal(stack, body(Pool=POOL, Broken=broken("Nonsense")))
    stack.deploy(body({"Hello": "there"}, Pool=POOL), {})
    assert stack.outputs() == {"Hello": "there"}


def test_a_failed_update_names_its_own_reason_and_not_that_of_an_earlier_one(stack: LocalStack) -> None:
    stack.deploy(body(Pool=POOL), {})
    assert "First" in refusal(stack, body(Pool=POOL, Broken=broken("First")))
    assert "Second" in refusal(stack, body(Pool=POOL, Broken=broken("Second")))


def test_a_failed_update_keeps_the_resources_and_can_be_mended(stack: LocalStack) -> None:
    template = LocalTemplate({"Resources": {"Pool": POOL}}, frozenset({"Pool"}), frozenset(), stack.name)
    stack.deploy(template.body({}), {})
    before = stack.physical_resources(template)
    refusal(stack, body(Pool=POOL, Broken=broken("Nonsense")))
    stack.deploy(template.body({"Hello": {"Value": "there"}}), {})
    assert stack.physical_resources(template) == before


def test_a_template_that_cloudformation_does_not_take_is_refused(stack: LocalStack) -> None:
    why = refusal(stack, body(Pool={"Type": "AWS::Nothing::Known"}))
    assert why.startswith("the local AWS refuses the stack: ")
    assert "AWS::Nothing::Known" in why


def test_a_local_aws_that_is_gone_is_named(local_aws: LocalAwsSettings, tmp_path: Path) -> None:
    gone = settings_for(tmp_path)
    assert gone.port != local_aws.port
    why = refusal(LocalStack("stack", gone.client), body(Pool=POOL))
    assert (
        why
        == f'the local AWS does not respond: Could not connect to the endpoint URL: "{gone.endpoint_url}/"'
    )


@pytest.mark.parametrize("kind", sorted(LOCAL_AWS_TYPES | SUPPORTING_TYPES))
def test_every_type_that_is_placed_in_the_local_aws_is_known_there(
    local_aws: LocalAwsSettings, kind: str
) -> None:
    created = local_aws.client("cloudformation").create_stack(
        StackName=new_name("stack"),
        TemplateBody=body(Resource={"Type": kind, "Properties": {}}),
        Capabilities=["CAPABILITY_IAM"],
    )
    assert created["StackId"]
