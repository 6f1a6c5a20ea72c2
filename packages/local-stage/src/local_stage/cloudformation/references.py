"""What a value of the template refers to, resolved or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

SUB_VARIABLE: Final = re.compile(r"\$\{(!?)([^}]*)\}")
"""A variable of `Fn::Sub`: `${Name}`, or `${!Literal}`."""

DYNAMIC_REFERENCE: Final = re.compile(r"\{\{resolve:(?P<service>[^:}]*):(?P<key>[^}]*)\}\}")


def find_dynamic_references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield (service, key) of every `{{resolve:service:key}}` in a value, resolved or not."""
    if isinstance(value, str):
        yield from DYNAMIC_REFERENCE.findall(value)
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from find_dynamic_references(member)
    elif isinstance(value, list):
        for item in value:
            yield from find_dynamic_references(item)


def referenced_names(value: Any) -> set[str]:
    """Return every name that `Ref`, `Fn::GetAtt` and `Fn::Sub` mention in the value, resolved or not."""
    if isinstance(value, list):
        return set().union(*map(referenced_names, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    names = set().union(*map(referenced_names, value.values())) if value else set()
    match value:
        case {"Ref": str(name)}:
            names.add(name)
        case {"Fn::GetAtt": str(path)}:
            names.add(path.split(".", 1)[0])
        case {"Fn::GetAtt": [str(name), _]}:
            names.add(name)
        case {"Fn::Sub": str(text) | [str(text), _]}:
            names |= {name.strip().split(".", 1)[0] for bang, name in SUB_VARIABLE.findall(text) if not bang}
    return names


def referenced_attributes(value: Any) -> set[tuple[str, str]]:
    """Return every (logical id, attribute) that `Fn::GetAtt` and `Fn::Sub` read in the value."""
    if isinstance(value, list):
        return set().union(*map(referenced_attributes, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(referenced_attributes, value.values())) if value else set()
    paths: list[str] = []
    match value:
        case {"Fn::GetAtt": str(path)}:
            paths = [path]
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            paths = [f"{name}.{attribute}"]
        case {"Fn::Sub": str(text) | [str(text), _]}:
            paths = [name.strip() for bang, name in SUB_VARIABLE.findall(text) if not bang]
    return found | {
        (name, attribute) for name, dot, attribute in (path.partition(".") for path in paths) if dot
    }
