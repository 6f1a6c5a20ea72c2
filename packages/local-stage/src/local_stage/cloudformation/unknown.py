"""A value of the template that is not known on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from local_stage.errors import NotRun


class Unknown(str):
    """A text that stands for a value which is not known here: the placeholder that a function can read.

    `source` says what is not known, and how to tell the value, as the list of what is not run does. What
    `Fn::Sub`, `Fn::Join` and the like make of such a text is unknown as well. Whatever decides who may call
    must therefore ask `isinstance(value, Unknown)` before it believes a text.
    """

    __slots__ = ("source",)
    source: NotRun

    def __new__(cls, text: str, source: NotRun) -> Self:
        """Make the text, which is read like any other."""
        made = super().__new__(cls, text)
        made.source = source
        return made

    def __getnewargs__(self) -> tuple[str, NotRun]:  # type: ignore[override] # for copies of it
        """Return what a copy is made of."""
        return str(self), self.source

    def __bool__(self) -> bool:
        """Return true: nobody may take an unknown text for one that is not there."""
        return True

    @property
    def reason(self) -> str:
        """Why it is not known, naming the parameter, resource or export."""
        return str(self.source)


def name_unknown(name: str) -> str:
    """Return the text that stands for what has this name: `unknown-pool-arn` for `pool/arn`."""
    return "unknown-" + "".join(letter if letter.isalnum() else "-" for letter in name).strip("-").lower()


def iterate_unknown(value: Any) -> Iterator[Unknown]:
    """Yield each unknown text in a resolved value, however deep."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from iterate_unknown(key)
            yield from iterate_unknown(member)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from iterate_unknown(item)


def find_unknown(value: Any) -> Unknown | None:
    """Return the first unknown text in a resolved value, or None where all of it is known."""
    return next(iterate_unknown(value), None)
