"""The stack whose user pool is meant: the running stage's own, or one that was deployed to AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Self

from local_stage.cloudformation.boto_session import new_session
from local_stage.errors import StartError
from local_stage.state import RunningStage
from local_stage.user_directory.aws_refusal import AwsRefusalError, explaining_refusals

PRODUCTION: Final = "prod"


@dataclass(frozen=True, slots=True)
class PoolStack:
    """A stack with its outputs and parameters, and a boto3 client of Cognito where it is.

    `is_local` says that it is the one of a running stage, whose users and keys are this machine's.
    """

    name: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    is_local: bool
    cognito: Any = field(repr=False)

    @classmethod
    def of_running_stage(cls, running: RunningStage) -> Self:
        """Return the stack of the local AWS. Raises StartError where it does not answer."""
        from botocore.config import Config  # noqa: PLC0415 - half a second that only some commands need

        # A proxy of the environment cannot reach this machine's loopback.
        client = partial(
            new_session(running.region).client,
            endpoint_url=running.aws_endpoint_url,
            config=Config(proxies={}),
        )
        return cls._find(running.stack_name, client, is_local=True)

    @classmethod
    def of_local_aws(cls, name: str, outputs: Mapping[str, str], cognito: Any) -> Self:
        """Return the stack that this process itself has brought up."""
        return cls(name, outputs, {}, is_local=True, cognito=cognito)

    @classmethod
    def deployed(cls, name: str, region: str | None, endpoint_url: str | None) -> Self:
        """Return a stack on AWS; where region or endpoint is None, boto3 finds it as the AWS CLI does.

        Raises StartError where there is none, where it has no outputs, or without credentials.
        """
        import boto3  # noqa: PLC0415 - as above

        with explaining_refusals():
            client = partial(boto3.Session(region_name=region).client, endpoint_url=endpoint_url)
        return cls._find(name, client, is_local=False)

    @classmethod
    def _find(cls, name: str, client: Callable[[str], Any], *, is_local: bool) -> Self:
        try:
            with explaining_refusals():
                (stack,) = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
                cognito = client("cognito-idp")
        except AwsRefusalError as error:
            if error.code == "ValidationError":
                error.why += "; name the stack with --stack-name and where it is with --region"
                raise StartError(error.why, resource=name) from None
            raise
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        parameters = {item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])}
        return cls(name, outputs, parameters, is_local, cognito)

    def output(self, name: str) -> str:
        """Return an output of the stack. Raises StartError where it has none of this name."""
        if name not in self.outputs:
            why = "the stack has no such output; add it to the template and start or deploy it again"
            raise StartError(why, resource=self.name, property_path=f"Outputs.{name}")
        return self.outputs[name]

    @property
    def user_pool_id(self) -> str:
        """The id of the user pool, by the output UserPoolId. Raises StartError."""
        return self.output("UserPoolId")

    @property
    def option(self) -> str:
        """What has to be added to another command of ours for the same stack."""
        return "" if self.is_local else f" --stack-name {self.name}"

    def refuse_production(self) -> None:
        """Raise StartError for a stack of prod on AWS: its users are people, with passwords of their own."""
        if not self.is_local and self.parameters.get("Environment") == PRODUCTION:
            why = (
                "is prod: its users are people whose passwords nobody else sets; make users for a test in"
                " a stack of dev or staging"
            )
            raise StartError(why, resource=self.name, property_path="Environment")
