"""The stack whose user pool is meant: the running stage's own, or one that was deployed to AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from local_stage.cloudformation.aws_refusal import explaining_refusals
from local_stage.cloudformation.deployed_stack import DeployedStack
from local_stage.errors import TemplateError, UsageError
from local_stage.state import RunningStage

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
        return cls._of(DeployedStack.of_running_stage(running), is_local=True)

    @classmethod
    def of_local_aws(cls, name: str, outputs: Mapping[str, str], cognito: Any) -> Self:
        """Return the stack that this process itself has brought up."""
        return cls(name, outputs, {}, is_local=True, cognito=cognito)

    @classmethod
    def deployed(cls, name: str, region: str | None, endpoint_url: str | None) -> Self:
        """Return a stack on AWS; where region or endpoint is None, boto3 finds it as the AWS CLI does.

        Raises StartError where there is none, or without credentials.
        """
        return cls._of(DeployedStack.find(name, region, endpoint_url), is_local=False)

    @classmethod
    def _of(cls, stack: DeployedStack, *, is_local: bool) -> Self:
        with explaining_refusals():
            cognito = stack.client("cognito-idp")
        return cls(stack.name, stack.outputs, stack.parameters, is_local, cognito)

    def output(self, name: str) -> str:
        """Return an output of the stack. Raises StartError where it has none of this name."""
        if name not in self.outputs:
            why = "the stack has no such output; add it to the template and start or deploy it again"
            raise TemplateError(why, resource=self.name, property_path=f"Outputs.{name}")
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
            raise UsageError(why, resource=self.name, property_path="Environment")
