"""What the conditions of a template say in a deployment whose parameters are known, as far as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cfn_lint_cognito.intrinsics import Intrinsics
from cfn_lint_cognito.possible_value import PossibleValue, read_text


@dataclass(frozen=True, slots=True)
class Conditions:
    """The section `Conditions`, and the values with which it is judged."""

    definitions: Mapping[str, Any]
    intrinsics: Intrinsics

    def outcome(self, name: str) -> bool | None:
        """Return whether the named condition holds; None where that is not known."""
        return self._named(name, frozenset())

    def _named(self, name: str, asked: frozenset[str]) -> bool | None:
        # A condition that refers to itself is refused by CloudFormation; here it is unknown.
        if name in asked or name not in self.definitions:
            return None
        return self._test(self.definitions[name], asked | {name})

    def _test(self, condition: Any, asked: frozenset[str]) -> bool | None:
        match condition:
            case {"Condition": str(name)}:
                return self._named(name, asked)
            case {"Fn::Equals": [left, right]}:
                return self._equal(left, right)
            case {"Fn::Not": [inner]}:
                outcome = self._test(inner, asked)
                return None if outcome is None else not outcome
            case {"Fn::And": [*inner]}:
                return _all(self._test(item, asked) for item in inner)
            case {"Fn::Or": [*inner]}:
                return _negated(_all(_negated(self._test(item, asked)) for item in inner))
        return None

    def _equal(self, left: Any, right: Any) -> bool | None:
        lefts, rights = self._texts(left), self._texts(right)
        if lefts is None or rights is None:
            return None
        outcomes = {one == other for one in lefts for other in rights}
        return outcomes.pop() if len(outcomes) == 1 else None

    def _texts(self, operand: Any) -> set[str] | None:
        values = self.intrinsics.possible_values(PossibleValue(operand, ()))
        texts = {read_text(found.value) for found in values}
        return None if None in texts else {text for text in texts if text is not None}


def compared_texts(definitions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each parameter that a condition compares with a text, and the text."""
    for condition in _inner_conditions(list(definitions.values())):
        match condition:
            case {"Fn::Equals": [{"Ref": str(name)}, str(text)] | [str(text), {"Ref": str(name)}]}:
                yield name, text


def _inner_conditions(conditions: Sequence[Any]) -> Iterator[Any]:
    for condition in conditions:
        yield condition
        match condition:
            case {"Fn::Not": [*inner]} | {"Fn::And": [*inner]} | {"Fn::Or": [*inner]}:
                yield from _inner_conditions(inner)


def _all(outcomes: Iterator[bool | None]) -> bool | None:
    found = set(outcomes)
    if False in found:
        return False
    return None if None in found else True


def _negated(outcome: bool | None) -> bool | None:  # noqa: FBT001 - the outcome of a condition
    return None if outcome is None else not outcome
