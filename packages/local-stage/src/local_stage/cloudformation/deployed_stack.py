"""A stack that is deployed already, on AWS or in a local AWS, as CloudFormation describes it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Self
from urllib.parse import urlsplit

from local_stage.cloudformation.aws_refusal import AwsRefusalError, explaining_refusals
from local_stage.cloudformation.boto3_clients import find_client
from local_stage.cloudformation.pool_settings import USER_POOL
from local_stage.errors import UsageError
from local_stage.state import RunningStage

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class StackResource:
    """A resource of a stack; `kind` is its type, `physical_id` what `Ref` gives."""

    logical_id: str
    kind: str
    physical_id: str


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack's id, its region, outputs and parameters, and `client`, which makes boto3's clients for it.

    `local_aws_url` is the address of the local AWS that has it, None for AWS.
    """

    name: str
    stack_id: str
    region: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    local_aws_url: str | None
    client: Callable[[str], Any] = field(repr=False)

    @classmethod
    def of_running_stage(cls, running: RunningStage) -> Self:
        """Ask the stage's local AWS; the call blocks. Raises StartError where there is no response."""
        return cls._find(
            running.stack_name, partial(find_client, running.region, endpoint_url=running.aws_endpoint_url)
        )

    @classmethod
    def find(cls, name: str, region: str | None, endpoint_url: str | None) -> Self:
        """Ask CloudFormation; the call blocks. boto3 finds a region or endpoint of None as the AWS CLI does.

        Raises StartError where there is no such stack, or where the caller may not read it.
        """
        import boto3  # noqa: PLC0415 - half a second that only some commands need

        with explaining_refusals():
            # boto3 alone does not read AWS_REGION; every other client of AWS does.
            session = boto3.Session(region_name=region or os.environ.get("AWS_REGION"))
        return cls._find(name, partial(_make_client, session, endpoint_url))

    @classmethod
    def _find(cls, name: str, client: Callable[[str], Any]) -> Self:
        try:
            with explaining_refusals():
                cloudformation = client("cloudformation")
                (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        except AwsRefusalError as error:
            if error.code == "ValidationError":
                error.why += "; pass the stack's name with --stack-name and its region with --region"
                raise UsageError(error.why, resource=name) from None
            raise
        url = cloudformation.meta.endpoint_url
        return cls(
            name=name,
            stack_id=stack["StackId"],
            region=cloudformation.meta.region_name,
            outputs={item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", ())},
            parameters={item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", ())},
            local_aws_url=url if _is_loopback(url) else None,
            client=client,
        )

    def find_resources(self) -> list[StackResource]:
        """Ask for the stack's resources that exist. Raises StartError."""
        with explaining_refusals():
            paginator = self.client("cloudformation").get_paginator("list_stack_resources")
            pages = paginator.paginate(StackName=self.name)
            resources = [item for page in pages for item in page["StackResourceSummaries"]]
        return [
            StackResource(item["LogicalResourceId"], item["ResourceType"], item["PhysicalResourceId"])
            for item in resources
            if item.get("PhysicalResourceId")
        ]

    def find_user_pool_arns(self) -> dict[str, str]:
        """Ask for the stack's user pools and return their ARNs by logical id. Raises StartError."""
        _, partition, _, region, account_id, _ = self.stack_id.split(":", 5)
        return {
            item.logical_id: f"arn:{partition}:cognito-idp:{region}:{account_id}:userpool/{item.physical_id}"
            for item in self.find_resources()
            if item.kind == USER_POOL
        }


def _make_client(session: Any, endpoint_url: str | None, service: str) -> Any:
    from botocore.config import Config  # noqa: PLC0415 - as above

    client = session.client(service, endpoint_url=endpoint_url)
    if not _is_loopback(client.meta.endpoint_url):
        return client
    # A proxy of the environment cannot reach this machine's loopback.
    return session.client(service, endpoint_url=endpoint_url, config=Config(proxies={}))


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in _LOOPBACK
