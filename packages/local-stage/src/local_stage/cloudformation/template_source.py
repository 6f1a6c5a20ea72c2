"""A template as written: its YAML or JSON, and the form of its sections.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.constructor import SafeConstructor

from local_stage.errors import NotRun, TemplateError

RESOURCES: Final = "Resources"
_TEXTS: Final = frozenset({"AWSTemplateFormatVersion", "Description", "Transform"})
_MAPPINGS: Final = frozenset({"Conditions", "Hooks", "Metadata", "Rules"})
_MAPPINGS_OF_MAPPINGS: Final = frozenset({"Globals", "Mappings", "Outputs", "Parameters", RESOURCES})
_REQUIRED: Final[Mapping[str, str]] = {"Outputs": "Value", RESOURCES: "Type"}


class _ShortForms(SafeConstructor):
    """Reads CloudFormation's short forms (`!Ref`, `!GetAtt A.B`).

    Of a key that occurs twice the last one counts, as for CloudFormation
    (https://github.com/go-to-k/cdk-real-drift/issues/1074); `repeated` tells of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.repeated: dict[int, str] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        named = [key for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        keys = [self.construct_object(key, deep=True) for key in named]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                self.repeated[named[position].start_mark.line + 1] = str(key)
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


_ShortForms.add_multi_constructor("!", _ShortForms.construct_short_form)
# AWSTemplateFormatVersion: 2010-09-09 is a text for CloudFormation, quoted or not.
_ShortForms.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)  # type: ignore[type-var]


def compose(text: str) -> yaml.Node | None:
    """Return a document's root, None of an empty one. Raises YAMLError.

    LibYAML composes it, ten times as fast, where PyYAML comes with it; what it refuses is read once more in
    Python, whose words for what is wrong are the clearer ones.
    """
    try:
        return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return yaml.compose(text, Loader=yaml.SafeLoader)


def read_source(file: Path) -> tuple[Any, list[NotRun]]:
    """Return a file as written, with CloudFormation's short forms written out, and the keys that it repeats.

    Raises StartError for a file that cannot be read or is not YAML; JSON is YAML as well.
    """
    try:
        root, constructor = compose(file.read_text(encoding="utf-8-sig")), _ShortForms()
        source = None if root is None else constructor.construct_document(root)
    except FileNotFoundError as error:
        why = f"cannot be read: {error.strerror}; pass --template FILE if the template is elsewhere"
        raise TemplateError(why, file=str(file)) from None
    except OSError as error:
        raise TemplateError(f"cannot be read: {error.strerror}", file=str(file)) from None
    except UnicodeDecodeError:
        raise TemplateError("is not UTF-8 text", file=str(file)) from None
    except yaml.YAMLError as error:
        raise TemplateError(f"is not YAML: {_explain_yaml(error)}", file=str(file)) from None
    return source, [
        NotRun(file.name, f"the key {key} occurs again, and the last one counts, as on AWS", f"line {line}")
        for line, key in sorted(constructor.repeated.items())
    ]


def _explain_yaml(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return " ".join(str(error).split())


def check_anatomy(file: str, source: Any) -> None:
    """Raise StartError for a document that is no template, or has an unknown or malformed section.

    After this check, sections and their members are known to be mappings.
    """
    require_resources(file, source)
    for section in sorted(source.keys() - _TEXTS - _MAPPINGS - _MAPPINGS_OF_MAPPINGS, key=str):
        raise TemplateError("this section is not supported locally", file=file, resource=str(section))
    for section in sorted(source.keys() - _TEXTS):
        _check_mapping(source[section], file=file, resource=section)
    for section in sorted(source.keys() & _MAPPINGS_OF_MAPPINGS):
        for name, member in source[section].items():
            _check_member(file, section, str(name), member)


def check_parameters(file: str, source: Mapping[str, Any]) -> None:
    """Raise StartError unless the parameters are mappings: they are read before all else."""
    declared = source.get("Parameters", {})
    _check_mapping(declared, file=file, resource="Parameters")
    for name, member in declared.items():
        _check_member(file, "Parameters", str(name), member)


def require_resources(file: str, source: Any) -> None:
    """Raise StartError for a document that is no template."""
    if not isinstance(source, dict) or not isinstance(source.get(RESOURCES), dict):
        raise TemplateError("is not a CloudFormation template: it has no Resources", file=file)
    for name in source[RESOURCES]:
        if not isinstance(name, str):
            read = json.dumps(name, default=str)
            why = f"YAML reads the logical id as {read} and not as text; write it in quotes"
            raise TemplateError(why, file=file, resource=RESOURCES)


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


def _check_mapping(value: Any, **where: str) -> None:
    if not isinstance(value, dict):
        raise TemplateError("is not a mapping of names to values", **where)
