"""A stack that is deployed already, on AWS or in a local AWS, as CloudFormation tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from local_stage.user_directory.aws_refusal import explaining_refusals

USER_POOL: Final = "AWS::Cognito::UserPool"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack's region and parameters, and the ARNs of its user pools by logical id.

    `local_aws_url` is the address of the local AWS that has it, None for AWS.
    """

    name: str
    region: str
    parameters: Mapping[str, str]
    user_pool_arns: Mapping[str, str]
    local_aws_url: str | None = None

    @classmethod
    def find(cls, name: str, region: str | None, endpoint_url: str | None) -> Self:
        """Ask CloudFormation; it blocks. Where region or endpoint is None, boto3 finds it as the AWS CLI.

        Raises StartError where there is no such stack, or it may not be asked.
        """
        with explaining_refusals():
            client = _make_client(region, endpoint_url)
            (stack,) = client.describe_stacks(StackName=name)["Stacks"]
            pages = client.get_paginator("list_stack_resources").paginate(StackName=name)
            resources = [item for page in pages for item in page["StackResourceSummaries"]]
        return cls(
            name=name,
            region=client.meta.region_name,
            parameters={item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", ())},
            user_pool_arns=_find_user_pools(stack["StackId"], resources),
            local_aws_url=client.meta.endpoint_url if _is_loopback(client.meta.endpoint_url) else None,
        )


def _make_client(region: str | None, endpoint_url: str | None) -> Any:
    import boto3  # noqa: PLC0415 - half a second that only some commands need
    from botocore.config import Config  # noqa: PLC0415 - as above

    session = boto3.Session(region_name=region)
    client = session.client("cloudformation", endpoint_url=endpoint_url)
    if not _is_loopback(client.meta.endpoint_url):
        return client
    # A proxy of the environment cannot reach this machine's loopback.
    return session.client("cloudformation", endpoint_url=endpoint_url, config=Config(proxies={}))


def _find_user_pools(stack_id: str, resources: list[dict[str, Any]]) -> dict[str, str]:
    _, partition, _, region, account_id, _ = stack_id.split(":", 5)
    return {
        item["LogicalResourceId"]: (
            f"arn:{partition}:cognito-idp:{region}:{account_id}:userpool/{item['PhysicalResourceId']}"
        )
        for item in resources
        if item["ResourceType"] == USER_POOL and item.get("PhysicalResourceId")
    }


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in _LOOPBACK
