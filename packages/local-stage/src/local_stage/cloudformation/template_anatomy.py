"""The sections of a template and the form that each of them has.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_stage.errors import TemplateError

SAM_TRANSFORM: Final = "AWS::Serverless-2016-10-31"
RESOURCES: Final = "Resources"

_TEXTS: Final = frozenset({"AWSTemplateFormatVersion", "Description", "Transform"})
_MAPPINGS: Final = frozenset({"Conditions", "Metadata"})
_MAPPINGS_OF_MAPPINGS: Final = frozenset({"Globals", "Mappings", "Outputs", "Parameters", RESOURCES})
_REQUIRED: Final[Mapping[str, str]] = {"Outputs": "Value", RESOURCES: "Type"}


def check_anatomy(file: str, source: Any) -> None:
    """Raise StartError for what is no template, or has a section that is unknown or of another form.

    What is read after this check need not ask again whether it is a mapping.
    """
    if not isinstance(source, dict) or not isinstance(source.get(RESOURCES), dict):
        raise TemplateError("is no CloudFormation template: it has no Resources", file=file)
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
            raise TemplateError("is no name", file=file, resource=logical_id, property_path=attribute)
    _check_mapping(resource.get("Properties", {}), file=file, resource=logical_id, property_path="Properties")
    if "Fn::Transform" in str(resource):
        raise TemplateError("Fn::Transform is not run locally", file=file, resource=logical_id)


def _check_mapping(value: Any, **where: str) -> None:
    if not isinstance(value, dict):
        raise TemplateError("is not a mapping of names to values", **where)
