"""CloudFormation's intrinsic functions, resolved as the service resolves them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local_stage.errors import TemplateError

NO_VALUE: Final = "AWS::NoValue"
"""`Ref` to it removes the property it stands in."""

_SUB_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")
_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:[^}]*\}\}")


class UnresolvedError(TemplateError):
    """A value depends on something that is not known on this machine."""


class _Removed:
    """What `Ref: AWS::NoValue` resolves to, until the property that holds it is left out."""


_REMOVED: Final = _Removed()


@dataclass(frozen=True, slots=True)
class PhysicalResource:
    """What `Ref` and `Fn::GetAtt` give for a resource that exists."""

    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intrinsics:
    """Resolves values of one template against its parameters and the resources that exist.

    `parameters` holds the pseudo parameters (`AWS::Region` …) as well. `conditions` and `mappings` are the
    template's own sections.
    """

    parameters: Mapping[str, Any]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)
    resources: Mapping[str, PhysicalResource] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """Return the value with every intrinsic function replaced by what it gives.

        Raises UnresolvedError for a reference to what is not known here, and for a function that is not
        supported.
        """
        resolved = self._resolve(value)
        return None if resolved is _REMOVED else resolved

    def condition(self, name: Any) -> bool:
        """Return whether the named condition holds. Raises UnresolvedError where it is not defined."""
        if not isinstance(name, str) or name not in self.conditions:
            raise UnresolvedError(f"the condition {name!r} is not defined", resource="Conditions")
        return self._test(self.conditions[name])

    def holds(self, resource: Mapping[str, Any]) -> bool:
        """Return whether a resource or output exists: it has no `Condition`, or one that is true."""
        name = resource.get("Condition")
        return name is None or self.condition(name)

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            items = [self._resolve(item) for item in value]
            return [item for item in items if item is not _REMOVED]
        if isinstance(value, str):
            return _without_dynamic_reference(value)
        if not isinstance(value, dict):
            return value
        function = _intrinsic_name(value)
        if function is not None:
            return self._call(function, value[function])
        members = {key: self._resolve(member) for key, member in value.items()}
        return {key: member for key, member in members.items() if member is not _REMOVED}

    def _call(self, function: str, argument: Any) -> Any:
        functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Base64": self._base64,
        }
        if function not in functions:
            raise UnresolvedError(f"{function} is not supported locally")
        try:
            return functions[function](argument)
        except (AttributeError, LookupError, TypeError, ValueError):
            # Whatever it wants and does not find there: CloudFormation would not take it either.
            raise UnresolvedError(f"{function} cannot be read: {_shorten(argument)}") from None

    def _test(self, condition: Any) -> bool:
        match condition:
            case {"Condition": str(name)}:
                return self.condition(name)
            case {"Fn::Equals": [left, right]}:
                return bool(_as_text(self._resolve(left)) == _as_text(self._resolve(right)))
            case {"Fn::Not": [inner]}:
                return not self._test(inner)
            case {"Fn::And": [*inner]}:
                return all(self._test(item) for item in inner)
            case {"Fn::Or": [*inner]}:
                return any(self._test(item) for item in inner)
        raise UnresolvedError(f"not a condition: {condition!r}", resource="Conditions")

    def _ref(self, name: Any) -> Any:
        if name == NO_VALUE:
            return _REMOVED
        if name in self.parameters:
            return self.parameters[name]
        if name in self.resources:
            return self.resources[name].ref
        raise UnresolvedError(f"refers to {name}, which is not run locally or does not exist")

    def _get_att(self, argument: Any) -> Any:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        attribute = self._resolve(attribute)
        resource = self.resources.get(name)
        if resource is None or attribute not in resource.attributes:
            raise UnresolvedError(f"refers to {name}.{attribute}, which is not known locally")
        return resource.attributes[attribute]

    def _sub(self, argument: Any) -> str:
        text, variables = argument if isinstance(argument, list) else (argument, {})
        values = {key: self._resolve(value) for key, value in variables.items()}

        def replace(found: re.Match[str]) -> str:
            literal, name = found[1], found[2].strip()
            if literal:
                return f"${{{found[2]}}}"
            if name in values:
                return _as_text(values[name])
            return _as_text(self._get_att(name) if "." in name else self._ref(name))

        return _SUB_VARIABLE.sub(replace, _without_dynamic_reference(text))

    def _join(self, argument: Any) -> str:
        delimiter, items = argument
        return str(delimiter).join(_as_text(item) for item in self._resolve(items))

    def _if(self, argument: Any) -> Any:
        name, when_true, when_false = argument
        return self._resolve(when_true if self.condition(name) else when_false)

    def _find_in_map(self, argument: Any) -> Any:
        keys = [str(self._resolve(key)) for key in argument[:3]]
        found: Any = self.mappings
        for key in keys:
            if not isinstance(found, Mapping) or key not in found:
                raise UnresolvedError(f"Fn::FindInMap finds nothing at {'.'.join(keys)}")
            found = found[key]
        return found

    def _select(self, argument: Any) -> Any:
        index, items = self._resolve(argument)
        return items[int(index)]

    def _split(self, argument: Any) -> list[str]:
        delimiter, text = self._resolve(argument)
        return str(text).split(str(delimiter))

    def _base64(self, argument: Any) -> str:
        return base64.b64encode(_as_text(self._resolve(argument)).encode()).decode()


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
            names |= {name.strip().split(".", 1)[0] for bang, name in _SUB_VARIABLE.findall(text) if not bang}
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
            paths = [name.strip() for bang, name in _SUB_VARIABLE.findall(text) if not bang]
    return found | {
        (name, attribute) for name, dot, attribute in (path.partition(".") for path in paths) if dot
    }


def _intrinsic_name(value: Mapping[Any, Any]) -> str | None:
    if len(value) != 1:
        return None
    (name,) = value
    return str(name) if name == "Ref" or str(name).startswith("Fn::") else None


def _shorten(value: Any) -> str:
    return textwrap.shorten(repr(value), 80, placeholder=" …")


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_as_text(item) for item in value)
    return str(value)


def _without_dynamic_reference(text: str) -> str:
    found = _DYNAMIC_REFERENCE.search(text)
    if found:
        raise UnresolvedError(f"the dynamic reference {found[0]} is not resolved locally")
    return text
