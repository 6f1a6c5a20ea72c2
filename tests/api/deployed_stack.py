"""The stack under test, on AWS or in a local stage: both are found through CloudFormation alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from mypy_boto3_cloudformation import CloudFormationClient
from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from local_stage.cloudformation.boto3_clients import new_session
from local_stage.serving.options import StartOptions
from tests.http_session import is_loopback


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
        find_client = _find_client(settings)
        cloudformation: CloudFormationClient = find_client("cloudformation")
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
            cognito=find_client("cognito-idp"),
        )

    def at_endpoint(self) -> Self:
        """Return the stack with addresses that lead to the local AWS it is in; on AWS it stays as it is.

        What SAM CLI has deployed to MiniStack tells the addresses that it would have on AWS.
        """
        endpoint_url = self.settings.endpoint_url
        if endpoint_url is None or not is_loopback(endpoint_url) or is_loopback(self.api_url):
            return self
        api = urlsplit(self.api_url)
        addresses = {
            "ApiUrl": f"{endpoint_url}/_aws/execute-api/{api.netloc.partition('.')[0]}{api.path}",
            "TokenEndpoint": f"{endpoint_url}{urlsplit(self.outputs['TokenEndpoint']).path}",
        }
        return dataclasses.replace(self, outputs={**self.outputs, **addresses})

    @property
    def api_url(self) -> str:
        return self.outputs["ApiUrl"]

    @property
    def user_pool_id(self) -> str:
        return self.outputs["UserPoolId"]

    @property
    def password_client_id(self) -> str:
        """The app client that takes plain passwords, which there is outside prod only."""
        return self.outputs["PasswordClientId"]

    @property
    def allowed_origin(self) -> str:
        return self.parameters["AllowedOrigin"]


def _find_client(settings: StackSettings) -> Callable[[Any], Any]:
    """Return what makes a client of a service by its name."""
    if not is_loopback(settings.endpoint_url):
        session = boto3.Session(region_name=settings.region)
        return partial(session.client, endpoint_url=settings.endpoint_url)
    # A local AWS takes the usual local credentials, whatever profile or proxy the developer has.
    session = new_session(settings.region or StartOptions().region)
    return partial(session.client, endpoint_url=settings.endpoint_url, config=Config(proxies={}))
