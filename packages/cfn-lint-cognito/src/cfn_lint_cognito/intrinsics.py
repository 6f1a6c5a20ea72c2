"""CloudFormation's intrinsic functions, as far as a template alone tells what they give.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cfn_lint_cognito.possible_value import ABSENT, UNKNOWN, PossibleValue, read_text

NO_VALUE: Final = "AWS::NoValue"
UNKNOWN_PART: Final = "${?}"
"""Stands in a text for a part that only the deployment tells."""

_PLACEHOLDER: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_MOST_TEXTS: Final = 64
"""Texts of one `Fn::Sub` or `Fn::Join` that are judged; more would take time and show nothing new."""
_MOST_PIECES: Final = 64


def _undecided(_name: str) -> bool | None:
    return None


@dataclass(frozen=True, slots=True)
class Intrinsics:
    """Finds the values that an expression can have.

    `parameters` has the known values of each parameter that has any; `decide` tells the outcome of a
    condition where that is known, and both branches of `Fn::If` are possible where it is not. With
    `follows_keys` a parameter chooses the entry of a mapping; without, every entry is possible.
    """

    parameters: Mapping[str, Sequence[Any]]
    mappings: Mapping[str, Any] = field(default_factory=dict)
    decide: Callable[[str], bool | None] = _undecided
    follows_keys: bool = False

    def possible_values(self, place: PossibleValue) -> Iterator[PossibleValue]:
        """Yield every value that the place can have."""
        function = function_name(place.value)
        if function is None:
            yield PossibleValue(ABSENT, place.path, place.when) if place.value is None else place
        else:
            yield from self._call(function, place.value[function], place)

    def at(self, place: PossibleValue, *keys: str) -> Iterator[PossibleValue]:
        """Yield every value that is found by following the keys: ABSENT where one is missing."""
        for found in self.possible_values(place):
            if not keys:
                yield found
            elif not isinstance(found.value, Mapping):
                yield PossibleValue(ABSENT if found.value is ABSENT else UNKNOWN, found.path, found.when)
            elif keys[0] in found.value:
                yield from self.at(found.member(keys[0]), *keys[1:])
            else:
                yield PossibleValue(ABSENT, found.path, found.when)

    def items_at(self, place: PossibleValue, *keys: str) -> Iterator[PossibleValue]:
        """Yield every value that any item can have of the lists found by following the keys."""
        for found in self.at(place, *keys):
            if isinstance(found.value, list):
                for index in range(len(found.value)):
                    items = self.possible_values(found.member(index))
                    yield from (item for item in items if item.value is not ABSENT)

    def _call(self, function: str, argument: Any, place: PossibleValue) -> Iterator[PossibleValue]:
        functions: dict[str, Callable[[Any, PossibleValue], Iterator[PossibleValue]]] = {
            "Ref": self._ref,
            "Fn::If": self._if,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::FindInMap": self._find_in_map,
        }
        if function in functions:
            yield from functions[function](argument, place)
        else:
            yield _unknown(place)

    def _ref(self, name: Any, place: PossibleValue) -> Iterator[PossibleValue]:
        if name == NO_VALUE:
            yield PossibleValue(ABSENT, place.path, place.when)
        elif isinstance(name, str) and name in self.parameters:
            yield from (_given(value, place) for value in self.parameters[name])
        else:
            yield _unknown(place)

    def _if(self, argument: Any, place: PossibleValue) -> Iterator[PossibleValue]:
        match argument:
            case [str(name), when_true, when_false]:
                branches = ((True, 1, when_true), (False, 2, when_false))
            case _:
                yield _unknown(place)
                return
        decided = self.decide(name)
        for outcome, index, branch in branches:
            path = (*place.path, "Fn::If", index) if place.is_written else place.path
            taken = PossibleValue(branch, path, place.when, place.is_written)
            if decided is None:
                assumed = taken.under({name: outcome})
                yield from self.possible_values(assumed) if assumed else ()
            elif decided is outcome:
                yield from self.possible_values(taken)

    def _find_in_map(self, argument: Any, place: PossibleValue) -> Iterator[PossibleValue]:
        match argument:
            case [str(name), first, second, *_] if isinstance(self.mappings.get(name), Mapping):
                entries = self._entries(self.mappings[name], first)
                values = [value for entry in entries for value in self._entries(entry, second)]
            case _:
                values = []
        yield from (_given(value, place) for value in values) if values else (_unknown(place),)

    def _entries(self, mapping: Any, key: Any) -> list[Any]:
        """Return the entries that the key can name: all of them, where that is not known."""
        if not isinstance(mapping, Mapping):
            return []
        if isinstance(key, str):
            return [mapping[key]] if key in mapping else []
        found = [possible.value for possible in self.possible_values(PossibleValue(key, ()))]
        if self.follows_keys and all(isinstance(name, str) and name in mapping for name in found):
            return [mapping[name] for name in found]
        return list(mapping.values())

    def _sub(self, argument: Any, place: PossibleValue) -> Iterator[PossibleValue]:
        match argument:
            case str(text):
                variables: Mapping[str, Any] = {}
            case [str(text), dict(variables)]:
                pass
            case _:
                yield _unknown(place)
                return
        # Every second piece is a name, as re.split leaves the group of the pattern in.
        pieces: list[Any] = _PLACEHOLDER.split(text)
        pieces[1::2] = [variables.get(name, {"Ref": name}) for name in pieces[1::2]]
        yield from self._texts(pieces, "", place)

    def _join(self, argument: Any, place: PossibleValue) -> Iterator[PossibleValue]:
        match argument:
            case [str(delimiter), [*pieces]]:
                yield from self._texts(pieces, delimiter, place)
            case _:
                yield _unknown(place)

    def _texts(self, pieces: Sequence[Any], delimiter: str, place: PossibleValue) -> Iterator[PossibleValue]:
        if len(pieces) > _MOST_PIECES:
            yield _unknown(place)
            return
        for parts, when in itertools.islice(self._parts(pieces, place.when), _MOST_TEXTS):
            text = delimiter.join(part for part in parts if part is not None)
            is_known = text.replace(UNKNOWN_PART, "").strip() or UNKNOWN_PART not in text
            yield PossibleValue(text if is_known else UNKNOWN, place.path, when, is_written=False)

    def _parts(
        self, pieces: Sequence[Any], when: Mapping[str, bool]
    ) -> Iterator[tuple[list[str | None], Mapping[str, bool]]]:
        if not pieces:
            yield [], when
            return
        for first in self.possible_values(PossibleValue(pieces[0], (), when)):
            for rest, outcome in self._parts(pieces[1:], first.when):
                yield [_as_part(first.value), *rest], outcome


def function_name(value: Any) -> str | None:
    """Return the intrinsic function that the value is a call of, as `Ref` or `Fn::If`; None if it is none."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    (name,) = value
    return name if isinstance(name, str) and (name == "Ref" or name.startswith("Fn::")) else None


def referenced_id(value: Any) -> str | None:
    """Return the logical id or parameter that `Ref` or `Fn::GetAtt` names; None for any other value."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]} if len(value) == 1:
            return str(name)
        case {"Fn::GetAtt": str(text)} if len(value) == 1:
            return str(text).split(".", 1)[0]
    return None


def referenced_names(value: Any) -> Iterator[str]:
    """Yield what a `Ref`, `Fn::GetAtt` or `Fn::Sub` names, as `Client` or `Client.ClientSecret`."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": str(name)}:
            yield str(name)
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            yield f"{name}.{attribute}"
        case {"Fn::Sub": str(text) | [str(text), *_]}:
            yield from (name.strip() for name in _PLACEHOLDER.findall(text))


def places_in(place: PossibleValue) -> Iterator[PossibleValue]:
    """Yield the place and every place inside it, intrinsic functions not resolved."""
    yield place
    match place.value:
        case dict():
            keys: Sequence[str | int] = list(place.value)
        case list():
            keys = range(len(place.value))
        case _:
            return
    for key in keys:
        yield from places_in(place.member(key))


def _given(value: Any, place: PossibleValue) -> PossibleValue:
    return PossibleValue(value, place.path, place.when, is_written=False)


def _unknown(place: PossibleValue) -> PossibleValue:
    return PossibleValue(UNKNOWN, place.path, place.when)


def _as_part(value: Any) -> str | None:
    if value is ABSENT:
        return None
    text = read_text(value)
    return UNKNOWN_PART if text is None else text
