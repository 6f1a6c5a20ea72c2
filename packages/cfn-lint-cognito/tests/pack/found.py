"""What a rule of the pack finds in a template that a test writes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor

from cfn_lint_cognito.pack import RULES
from cfn_lint_cognito.possible_value import Path
from cfn_lint_cognito.template import Template

RULE_BY_ID = {rule.id: rule for rule in RULES}

CONDITIONS = """
Parameters:
  Environment: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Choice: {Type: String, Default: left}
Conditions:
  IsProduction: !Equals [!Ref Environment, prod]
  IsDevelopment: !Not [!Condition IsProduction]
  IsLeft: !Equals [!Ref Choice, left]
"""
"""Sections of a template that knows production, and a condition that has nothing to do with it."""

CHOICE = """
Parameters:
  Choice: {Type: String, Default: left}
Conditions:
  IsLeft: !Equals [!Ref Choice, left]
"""
"""Sections of a template that has a condition and knows no production."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # C's takes a tenth of the time
    """Reads the short forms as SAM's translator does."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def read(text: str) -> dict[str, Any]:
    """Return a template that is written as YAML, with the short forms of intrinsic functions."""
    template: dict[str, Any] = yaml.load(textwrap.dedent(text), _Loader)  # noqa: S506 - a safe one
    return template


def find_paths(rule_id: str, template: Mapping[str, Any]) -> list[Path]:
    """Return the paths of what the rule finds."""
    return [finding.path for finding in RULE_BY_ID[rule_id].find(Template.of(template))]


def find_messages(rule_id: str, template: Mapping[str, Any]) -> list[str]:
    """Return the messages of what the rule finds."""
    return [finding.message for finding in RULE_BY_ID[rule_id].find(Template.of(template))]


def pool(properties: str, *, sections: str = "", attributes: str = "") -> dict[str, Any]:
    """Return a template with one user pool, `Pool`. Properties and attributes are YAML."""
    return _one("Pool", "AWS::Cognito::UserPool", properties, sections, attributes)


def client(properties: str, *, sections: str = "", attributes: str = "") -> dict[str, Any]:
    """Return a template with one app client, `Client`. Properties and attributes are YAML."""
    return _one("Client", "AWS::Cognito::UserPoolClient", properties, sections, attributes)


def _one(logical_id: str, kind: str, properties: str, sections: str, attributes: str) -> dict[str, Any]:
    resource = {"Type": kind, **(read(attributes) or {}), "Properties": read(properties) or {}}
    return {**(read(sections) or {}), "Resources": {logical_id: resource}}
