"""Where a template is deployed on this machine, as its pseudo parameters tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

ACCOUNT_ID: Final = "123456789012"
"""The account that every ARN of the local stage names."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a template is deployed: the stack's name and region, and where the local AWS is here."""

    stack_name: str
    region: str
    aws_endpoint_url: str

    @property
    def pseudo_parameters(self) -> dict[str, Any]:
        """The pseudo parameters but for AWS::StackId, which only the deployed stack has.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
        """
        return {
            "AWS::AccountId": ACCOUNT_ID,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackName": self.stack_name,
            "AWS::URLSuffix": "amazonaws.com",
        }
