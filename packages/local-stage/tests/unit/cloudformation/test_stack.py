"""What the local AWS is given of a template, and what becomes of a stack that was stopped half-way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_stage.cloudformation.intrinsics import Intrinsics, PhysicalResource
from local_stage.cloudformation.local_template import LocalTemplate
from local_stage.cloudformation.stack import LocalStack
from local_stage.errors import StartError

POOL = {"Type": "AWS::Cognito::UserPool"}
TRANSLATED = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Description": "Hello",
    "Parameters": {"StageName": {"Type": "String"}},
    "Mappings": {"Sizes": {}},
    "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
    "Metadata": {"Local": "not for the stack"},
    "Outputs": {"Api": {"Value": {"Ref": "Api"}}},
    "Resources": {"Pool": POOL, "Api": {"Type": "AWS::ApiGateway::RestApi"}},
}


def body(logical_ids: set[str], attributes: set[tuple[str, str]], outputs: dict[str, Any]) -> dict[str, Any]:
    template = LocalTemplate(TRANSLATED, frozenset(logical_ids), frozenset(attributes), "hello-api")
    decoded: dict[str, Any] = json.loads(template.body(outputs))
    return decoded


def test_only_the_resources_of_the_local_aws_are_in_the_template() -> None:
    assert body({"Pool"}, set(), {})["Resources"] == {"Pool": POOL}


def test_parameters_mappings_and_conditions_go_with_them() -> None:
    template = body({"Pool"}, set(), {})
    assert template.keys() == {*TRANSLATED} - {"Metadata"}
    assert all(template[name] == TRANSLATED[name] for name in ("Parameters", "Mappings", "Conditions"))


def test_outputs_are_those_that_are_given() -> None:
    assert body({"Pool"}, set(), {"Url": {"Value": "u"}})["Outputs"] == {"Url": {"Value": "u"}}


def test_an_attribute_is_written_to_a_parameter_that_can_be_read() -> None:
    resources = body({"Pool"}, {("Pool", "Arn")}, {})["Resources"]
    (logical_id,) = resources.keys() - {"Pool"}
    assert logical_id.startswith("LocalStageAttributePoolArn")
    assert resources[logical_id] == {
        "Type": "AWS::SSM::Parameter",
        "Properties": {
            "Name": "/local-stage/hello-api/Pool.Arn",
            "Type": "String",
            "Value": {"Fn::GetAtt": ["Pool", "Arn"]},
        },
    }


def test_attributes_whose_names_read_alike_have_parameters_of_their_own() -> None:
    resources = body({"Pool"}, {("Table", "StreamArn"), ("TableStream", "Arn")}, {})["Resources"]
    names = {resources[name]["Properties"]["Name"] for name in resources.keys() - {"Pool"}}
    assert names == {"/local-stage/hello-api/Table.StreamArn", "/local-stage/hello-api/TableStream.Arn"}


def test_a_template_of_nothing_has_a_resource_all_the_same() -> None:
    """CloudFormation takes none without."""
    assert body(set(), set(), {})["Resources"] == {
        "LocalStage": {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    }


class InterruptedCloudFormation:
    """A CloudFormation whose one stack is at a status; `calls` are those that would change it."""

    class exceptions:  # noqa: N801 - as a boto3 client has it
        ClientError = ClientError

    def __init__(self, status: str) -> None:
        self.status: str | None = status
        self.calls: list[str] = []

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - boto3's names
        if self.status is None:
            raise ClientError({"Error": {"Message": f"{StackName} does not exist"}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status}]}

    def delete_stack(self, StackName: str) -> None:  # noqa: ARG002, N803 - boto3's names
        self.calls.append("delete")
        self.status = None

    def describe_stack_resources(self, StackName: str) -> dict[str, Any]:  # noqa: ARG002, N803 - boto3's names
        return {"StackResources": []}

    def create_stack(self, **_: Any) -> None:
        self.calls.append("create")
        self.status = "CREATE_COMPLETE"

    def update_stack(self, **_: Any) -> None:
        self.calls.append("update")
        self.status = "UPDATE_COMPLETE"


def deploy(status: str) -> list[str]:
    cloudformation = InterruptedCloudFormation(status)
    LocalStack("hello-api", lambda _: cloudformation).deploy("{}", {})
    return cloudformation.calls


@pytest.mark.parametrize(
    "status",
    ["CREATE_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_FAILED"],
)
def test_a_stack_that_was_never_complete_is_created_anew(status: str) -> None:
    assert deploy(status) == ["delete", "create"]


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_that_is_complete_is_updated(status: str) -> None:
    assert deploy(status) == ["update"]


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"])
def test_a_stack_that_is_stuck_is_left_as_it_is_and_the_remedy_named(status: str) -> None:
    """To delete it would be to delete its users."""
    cloudformation = InterruptedCloudFormation(status)
    with pytest.raises(StartError) as caught:
        LocalStack("hello-api", lambda _: cloudformation).deploy("{}", {})
    assert cloudformation.calls == []
    assert str(caught.value) == (
        f"hello-api: is stuck at {status}, as the local AWS was stopped in the middle;"
        " remove the folder `aws` in the state folder to start without its users"
    )


QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}}
WORKER = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["WorkerDeadLetters", "Arn"]}}},
}
RETRIES = {
    "Type": "AWS::Lambda::EventInvokeConfig",
    "Properties": {"FunctionName": {"Ref": "Worker"}, "Qualifier": "live", "MaximumRetryAttempts": 0},
}


@pytest.mark.parametrize("configured", [{}, {"Retries": RETRIES}], ids=["alone", "beside retries"])
def test_failed_events_of_a_function_are_configured_once_and_a_queue_of_any_name_stays(
    configured: dict[str, Any],
) -> None:
    resources = {"WorkerDeadLetters": QUEUE, "Worker": WORKER, **configured}
    template = LocalTemplate(
        {"Resources": resources},
        frozenset({"WorkerDeadLetters", *configured}),
        frozenset(),
        "hello-api",
        registered=frozenset({"Worker"}),
        elsewhere=Intrinsics({}, resources={"Worker": PhysicalResource("worker")}),
    )
    made = json.loads(template.body({}))["Resources"]
    assert made["WorkerDeadLetters"] == QUEUE
    (config,) = (one["Properties"] for one in made.values() if one["Type"] == RETRIES["Type"])
    target = {"Fn::GetAtt": ["WorkerDeadLetters", "Arn"]}
    assert config["DestinationConfig"] == {"OnFailure": {"Destination": target}}
    assert (config["Qualifier"], config.get("MaximumRetryAttempts")) == ("$LATEST", 0 if configured else None)
