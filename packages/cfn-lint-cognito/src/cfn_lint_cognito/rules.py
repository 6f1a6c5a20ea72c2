"""The module that cfn-lint loads: `cfn-lint template.yaml -a cfn_lint_cognito.rules`.

cfn-lint makes a rule of every subclass of its own class that it finds in the module, so that is what each
rule of the pack becomes here. The numbers 95xx lie in the range that cfn-lint leaves to its users; like its
own rules they can be ignored for one resource:

    Metadata: {cfn-lint: {config: {ignore_checks: [W9504]}}}
"""

from pathlib import Path
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from cfn_lint_cognito.pack import RULES
from cfn_lint_cognito.rule import Rule
from cfn_lint_cognito.template import Template


def as_cfn_lint_rule(rule: Rule) -> type:
    """Return the class that cfn-lint makes its rule of."""

    class CfnLintRule(CloudFormationLintRule):  # type: ignore[misc] # cfn-lint ships no types
        id = rule.id
        shortdesc = rule.title
        description = rule.why
        source_url = rule.source
        tags = ("cognito",)

        def __init__(self) -> None:
            super().__init__()
            if rule.allow_list:
                self.config_definition = {
                    rule.allow_list: {"default": [], "type": "list", "itemtype": "string"}
                }

        def match(self, cfn: Any) -> list[Any]:
            allowed = self.config.get(rule.allow_list, ())
            folder = Path(cfn.filename).parent if cfn.filename else None
            findings = (
                found
                for found in rule.find(Template.of(cfn.template, folder))
                if found.subject not in allowed
            )
            return [RuleMatch(list(found.path), found.message) for found in findings]

    return CfnLintRule


globals().update({rule.id: as_cfn_lint_rule(rule) for rule in RULES})
