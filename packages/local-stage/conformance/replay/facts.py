"""One fact: what AWS was recorded to have at a place, and what the local stage has there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

_HEX: Final = "[0-9a-f]"
_ROOT: Final = rf"Root=1-{_HEX}{{8}}-{_HEX}{{24}}"
_LINEAGE: Final = rf"\d+:{_HEX}{{8}}:\d+"
_DAY: Final = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"

KINDS: Final[Mapping[str, str]] = {
    "account": r"\d{12}",
    "address": r"\d+\.\d+\.\d+\.\d+",
    "api-id": "[a-z0-9]{10}",
    "date": rf"{_DAY}, \d\d [A-Z][a-z]{{2}} \d{{4}} \d\d:\d\d:\d\d GMT",
    "deployment-id": "[a-z0-9]{6,10}",
    "digit": r"\d",
    "epoch": r"\d{13}",
    "extended-id": "[A-Za-z0-9+/_-]{15}=",
    "function": r"[\w-]+",
    "hex16": f"{_HEX}{{16}}",
    "host": r"[a-z0-9]{10}\.execute-api\.[a-z0-9-]+\.amazonaws\.com",
    "invocation-trace": rf"{_ROOT};Parent={_HEX}{{16}};Sampled=[01];Lineage={_LINEAGE}",
    "iso": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "issuer": r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com/[a-z0-9-]+_\w+",
    "java-date": rf"{_DAY} [A-Z][a-z]{{2}} \d\d \d\d:\d\d:\d\d UTC \d{{4}}",
    "length": r"\d+",
    "lineage": _LINEAGE,
    "log-stream": rf"\d{{4}}/\d\d/\d\d/\[\$LATEST\]{_HEX}{{32}}",
    "number": r"\d+(\.\d+)?",
    "partition": "aws[a-z-]*",
    "region": "[a-z]{2}(-[a-z]+)+-[1-9]",
    "resource-id": "[a-z0-9]{6,10}",
    "stage": r"[\w-]+",
    "text": r"[^\r\n]+",
    "time": r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000",
    "trace": _ROOT,
    "uuid": rf"{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}",
}
"""What stands for a value that is another one each time, by the name of its placeholder."""

SAME: Final = frozenset(
    {"account", "address", "api-id", "deployment-id", "extended-id", "function", "host", "region", "uuid"}
)
"""Kinds of which an entry has one value, wherever it stands."""

FRAMES: Final = "{frames}"
"""Stands for a list of a traceback's frames."""
_PLACEHOLDER: Final = re.compile(r"\{([a-z0-9-]+)\}")
ABSENT: Final = object()


class Verdict(StrEnum):
    """What came of a fact."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_SUPPORTED = "not supported"


@dataclass(frozen=True, slots=True)
class Fact:
    """A recorded value by its place, as `event/headers/Host`, and what the local stage has there."""

    place: str
    wanted: Any
    found: Any = ABSENT

    def describe(self) -> str:
        """Say in a line what differs."""
        found = "nothing" if self.found is ABSENT else json.dumps(self.found, ensure_ascii=False)[:300]
        return f"{self.place}: {found} instead of {json.dumps(self.wanted, ensure_ascii=False)[:300]}"


def flatten(recorded: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value with its place; a list of plain values is one value, and so is what is empty."""
    if isinstance(recorded, dict) and recorded:
        for name, value in recorded.items():
            yield from flatten(value, f"{place}/{name}" if place else name)
    else:
        yield place, recorded


def follow(value: Any, names: list[str]) -> Any:
    """Return what stands in nested objects under these names, ABSENT where there is no such place."""
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return ABSENT
        value = value[name]
    return value


@dataclass(slots=True)
class Matcher:
    """Compares the facts of one entry, in which a placeholder stands for one value throughout."""

    _values: dict[str, str] = field(default_factory=dict)

    def fits(self, fact: Fact) -> bool:
        """Return whether the local stage has what AWS has."""
        if fact.wanted == FRAMES:
            return isinstance(fact.found, list)
        if isinstance(fact.wanted, list):
            found = fact.found if isinstance(fact.found, list) else [fact.found]
            pairs = zip(fact.wanted, found, strict=False)
            return len(found) == len(fact.wanted) and all(self._fits(*pair) for pair in pairs)
        found = fact.found
        if isinstance(fact.wanted, str) and isinstance(found, list) and len(found) == 1:
            (found,) = found  # a recording that replaced a list by a placeholder
        return self._fits(fact.wanted, found)

    def _fits(self, wanted: Any, found: Any) -> bool:
        if not isinstance(wanted, str):
            return type(wanted) is type(found) and bool(wanted == found)
        if wanted == "{epoch}":
            found = str(found)
        if not isinstance(found, str):
            return False
        match = re.fullmatch(_compile(wanted), found)
        if match is None:
            return False
        return all(self._values.setdefault(name, value) == value for name, value in _same(match))


def _same(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    for group, value in match.groupdict().items():
        name = group.rpartition("__")[0].replace("_", "-")
        if name in SAME:
            yield name, value


def _compile(wanted: str) -> str:
    """Return the expression of a text with placeholders."""
    parts, end = [], 0
    for number, found in enumerate(_PLACEHOLDER.finditer(wanted)):
        if found[1] in KINDS:
            name = found[1].replace("-", "_")
            parts += [re.escape(wanted[end : found.start()]), f"(?P<{name}__{number}>{KINDS[found[1]]})"]
            end = found.end()
    return "".join([*parts, re.escape(wanted[end:])])
