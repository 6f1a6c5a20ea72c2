"""CloudFormation's intrinsic functions, resolved as the service resolves them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import json
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local_stage.cloudformation.references import DYNAMIC_REFERENCE, SUB_VARIABLE
from local_stage.cloudformation.unknown import Unknown, find_unknown, name_unknown
from local_stage.errors import NotRun, TemplateError

NO_VALUE: Final = "AWS::NoValue"
"""`Ref` to it removes the property it stands in."""
_KNOWN_TO_AWS: Final = frozenset({"Fn::Cidr", "Fn::GetAZs"})


class UnresolvedError(TemplateError):
    """A value cannot be resolved: CloudFormation would not take it either."""


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
    template's own sections, `declared` has the type of each of its resources. `imports` are the values that
    are known of what other stacks export, by name, and of dynamic references, by what stands behind
    `resolve:` or by the name alone. Where `guesses_branches` is set, an `Fn::If` whose condition is not known
    gives its second value: never for what decides who may call.
    """

    parameters: Mapping[str, Any]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)
    resources: Mapping[str, PhysicalResource] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    guesses_branches: bool = False

    def resolve(self, value: Any) -> Any:
        """Return the value with every intrinsic function replaced by what it gives.

        What is not known here is an `Unknown` text. Raises UnresolvedError for what CloudFormation refuses.
        """
        resolved = self._resolve(value)
        return None if resolved is _REMOVED else resolved

    def condition(self, name: Any) -> bool | Unknown:
        """Return whether the named condition holds. Raises UnresolvedError where it is not defined."""
        if not isinstance(name, str) or name not in self.conditions:
            raise UnresolvedError(f"the condition {name!r} is not defined", resource="Conditions")
        return self._test(self.conditions[name])

    def holds(self, resource: Mapping[str, Any]) -> bool:
        """Return whether a resource or output exists: it has no `Condition`, or one that is true.

        It does where that is not known: what stands in the template is then enforced rather than left out.
        """
        name = resource.get("Condition")
        return name is None or self.condition(name) is not False

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            items = [self._resolve(item) for item in value]
            return [item for item in items if item is not _REMOVED]
        if isinstance(value, Unknown):
            return value
        if isinstance(value, str):
            return self._resolve_references(value)
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
            "Fn::ImportValue": self._import_value,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Base64": self._base64,
            "Fn::Length": self._length,
            "Fn::ToJsonString": self._to_json,
        }
        if function in _KNOWN_TO_AWS:
            return Unknown(name_unknown(function), NotRun(function, "its value is not known on this machine"))
        if function not in functions:
            raise UnresolvedError(f"{function} is not supported locally")
        try:
            return functions[function](argument)
        except (AttributeError, LookupError, TypeError, ValueError):
            # Whatever it wants and does not find there: CloudFormation would not take it either.
            raise UnresolvedError(f"{function} cannot be read: {_shorten(argument)}") from None

    def _test(self, condition: Any) -> bool | Unknown:
        match condition:
            case {"Condition": str(name)}:
                return self.condition(name)
            case {"Fn::Equals": [left, right]}:
                sides = self._resolve([left, right])
                return find_unknown(sides) or _as_text(sides[0]) == _as_text(sides[1])
            case {"Fn::Not": [inner]}:
                result = self._test(inner)
                return result if isinstance(result, Unknown) else not result
            case {"Fn::And": [*inner]}:
                return self._test_all(inner, decisive=False)
            case {"Fn::Or": [*inner]}:
                return self._test_all(inner, decisive=True)
        raise UnresolvedError(f"not a condition: {condition!r}", resource="Conditions")

    def _test_all(self, conditions: list[Any], *, decisive: bool) -> bool | Unknown:
        results = [self._test(condition) for condition in conditions]
        if decisive in results:
            return decisive
        return find_unknown(results) or not decisive

    def _ref(self, name: Any) -> Any:
        if name == NO_VALUE:
            return _REMOVED
        if name in self.parameters:
            value = self.parameters[name]
            return self._resolve(value) if isinstance(value, str | list) else value
        if name in self.resources:
            return self.resources[name].ref
        if name in self.declared:
            return Unknown(name_unknown(name), self._not_run(name))
        raise UnresolvedError(f"refers to {name}, which the template does not have")

    def _get_att(self, argument: Any) -> Any:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        attribute = self._resolve(attribute)
        resource = self.resources.get(name)
        if resource is not None and attribute in resource.attributes:
            return resource.attributes[attribute]
        if name not in self.declared:
            raise UnresolvedError(f"refers to {name}.{attribute}, and the template has no {name}")
        source = self._not_run(name)
        if resource is not None:
            source = NotRun(name, "this attribute is not known locally", str(attribute))
        return Unknown(name_unknown(f"{name}-{attribute}"), source)

    def _not_run(self, name: str) -> NotRun:
        return NotRun(name, "it is not run locally")

    def _sub(self, argument: Any) -> str:
        text, variables = argument if isinstance(argument, list) else (argument, {})
        values = {key: self._resolve(value) for key, value in variables.items()}
        used: list[Any] = []

        def replace(found: re.Match[str]) -> str:
            literal, name = found[1], found[2].strip()
            if literal:
                return f"${{{found[2]}}}"
            find = self._get_att if "." in name else self._ref
            used.append(values[name] if name in values else find(name))
            return _as_text(used[-1])

        substituted = self._resolve_references(SUB_VARIABLE.sub(replace, text))
        return _taint(substituted, [*used, substituted])

    def _join(self, argument: Any) -> str:
        delimiter, items = argument
        resolved = self._resolve(items)
        return _taint(str(delimiter).join(_as_text(item) for item in resolved), resolved)

    def _if(self, argument: Any) -> Any:
        name, when_true, when_false = argument
        holds = self.condition(name)
        if not isinstance(holds, Unknown):
            return self._resolve(when_true if holds else when_false)
        guess = self._resolve(when_false)
        if self.guesses_branches:
            return guess
        # A list or mapping would be one that somebody believes: `security: []` opens a method.
        text = guess if isinstance(guess, str | int | float) else name_unknown(name)
        return Unknown(_as_text(text), holds.source)

    def _find_in_map(self, argument: Any) -> Any:
        keys = [self._resolve(key) for key in argument[:3]]
        found: Any = self.mappings
        for key in map(str, keys):
            if not isinstance(found, Mapping) or key not in found:
                if unknown := find_unknown(keys):
                    return unknown
                raise UnresolvedError(f"Fn::FindInMap finds nothing at {'.'.join(map(str, keys))}")
            found = found[key]
        return _taint(_as_text(found), keys) if find_unknown(keys) else found

    def _import_value(self, argument: Any) -> Any:
        name = self._resolve(argument)
        if not isinstance(name, str):
            raise TypeError
        if name in self.imports:
            return self.imports[name]
        why = f"is not known; pass --import-value {name}=VALUE"
        return Unknown(name_unknown(name), NotRun("Fn::ImportValue", why, name))

    def _select(self, argument: Any) -> Any:
        index, items = self._resolve(argument)
        if isinstance(items, Unknown):
            return items
        unknown = find_unknown(items)
        if unknown and int(index) >= len(items):
            return unknown
        return items[int(index)]

    def _split(self, argument: Any) -> list[str]:
        delimiter, text = self._resolve(argument)
        return [_taint(part, text) for part in str(text).split(str(delimiter))]

    def _base64(self, argument: Any) -> str:
        text = self._resolve(argument)
        return _taint(base64.b64encode(_as_text(text).encode()).decode(), text)

    def _length(self, argument: Any) -> Any:
        items = self._resolve(argument)
        if not isinstance(items, list):
            raise TypeError
        return find_unknown(items) or len(items)

    def _to_json(self, argument: Any) -> str:
        value = self._resolve(argument)
        return _taint(json.dumps(value, separators=(",", ":")), value)

    def _resolve_references(self, text: str) -> str:
        """Replace the dynamic references in a text.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
        """
        used: list[str] = []

        def replace(found: re.Match[str]) -> str:
            used.append(self._find_reference(found["service"], found["key"]))
            return used[-1]

        return _taint(DYNAMIC_REFERENCE.sub(replace, text), used)

    def _find_reference(self, service: str, key: str) -> str:
        for name in (key, key.partition(":")[0], f"{service}:{key}"):
            if name in self.imports:
                return self.imports[name]
        name = key.partition(":")[0]
        why = f"is not known; pass --import-value {name}=VALUE"
        return Unknown(name_unknown(name), NotRun("{{resolve}}", why, f"{service}:{key}"))


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


def _taint(text: str, made_of: Any) -> str:
    """Return the text, marked as unknown where something that it is made of is."""
    unknown = find_unknown(made_of)
    return Unknown(text, unknown.source) if unknown else text
