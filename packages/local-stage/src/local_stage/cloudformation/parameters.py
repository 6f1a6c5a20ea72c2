"""A template's parameters: defaults, overrides and the rules that CloudFormation checks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from local_stage.errors import TemplateError


def read_parameters(file: str, declared: Mapping[str, Any], overrides: Mapping[str, str]) -> dict[str, Any]:
    """Return each parameter's value: a text, or a list of texts for the list types.

    Raises StartError naming the parameter where it has no value, is not declared, or breaks its own rules.
    """
    unknown = sorted(overrides.keys() - declared.keys())
    if unknown:
        known = ", ".join(declared) or "none"
        raise TemplateError(
            f"the template has no such parameter; it has {known}", file=file, resource=unknown[0]
        )
    return {name: _read_value(file, name, rules, overrides) for name, rules in declared.items()}


def _read_value(file: str, name: str, rules: Mapping[str, Any], overrides: Mapping[str, str]) -> Any:
    kind = str(rules.get("Type", "String"))
    if kind.startswith("AWS::SSM::Parameter::Value"):
        raise TemplateError(f"the type {kind} is not resolved locally", file=file, resource=name)
    value = overrides.get(name, rules.get("Default"))
    if value is None:
        why = f"has no default; pass --parameter-overrides {name}=…"
        raise TemplateError(why, file=file, resource=name, property_path="Default")
    text = _as_text(value)
    items = [item.strip() for item in text.split(",")] if _is_list(kind) else [text]
    for item in items:
        _check(file, name, rules, kind, item)
    return items if _is_list(kind) else text


def _is_list(kind: str) -> bool:
    return kind == "CommaDelimitedList" or kind.startswith("List<")


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _check(file: str, name: str, rules: Mapping[str, Any], kind: str, value: str) -> None:
    for property_path, broken in (
        ("AllowedValues", _is_not_allowed(rules, value)),
        ("AllowedPattern", _does_not_match(rules, value)),
        ("MinLength", kind == "String" and len(value) < int(rules.get("MinLength", 0))),
        ("MaxLength", kind == "String" and len(value) > int(rules.get("MaxLength", len(value)))),
        ("Type", "Number" in kind and _number(value) is None),
        ("MinValue", _is_beyond(value, rules.get("MinValue"), -1)),
        ("MaxValue", _is_beyond(value, rules.get("MaxValue"), 1)),
    ):
        if broken:
            limit = rules.get(property_path, kind)
            why = f"{value!r} is not allowed by {property_path} {limit}"
            raise TemplateError(why, file=file, resource=name, property_path=property_path)


def _is_not_allowed(rules: Mapping[str, Any], value: str) -> bool:
    allowed = rules.get("AllowedValues")
    return allowed is not None and value not in {_as_text(item) for item in allowed}


def _does_not_match(rules: Mapping[str, Any], value: str) -> bool:
    pattern = rules.get("AllowedPattern")
    return pattern is not None and re.fullmatch(pattern, value) is None


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _is_beyond(value: str, limit: Any, sign: int) -> bool:
    number = _number(value)
    return limit is not None and (number is None or sign * (number - float(limit)) > 0)
