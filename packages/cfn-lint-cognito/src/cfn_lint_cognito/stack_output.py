"""The rule for what a stack shows to everybody who may describe it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cfn_lint_cognito.intrinsics import places_in, referenced_names
from cfn_lint_cognito.parameters import find_hidden
from cfn_lint_cognito.possible_value import PossibleValue
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Template


def find_secrets(template: Template) -> Iterator[Finding]:
    """Find outputs that show a client's secret or a hidden parameter."""
    hidden = find_hidden(template.section("Parameters"))
    for name, output in template.section("Outputs").items():
        value = output.get("Value") if isinstance(output, Mapping) else None
        for place in places_in(PossibleValue(value, ("Outputs", name, "Value"))):
            for secret in referenced_names(place.value):
                if secret in hidden or secret.endswith(".ClientSecret"):
                    yield Finding(
                        place.path, f"The output {name} shows {secret} to everybody who may see the stack"
                    )


RULES: Final = (
    Rule(
        id="E9541",
        title="No output shows a secret",
        why=(
            "Outputs are shown in clear text, in the console, to every holder of "
            "cloudformation:DescribeStacks and to the stacks that import them; who needs a client's secret "
            "asks Cognito for it (DescribeUserPoolClient)."
        ),
        looks_at="ClientSecret of app clients and NoEcho parameters in Outputs",
        source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html",
        find=find_secrets,
    ),
)
