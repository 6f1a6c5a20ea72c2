"""What a value of the template refers to, resolved or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, Final

SUB_VARIABLE: Final = re.compile(r"\$\{(!?)([^}]*)\}")
"""A variable of `Fn::Sub`: `${Name}`, or `${!Literal}`."""

DYNAMIC_REFERENCE: Final = re.compile(r"\{\{resolve:(?P<service>[^:}]*):(?P<key>[^}]*)\}\}")


def depends_on(resource: Mapping[str, Any]) -> set[str]:
    """Return the logical ids in a resource's `DependsOn`."""
    named = resource.get("DependsOn") or []
    return {named} if isinstance(named, str) else set(named)


def replace_references(value: Any, there: Container[str], resolve: Callable[[Any], str]) -> Any:
    """Return a value in which what refers to anything else than what is `there` is resolved to a text.

    Pseudo parameters, and what an `Fn::Sub` names of its own, stay.
    """
    if isinstance(value, list):
        return [replace_references(item, there, resolve) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": _replace_variables(text, there, (), resolve)}
        case {"Fn::Sub": [str(text), dict(variables)]}:
            own = replace_references(variables, there, resolve)
            return {"Fn::Sub": [_replace_variables(text, there, own, resolve), own]}
        case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::ImportValue": _}:
            names = referenced_names(value)
            is_there = "Fn::ImportValue" not in value and all(_is_there(name, there) for name in names)
            return value if is_there else resolve(value)
    return {key: replace_references(member, there, resolve) for key, member in value.items()}


def _replace_variables(
    text: str, there: Container[str], own: Container[str], resolve: Callable[[Any], str]
) -> str:
    def replace(found: re.Match[str]) -> str:
        literal, name = found[1], found[2].strip()
        if literal or name in own or _is_there(name.partition(".")[0], there):
            return found[0]
        return resolve({"Fn::Sub": f"${{{name}}}"})

    return SUB_VARIABLE.sub(replace, text)


def _is_there(name: str, there: Container[str]) -> bool:
    return name in there or name.startswith("AWS::")


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
    found: set[tuple[str, str]] = set()
    unread = [value]
    while unread:
        value = unread.pop()
        if isinstance(value, list):
            unread += value
        elif isinstance(value, dict):
            unread += value.values()
            found |= _read_attributes(value)
    return found


def _read_attributes(value: dict[str, Any]) -> set[tuple[str, str]]:
    match value:
        case {"Fn::GetAtt": str(path)}:
            paths = [path]
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            paths = [f"{name}.{attribute}"]
        case {"Fn::Sub": str(text) | [str(text), _]}:
            paths = [name.strip() for bang, name in SUB_VARIABLE.findall(text) if not bang]
        case _:
            return set()
    return {(name, attribute) for name, dot, attribute in (path.partition(".") for path in paths) if dot}
