"""Responses in words, as docs/fidelity.md has them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from conformance.case import Case, Response
from conformance.event import ABSENT, Event, Keys, Output, ResponseHeader

GENERAL: Final = frozenset(
    {"Date", "Content-Length", "Connection", "x-amzn-RequestId", "x-amz-apigw-id", "X-Amzn-Trace-Id"}
)
"""Headers that say nothing of a rule by themselves."""

_MOST: Final = 3
_LONGEST: Final = 100


def describe_cases(cases: Iterable[Case]) -> str:
    """Return what the cases of one rule are answered, each response once, the first few of them."""
    responses = list(dict.fromkeys(describe_response(case.response) for case in cases))
    shown = "; ".join(responses[:_MOST])
    return f"{shown}; {len(responses) - _MOST} more" if len(responses) > _MOST else shown


def describe_response(response: Response) -> str:
    """Return status, body and telling headers of an response, or what the function got."""
    if isinstance(response.body, Event):
        return f"the function gets {', '.join(_describe_places(response.body))}"
    parts = [str(response.status)]
    if response.in_order:
        parts.append(", ".join(name for name, _ in response.headers))
    else:
        parts += (f"{name}: {_show(value)}" for name, value in response.headers if _tells(name, value))
    if isinstance(response.body, bytes) and response.body:
        parts.append(code(response.body.decode(errors="replace").rstrip("\n")))
    elif not isinstance(response.body, bytes):
        parts.append(f"{code(response.body.pattern.decode())}")
    return " ".join([parts[0], ", ".join(parts[1:])]).strip()


def code(text: str) -> str:
    """Return a text as code in a table of Markdown, cut where it is long."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    fence = "``" if "`" in cut else "`"
    padded = f" {cut} " if "`" in cut else cut
    return f"{fence}{padded}{fence}".replace("|", "\\|").replace("\n", " ").replace("\r", "")


def _tells(name: str, value: object) -> bool:
    return name not in GENERAL and (name, value) != ("Content-Type", "application/json")


def _describe_places(event: Event) -> Iterator[str]:
    for pointer, wanted in list(event.places.items())[:_MOST]:
        place = pointer.replace("/requestContext/authorizer/claims/", "/claims/").lstrip("/") or "the event"
        yield f"{code(place)} {_describe_value(wanted)}"


def _describe_value(wanted: Any) -> str:  # noqa: PLR0911 - one line for each kind of expectation
    match wanted:
        case Keys():
            return f"with the keys {', '.join(wanted.names)}"
        case ResponseHeader():
            return f"= {wanted.name}"
        case Output():
            return f"= the stack's {wanted.name}"
        case re.Pattern():
            return f"like {code(wanted.pattern)}"
        case type():
            return f"of type {wanted.__name__}"
        case _ if wanted is ABSENT:
            return "not at all"
    return code(json.dumps(wanted, ensure_ascii=False))


def _show(value: str | re.Pattern[str]) -> str:
    return code(value if isinstance(value, str) else value.pattern)
