"""A token as people paste it: with Bearer, quotes, line ends, or the whole header around it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_QUOTES: Final = {"'": "'", '"': '"', "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}
_OPTION: Final = re.compile(r"(?:-H|--header)\s*=?\s*", re.IGNORECASE)
_NAME: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z-]*)\s*:\s*(?!//)")
_SCHEMES: Final = re.compile(r"((?:bearer\s+)+)", re.IGNORECASE)
_TOKEN_LENGTH: Final = 60
"""Characters; what is shorter and has a blank inside is no token with line ends in it."""


@dataclass(slots=True)
class Pasted:
    """What was pasted: `header_value` is what a client would send, `notes` what had to be taken off for that.

    `as_it_stands` is what would be sent if the paste, quotes and all, were the header's value.
    """

    header_value: str
    as_it_stands: str
    header_name: str | None = None
    notes: list[str] = field(default_factory=list)


def read_pasted(text: str) -> Pasted:
    """Take off a paste what is not the header's value, and say what it was."""
    as_it_stands = text.strip()
    pasted = Pasted(as_it_stands, as_it_stands)
    before = None
    while before != pasted.header_value:
        before = pasted.header_value
        _take_off_quotes(pasted)
        _take_off_header(pasted)
    _join_lines(pasted)
    _keep_one_scheme(pasted)
    return pasted


def _take_off_quotes(pasted: Pasted) -> None:
    value = pasted.header_value
    scheme = _SCHEMES.match(value)
    start = scheme.end() if scheme else 0
    if len(value) > start + 1 and _QUOTES.get(value[start]) == value[-1]:
        pasted.header_value = value[:start] + value[start + 1 : -1].strip()
        pasted.notes.append("quotes around it")


def _take_off_header(pasted: Pasted) -> None:
    if option := _OPTION.match(pasted.header_value):
        pasted.header_value = pasted.header_value[option.end() :]
    if name := _NAME.match(pasted.header_value):
        pasted.header_name = name["name"]
        # Only the value is sent as the header's value: the name is no fault of the paste.
        pasted.header_value = pasted.header_value[name.end() :].strip()
        pasted.as_it_stands = pasted.header_value


def _join_lines(pasted: Pasted) -> None:
    scheme = _SCHEMES.match(pasted.header_value)
    start = scheme.end() if scheme else 0
    rest = pasted.header_value[start:]
    joined = "".join(rest.split())
    if joined != rest and joined.count(".") >= 2 and len(joined) > _TOKEN_LENGTH:  # noqa: PLR2004 - a token's dots
        pasted.header_value = pasted.header_value[:start] + joined
        pasted.notes.append("line ends or blanks inside it")


def _keep_one_scheme(pasted: Pasted) -> None:
    found = _SCHEMES.match(pasted.header_value)
    if found is None or found[0] in {"Bearer ", "bearer "}:
        return
    pasted.header_value = f"Bearer {pasted.header_value[found.end() :]}"
    pasted.notes.append(
        "Bearer more than once" if len(found[0].split()) > 1 else f"{found[0]!a} for 'Bearer '"
    )
