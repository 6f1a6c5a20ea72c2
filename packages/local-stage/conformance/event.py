"""The event as the function got it: what has to stand at which place of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

ABSENT: Final = object()
"""Stands for a place that the event does not have."""


@dataclass(frozen=True, slots=True)
class Keys:
    """An object with just these keys, in this order."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResponseHeader:
    """A text that is also the value of a header of the response."""

    name: str


@dataclass(frozen=True, slots=True)
class Output:
    """A text that is an output of the stack."""

    name: str


@dataclass(frozen=True, slots=True)
class Event:
    """What stands in the event, by JSON pointer (RFC 6901); the rest of the event is of no concern."""

    places: Mapping[str, Any]

    def find_differences(
        self, body: bytes, headers: Mapping[str, str], outputs: Mapping[str, str]
    ) -> Iterator[str]:
        """Yield what of an event is not as it should be; `headers` are the response's, in lower case."""
        try:
            event = json.loads(body)
        except ValueError:
            yield f"body {body[:200]!r} instead of an event"
            return
        for pointer, wanted in self.places.items():
            found = _follow(event, pointer)
            if isinstance(wanted, ResponseHeader):
                wanted = headers.get(wanted.name.lower(), ABSENT)  # noqa: PLW2901 - a stand-in gives way
            elif isinstance(wanted, Output):
                wanted = outputs[wanted.name]  # noqa: PLW2901 - as above
            if not _fits(found, wanted):
                yield f"{pointer or 'the event'} {_show(found)} instead of {_show(wanted)}"


def _follow(value: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if not isinstance(value, dict) or key not in value:
            return ABSENT
        value = value[key]
    return value


def _fits(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Keys):
        return isinstance(found, dict) and tuple(found) == wanted.names
    if isinstance(wanted, re.Pattern):
        return isinstance(found, str) and wanted.fullmatch(found) is not None
    if isinstance(wanted, type):
        return type(found) is wanted
    return found is wanted or (type(found) is type(wanted) and bool(found == wanted))


def _show(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    if isinstance(value, Keys):
        return f"the keys {', '.join(value.names)}"
    if isinstance(value, re.Pattern):
        return f"/{value.pattern}/"
    return value.__name__ if isinstance(value, type) else json.dumps(value, ensure_ascii=False)[:300]
