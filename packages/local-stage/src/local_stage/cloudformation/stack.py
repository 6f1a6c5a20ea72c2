"""The template's stack in the local AWS: the part of it that lives there, deployed through CloudFormation."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

from local_stage.cloudformation.intrinsics import PhysicalResource
from local_stage.cloudformation.local_template import LocalTemplate, as_text
from local_stage.cloudformation.local_values import find_local_values
from local_stage.errors import MachineError, TemplateError

DEPLOY_DEADLINE: Final = 120.0
POLL_INTERVAL: Final = 0.02
_REGISTERED_PROPERTIES: Final = (
    "Description",
    "FunctionName",
    "Handler",
    "MemorySize",
    "Name",
    "Runtime",
    "Timeout",
)
_FAILED_CREATION: Final = frozenset(
    {
        "CREATE_FAILED",
        # Nothing is in progress when a deployment begins: the local AWS was stopped in the middle.
        "CREATE_IN_PROGRESS",
        "DELETE_FAILED",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
        "ROLLBACK_IN_PROGRESS",
    }
)
_STUCK: Final = re.compile(r"UPDATE_\w*(IN_PROGRESS|FAILED)")
"""No deployment leads out of these, and to delete the stack would be to delete its users."""
_EXPLAIN_STUCK: Final = (
    "is stuck at {}, as the local AWS was stopped in the middle;"
    " remove the folder `aws` in the state folder to start without its users"
)


class ResourceFailedError(TemplateError):
    """The local AWS could not create a resource that the stack did not have: `logical_id` names it."""

    def __init__(self, why: str, stack: str, logical_id: str, reason: str) -> None:
        super().__init__(why, resource=stack)
        self.logical_id = logical_id
        self.reason = reason


class LocalStack:
    """One stack of the local AWS. Its methods block; `client` gives boto3 clients of the local AWS.

    They raise StartError, with the reason of the local AWS, where it refuses the stack or does not respond.
    """

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

        Raises ResourceFailedError where nothing is lost if it is deployed again without a resource.
        """
        with self._naming_errors():
            status = self._find_status()
            if status in _FAILED_CREATION:
                self._cloudformation.delete_stack(StackName=self.name)
                status = self._wait(gone_is_fine=True)
            if status and _STUCK.fullmatch(status):
                raise MachineError(_EXPLAIN_STUCK.format(status), resource=self.name)
            before = self._find_resources() if status else frozenset()
            if self._begin(status, body, parameters):
                self._check(self._wait(), before)

    def physical_resources(self, template: LocalTemplate) -> dict[str, PhysicalResource]:
        """Return name and wanted attributes of every resource of the stack, by logical id."""
        with self._naming_errors():
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

    def find_values(self, references: Collection[tuple[str, str]]) -> dict[str, str]:
        """Return what SSM and Secrets Manager hold, by `service:key`, of these (service, key) pairs."""
        with self._naming_errors():
            return find_local_values(self._client, references)

    def stack_id(self) -> str:
        """Return the stack's ARN."""
        return str(self._describe()["StackId"])

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs by name; there are none where there is no stack."""
        with self._naming_errors():
            if self._find_status() is None:
                return {}
        outputs = self._describe().get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def _describe(self) -> Mapping[str, Any]:
        with self._naming_errors():
            described: list[dict[str, Any]]
            described = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
            return described[0]

    def _begin(self, status: str | None, body: str, parameters: Mapping[str, Any]) -> bool:
        """Begin to create or update the stack, and say whether there is anything to do."""
        request = {
            "StackName": self.name,
            "TemplateBody": body,
            "Parameters": _as_request(parameters),
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        }
        if status is None or status == "DELETE_COMPLETE":
            self._cloudformation.create_stack(**request)
            return True
        try:
            self._cloudformation.update_stack(**request)
        except self._cloudformation.exceptions.ClientError as error:
            if "No updates are to be performed" in str(error):
                return False
            raise
        return True

    def _find_status(self) -> str | None:
        try:
            stacks = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        except self._cloudformation.exceptions.ClientError as error:
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
                raise MachineError(
                    f"the local AWS is still at {status} after {DEPLOY_DEADLINE:g} s; start the stage again",
                    resource=self.name,
                )
            time.sleep(POLL_INTERVAL)

    def _find_resources(self) -> frozenset[str]:
        described = self._cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
        return frozenset(str(item["LogicalResourceId"]) for item in described)

    def _check(self, status: str | None, before: frozenset[str]) -> None:
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return
        logical_id, reason = self._first_failure()
        why = f"the local AWS could not bring the stack up ({status}): {logical_id}: {reason}"
        if logical_id != self.name and logical_id not in before:
            raise ResourceFailedError(why, self.name, logical_id, reason)
        raise TemplateError(why, resource=self.name)

    def _first_failure(self) -> tuple[str, str]:
        """Return which resource failed in the latest deployment, and why.

        Events come the latest first, of every deployment.
        """
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        latest = itertools.takewhile(lambda event: not self._is_beginning(event), events)
        failed = [event for event in latest if str(event["ResourceStatus"]).endswith("_FAILED")]
        if not failed:
            return self.name, "no event says why"
        reason = failed[-1].get("ResourceStatusReason", "no reason given")
        return str(failed[-1]["LogicalResourceId"]), str(reason)

    def _is_beginning(self, event: Mapping[str, Any]) -> bool:
        began = event["ResourceStatus"] in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
        return began and event["LogicalResourceId"] == self.name

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow to import

        try:
            yield
        except ClientError as error:
            why = f"the local AWS refuses the stack: {error.response['Error']['Message']}"
            raise TemplateError(why, resource=self.name) from None
        except BotoCoreError as error:
            raise MachineError(f"the local AWS does not respond: {error}", resource=self.name) from None


def _as_request(parameters: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"ParameterKey": name, "ParameterValue": as_text(value)} for name, value in parameters.items()]
