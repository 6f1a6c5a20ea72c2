"""The template's stack in the local AWS: the part of it that lives there, deployed through CloudFormation."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from local_stage.cloudformation.intrinsics import PhysicalResource
from local_stage.errors import StartError

DEPLOY_DEADLINE: Final = 120.0
POLL_INTERVAL: Final = 0.02
ATTRIBUTE_PREFIX: Final = "LocalStageAttribute"
_FAILED_CREATION: Final = frozenset(
    {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}
)


@dataclass(frozen=True, slots=True)
class LocalTemplate:
    """The CloudFormation template of what lives in the local AWS.

    `attributes` are the (logical id, attribute) pairs that the stage has to know. CloudFormation gives an
    attribute only to other resources, so each is written to an SSM parameter of the stack and read there.
    """

    translated: Mapping[str, Any]
    logical_ids: frozenset[str]
    attributes: frozenset[tuple[str, str]]
    stack_name: str

    def body(self, outputs: Mapping[str, Any]) -> str:
        """Return the template as JSON with the given outputs, values already resolved."""
        template = {
            section: self.translated[section]
            for section in ("AWSTemplateFormatVersion", "Description", "Parameters", "Mappings", "Conditions")
            if section in self.translated
        }
        template["Resources"] = self._resources()
        template["Outputs"] = dict(outputs)
        return json.dumps(template, sort_keys=True)

    def attribute_parameter_name(self, logical_id: str, attribute: str) -> str:
        """Return the name of the SSM parameter that holds an attribute."""
        return f"/local-stage/{self.stack_name}/{logical_id}/{attribute}"

    def _resources(self) -> dict[str, Any]:
        resources: dict[str, Any] = {
            logical_id: copy.deepcopy(self.translated["Resources"][logical_id])
            for logical_id in self.logical_ids
        }
        for number, (logical_id, attribute) in enumerate(sorted(self.attributes)):
            resources[f"{ATTRIBUTE_PREFIX}{number}"] = {
                "Type": "AWS::SSM::Parameter",
                "Properties": {
                    "Name": self.attribute_parameter_name(logical_id, attribute),
                    "Type": "String",
                    "Value": {"Fn::GetAtt": [logical_id, attribute]},
                },
            }
        if not resources:
            # CloudFormation takes no template without a resource.
            resources["LocalStage"] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
        return resources


class LocalStack:
    """One stack of the local AWS. Its methods block; `client` gives boto3 clients of the local AWS."""

    def __init__(self, name: str, client: Any) -> None:
        self.name = name
        self._client = client

    @cached_property
    def _cloudformation(self) -> Any:
        return self._client("cloudformation")

    @cached_property
    def _ssm(self) -> Any:
        return self._client("ssm")

    def deploy(self, body: str, parameters: Mapping[str, Any]) -> None:
        """Create the stack, or update it where it differs; users and data stay.

        Raises StartError with CloudFormation's own reason where the local AWS refuses it.
        """
        status = self._find_status()
        if status in _FAILED_CREATION:
            self._cloudformation.delete_stack(StackName=self.name)
            status = self._wait(gone_is_fine=True)
        request = {
            "StackName": self.name,
            "TemplateBody": body,
            "Parameters": _as_request(parameters),
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        }
        if status is None or status == "DELETE_COMPLETE":
            self._cloudformation.create_stack(**request)
        elif not self._update(request):
            return
        self._check(self._wait())

    def physical_resources(self, template: LocalTemplate) -> dict[str, PhysicalResource]:
        """Return name and wanted attributes of every resource of the stack, by logical id."""
        described = self._cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
        names = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in described}
        attributes: dict[str, dict[str, str]] = {}
        for logical_id, attribute in template.attributes:
            parameter = template.attribute_parameter_name(logical_id, attribute)
            value = self._ssm.get_parameter(Name=parameter)["Parameter"]["Value"]
            attributes.setdefault(logical_id, {})[attribute] = value
        return {
            logical_id: PhysicalResource(names[logical_id], attributes.get(logical_id, {}))
            for logical_id in template.logical_ids
        }

    def stack_id(self) -> str:
        """Return the stack's ARN."""
        return str(self._describe()["StackId"])

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs by name; there are none where there is no stack."""
        if self._find_status() is None:
            return {}
        return {output["OutputKey"]: output["OutputValue"] for output in self._describe().get("Outputs", [])}

    def _describe(self) -> Mapping[str, Any]:
        stack: Mapping[str, Any] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        return stack

    def _update(self, request: Mapping[str, Any]) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import

        try:
            self._cloudformation.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return False
            raise StartError(f"the local AWS refuses the stack: {error}", resource=self.name) from None
        return True

    def _find_status(self) -> str | None:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import

        try:
            stacks = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return str(stacks[0]["StackStatus"])

    def _wait(self, *, gone_is_fine: bool = False) -> str | None:
        deadline = time.monotonic() + DEPLOY_DEADLINE
        while True:
            status = self._find_status()
            if status is None and gone_is_fine:
                return None
            if status is not None and not status.endswith("_IN_PROGRESS"):
                return status
            if time.monotonic() > deadline:
                raise StartError(f"the local AWS is still at {status}", resource=self.name)
            time.sleep(POLL_INTERVAL)

    def _check(self, status: str | None) -> None:
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return
        raise StartError(
            f"the local AWS could not bring the stack up ({status}): {self._first_failure()}",
            resource=self.name,
        )

    def _first_failure(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        reasons = [_failure(event) for event in events if str(event["ResourceStatus"]).endswith("_FAILED")]
        return reasons[-1] if reasons else "no event says why"


def _failure(event: Mapping[str, Any]) -> str:
    return f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"


def _as_request(parameters: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"ParameterKey": name, "ParameterValue": _as_text(value)} for name, value in parameters.items()]


def _as_text(value: str | Iterable[str]) -> str:
    return value if isinstance(value, str) else ",".join(value)
