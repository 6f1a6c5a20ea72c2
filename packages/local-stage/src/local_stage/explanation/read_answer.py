"""An answer as people paste it: what `curl -i` prints, a body alone, or the line in a browser's console."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_STATUS_LINE: Final = re.compile(r"^(?:< )?HTTP/[\d.]+ (?P<status>\d{3})\b", re.MULTILINE)
_HEADER: Final = re.compile(r"^(?:< )?(?P<name>[A-Za-z][A-Za-z0-9-]*): *(?P<value>.*?)\s*$", re.MULTILINE)
_STATUS: Final = re.compile(r"\b(?P<status>[45]\d\d)\b")


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """What could be read of an answer; `status` and `headers` only where they were pasted too.

    Names of `headers` are in lower case. `message` is the body's, or the whole text where there is no JSON.
    """

    text: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def error_type(self) -> str:
        """The header x-amzn-ErrorType, empty where it is not known."""
        return self.headers.get("x-amzn-errortype", "")


def read_answer(text: str) -> ReadAnswer:
    """Read an answer, whatever of it was pasted."""
    text = text.strip()
    body = _find_body(text)
    status_lines = _STATUS_LINE.findall(text)
    has_head = bool(status_lines)
    return ReadAnswer(
        text,
        status=int(status_lines[-1]) if has_head else _find_status(text, body),
        headers={name.lower(): value for name, value in _HEADER.findall(text)} if has_head else {},
        message=_find_message(text, body),
        body=body,
    )


def _find_body(text: str) -> dict[str, Any]:
    start, end = text.find("{"), text.rfind("}")
    try:
        body = json.loads(text[start : end + 1]) if 0 <= start < end else {}
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _find_message(text: str, body: Mapping[str, Any]) -> str:
    message = body.get("message", body.get("Message"))
    return message if isinstance(message, str) else text.strip("'\" ")


def _find_status(text: str, body: Mapping[str, Any]) -> int | None:
    own = body.get("statusCode")
    if isinstance(own, int):
        return own
    first = _STATUS.match(text)
    return int(first["status"]) if first else None
