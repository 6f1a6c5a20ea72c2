"""A template as written: its YAML, the form of its sections, and the values of its parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from local_stage.cloudformation.unknown import Unknown, name_unknown
from local_stage.errors import NotRun, TemplateError

SAM_TRANSFORM: Final = "AWS::Serverless-2016-10-31"
RESOURCES: Final = "Resources"
_TEXTS: Final = frozenset({"AWSTemplateFormatVersion", "Description", "Transform"})
_MAPPINGS: Final = frozenset({"Conditions", "Metadata"})
_MAPPINGS_OF_MAPPINGS: Final = frozenset({"Globals", "Mappings", "Outputs", "Parameters", RESOURCES})
_REQUIRED: Final[Mapping[str, str]] = {"Outputs": "Value", RESOURCES: "Type"}


class _TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's short forms (`!Ref`, `!GetAtt A.B`) and raises an error for a repeated key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position] and key != "<<":
                mark = node.value[position][0].start_mark
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} occurs twice", mark)
        return super().construct_mapping(node, deep=deep)

    def construct_short_form(self, suffix: str, node: yaml.Node) -> dict[str, Any]:
        name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
        if isinstance(node, yaml.SequenceNode):
            return {name: self.construct_sequence(node, deep=True)}
        if isinstance(node, yaml.MappingNode):
            return {name: self.construct_mapping(node, deep=True)}
        assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - YAML has three kinds of nodes
        value = str(self.construct_scalar(node))
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}


def _date_as_text(loader: _TemplateLoader, node: yaml.ScalarNode) -> str:
    # AWSTemplateFormatVersion: 2010-09-09 is a text for CloudFormation, quoted or not.
    return str(loader.construct_scalar(node))


_TemplateLoader.add_multi_constructor("!", _TemplateLoader.construct_short_form)
_TemplateLoader.add_constructor("tag:yaml.org,2002:timestamp", _date_as_text)


def read_source(file: Path) -> dict[str, Any]:
    """Return the template as written, with CloudFormation's short forms written out.

    Raises StartError for a file that cannot be read or is not YAML, and as `check_anatomy`.
    """
    try:
        source = yaml.load(file.read_text(encoding="utf-8"), _TemplateLoader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError as error:
        why = f"cannot be read: {error.strerror}; pass --template FILE if the template is elsewhere"
        raise TemplateError(why, file=str(file)) from None
    except OSError as error:
        raise TemplateError(f"cannot be read: {error.strerror}", file=str(file)) from None
    except UnicodeDecodeError:
        raise TemplateError("is not UTF-8 text", file=str(file)) from None
    except yaml.YAMLError as error:
        raise TemplateError(f"is not YAML: {_explain_yaml(error)}", file=str(file)) from None
    check_anatomy(str(file), source)
    return source  # type: ignore[no-any-return]  # the anatomy is a mapping's


def _explain_yaml(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return " ".join(str(error).split())


def check_anatomy(file: str, source: Any) -> None:
    """Raise StartError for a document that is no template, or has an unknown or malformed section.

    After this check, sections and their members are known to be mappings.
    """
    if not isinstance(source, dict) or not isinstance(source.get(RESOURCES), dict):
        raise TemplateError("is not a CloudFormation template: it has no Resources", file=file)
    for section in sorted(source.keys() - _TEXTS - _MAPPINGS - _MAPPINGS_OF_MAPPINGS, key=str):
        raise TemplateError("this section is not supported locally", file=file, resource=str(section))
    _check_transforms(file, source.get("Transform", []))
    for section in sorted(source.keys() - _TEXTS):
        _check_mapping(source[section], file=file, resource=section)
    for section in sorted(source.keys() & _MAPPINGS_OF_MAPPINGS):
        for name, member in source[section].items():
            _check_member(file, section, str(name), member)


def _check_transforms(file: str, transforms: Any) -> None:
    for transform in transforms if isinstance(transforms, list) else [transforms]:
        if transform != SAM_TRANSFORM:
            raise TemplateError(f"{transform!r} is not run locally", file=file, resource="Transform")


def _check_member(file: str, section: str, name: str, member: Any) -> None:
    where = {"resource": name} if section == RESOURCES else {"resource": section, "property_path": name}
    _check_mapping(member, file=file, **where)
    required = _REQUIRED.get(section)
    if required and required not in member:
        raise TemplateError(f"has no {required}", file=file, **where)
    if section == RESOURCES:
        _check_resource(file, name, member)


def _check_resource(file: str, logical_id: str, resource: Mapping[str, Any]) -> None:
    for attribute in ("Type", "Condition"):
        if not isinstance(resource.get(attribute, ""), str):
            raise TemplateError("is not a string", file=file, resource=logical_id, property_path=attribute)
    _check_mapping(resource.get("Properties", {}), file=file, resource=logical_id, property_path="Properties")
    if "Fn::Transform" in str(resource):
        raise TemplateError("Fn::Transform is not run locally", file=file, resource=logical_id)


def _check_mapping(value: Any, **where: str) -> None:
    if not isinstance(value, dict):
        raise TemplateError("is not a mapping of names to values", **where)


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
