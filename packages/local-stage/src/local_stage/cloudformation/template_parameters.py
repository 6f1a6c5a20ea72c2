"""The values of a template's parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from local_stage.cloudformation.unknown import Unknown, name_unknown
from local_stage.errors import NotRun, TemplateError


def read_parameters(
    file: str,
    declared: Mapping[str, Any],
    overrides: Mapping[str, str],
    imports: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return each parameter's value: a text, or a list of texts for the list types.

    A parameter without a value has an `Unknown` one. That of an SSM type is the value of the SSM parameter
    that it names, which `imports` has by this name or nobody knows.
    Raises StartError naming the parameter where it is not declared, or breaks its own rules.
    """
    unknown = sorted(overrides.keys() - declared.keys())
    if unknown:
        known = ", ".join(declared) or "none"
        raise TemplateError(
            f"the template has no such parameter; it has {known}", file=file, resource=unknown[0]
        )
    return {
        name: _read_value(file, name, rules, overrides, imports or {}) for name, rules in declared.items()
    }


def find_ssm_names(declared: Mapping[str, Any], overrides: Mapping[str, str]) -> dict[str, str]:
    """Return the names of the SSM parameters whose values are those of parameters, by these' names."""
    return {
        name: _as_text(overrides.get(name, rules.get("Default")))
        for name, rules in declared.items()
        if _is_ssm(rules) and (name in overrides or "Default" in rules)
    }


def _read_value(
    file: str, name: str, rules: Mapping[str, Any], overrides: Mapping[str, str], imports: Mapping[str, str]
) -> Any:
    kind = str(rules.get("Type", "String"))
    value = overrides.get(name, rules.get("Default"))
    if value is None:
        why = f"has no default, and a placeholder stands for it; pass --parameter-overrides {name}=VALUE"
        return _placeholder(name, rules, kind, why)
    if _is_ssm(rules):
        if value not in imports:
            why = f"names {value} in SSM, which is not known; pass --import-value {value}=VALUE"
            return _placeholder(name, rules, kind, why)
        value, kind, rules = imports[value], kind.partition("<")[2].removesuffix(">"), {}
    text = _as_text(value)
    items = [item.strip() for item in text.split(",")] if _is_list(kind) else [text]
    for item in items:
        _check(file, name, rules, kind, item)
    return items if _is_list(kind) else text


def _placeholder(name: str, rules: Mapping[str, Any], kind: str, why: str) -> Any:
    """Return what stands for a parameter's value: the first that is allowed, else a number or its name."""
    text = name_unknown(name)
    if kind == "Number" or "<Number>" in kind:
        text = _as_text(rules.get("MinValue", 1))
    if not _is_ssm(rules):
        text = _as_text((rules.get("AllowedValues") or [text])[0])
    unknown = Unknown(text, NotRun("Parameters", why, name))
    return [unknown] if "List" in kind else unknown


def _is_ssm(rules: Mapping[str, Any]) -> bool:
    return str(rules.get("Type")).startswith("AWS::SSM::Parameter::Value<")


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
