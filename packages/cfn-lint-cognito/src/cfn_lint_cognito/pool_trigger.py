"""The rule for functions that a user pool calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Template

CUSTOM_SENDERS: Final = frozenset({"CustomEmailSender", "CustomSMSSender"})


def find_custom_senders(template: Template) -> Iterator[Finding]:
    """Find events of SAM for triggers that need more than the function's ARN."""
    for function in template.resources("AWS::Serverless::Function"):
        for events in function.possible("Events"):
            for name in events.value if isinstance(events.value, Mapping) else ():
                event = events.member(name)
                kinds = [found.value for found in template.intrinsics.at(event, "Type")]
                for trigger in template.intrinsics.at(event, "Properties", "Trigger"):
                    names = trigger.value if isinstance(trigger.value, list) else [trigger.value]
                    if "Cognito" in kinds and any(
                        one in CUSTOM_SENDERS for one in names if isinstance(one, str)
                    ):
                        yield Finding(
                            trigger.path,
                            "A custom sender needs LambdaArn, LambdaVersion and a KMS key: write it into "
                            "LambdaConfig of the user pool, and not as an event",
                        )


RULES: Final = (
    Rule(
        id="E9506",
        title="Custom senders stand in the pool's LambdaConfig",
        why=(
            "SAM writes an event's trigger as the function's ARN alone, and CloudFormation refuses that for "
            "CustomEmailSender and CustomSMSSender."
        ),
        looks_at="Trigger of events of type Cognito of AWS::Serverless::Function",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-email-sender.html",
        find=find_custom_senders,
    ),
)
