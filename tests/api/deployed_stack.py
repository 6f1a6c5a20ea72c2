"""The stack under test, on AWS or in a local stage: both are found through CloudFormation alike."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.exceptions import ClientError
from mypy_boto3_cloudformation import CloudFormationClient
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

LOCAL_HOSTS = ("127.0.0.1", "localhost")


class StackNotFoundError(LookupError):
    """CloudFormation knows no such stack, or the stack has no outputs yet."""


@dataclass(frozen=True, slots=True)
class StackSettings:
    """Where to look for the stack. `region` and `endpoint_url` are None where boto3 finds them itself."""

    stack_name: str
    region: str | None = None
    endpoint_url: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self | None:
        """Read AWS_SAM_STACK_NAME, AWS_REGION or AWS_DEFAULT_REGION, and AWS_ENDPOINT_URL.

        None without a stack's name: the suite then starts a local stage.
        """
        stack_name = environment.get("AWS_SAM_STACK_NAME")
        if not stack_name:
            return None
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or None
        return cls(stack_name, region, environment.get("AWS_ENDPOINT_URL") or None)


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack that is there, with its outputs and parameters."""

    settings: StackSettings
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    cognito: CognitoIdentityProviderClient = field(repr=False)

    @classmethod
    def find(cls, settings: StackSettings) -> Self:
        """Ask CloudFormation for the stack. Raises StackNotFoundError."""
        session = _session(settings)
        cloudformation: CloudFormationClient = session.client(
            "cloudformation", endpoint_url=settings.endpoint_url
        )
        try:
            (stack,) = cloudformation.describe_stacks(StackName=settings.stack_name)["Stacks"]
        except ClientError as error:
            raise StackNotFoundError(f"{settings}: {error}") from error
        if not stack.get("Outputs"):
            raise StackNotFoundError(f"{settings}: {stack['StackStatus']}, without outputs")
        return cls(
            settings,
            outputs={output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]},
            parameters={
                parameter["ParameterKey"]: parameter["ParameterValue"]
                for parameter in stack.get("Parameters", [])
            },
            cognito=session.client("cognito-idp", endpoint_url=settings.endpoint_url),
        )

    @property
    def api_url(self) -> str:
        return self.outputs["ApiUrl"]

    @property
    def user_pool_id(self) -> str:
        return self.outputs["UserPoolId"]

    @property
    def allowed_origin(self) -> str:
        return self.parameters["AllowedOrigin"]


def _session(settings: StackSettings) -> boto3.Session:
    if urlsplit(settings.endpoint_url or "").hostname not in LOCAL_HOSTS:
        return boto3.Session(region_name=settings.region)
    # A local AWS takes these credentials, and no profile of the developer's, be it good or broken.
    unset: Any = (None, None, None, None)
    nowhere: Any = (None, None, os.devnull, None)
    without_profile = botocore.session.Session(
        session_vars={"profile": unset, "config_file": nowhere, "credentials_file": nowhere}
    )
    return boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name=settings.region,
        botocore_session=without_profile,
    )
