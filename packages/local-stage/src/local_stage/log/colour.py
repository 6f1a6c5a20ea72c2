"""Colours of the logs on a terminal; in a pipe and in a file there are none."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TextIO, override

from local_stage.lambda_runtime.function_log import LogLine

FUNCTION_LINE: Final = "function_line"
"""The attribute of a log record that holds a LogLine: `logger.info(text, extra={FUNCTION_LINE: line})`."""

_CONTROLS: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_STATUS: Final = re.compile(r"([1-5])\d\d(?= |:)")
_JSON_LEVEL: Final = re.compile(r'"level": ?"(\w+)"')


class Colour(StrEnum):
    """Escape sequences of ECMA-48 (Select Graphic Rendition)."""

    RED = "\x1b[31m"
    GREEN = "\x1b[32m"
    YELLOW = "\x1b[33m"
    CYAN = "\x1b[36m"
    DIM = "\x1b[2m"
    NONE = "\x1b[0m"


_LEVELS: Final[Mapping[str, Colour]] = {
    "WARN": Colour.YELLOW,
    "WARNING": Colour.YELLOW,
    "ERROR": Colour.RED,
    "CRITICAL": Colour.RED,
    "FATAL": Colour.RED,
}
_STATUSES: Final[Mapping[str, Colour]] = {"4": Colour.YELLOW, "5": Colour.RED}


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Return whether to colour a stream: a terminal, unless NO_COLOR (https://no-color.org) is set."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def paint(text: str, colour: Colour | None) -> str:
    """Return the text in a colour, or as it is."""
    return f"{colour}{text}{Colour.NONE}" if colour else text


def escape(text: str) -> str:
    """Return the text with control characters escaped: a client's text must not move the cursor."""
    if text.isprintable():  # as most are, which takes a tenth of the time
        return text
    return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


def colour_of(line: LogLine) -> Colour | None:
    """Return the colour of a function's line: by its level, or by its kind where Lambda wrote it."""
    if line.platform:
        return _colour_of_platform(line.text)
    if line.text.startswith("[ERROR]") or line.text.startswith("Traceback (most recent call last):"):
        return Colour.RED
    if line.text.startswith("[WARNING]"):
        return Colour.YELLOW
    level = _JSON_LEVEL.search(line.text) if line.text.startswith("{") else None
    return _LEVELS.get(level[1]) if level else None


def _colour_of_platform(text: str) -> Colour:
    if text.startswith(("START ", "END ", "-- ")):
        return Colour.DIM
    if text.startswith("REPORT "):
        return Colour.RED if "\tStatus: " in text else Colour.CYAN
    if text.startswith("[WARNING]"):
        return Colour.YELLOW
    return Colour.CYAN if text.startswith("The files of ") else Colour.RED


class ColouredFormatter(logging.Formatter):
    """Colours the stage's own log: a status by its class, every other line by its level."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        line = getattr(record, FUNCTION_LINE, None)
        if isinstance(line, LogLine):
            return paint(text, colour_of(line))
        status = _STATUS.match(text)
        if status:
            painted = paint(status[0], _STATUSES.get(status[1], Colour.GREEN))
            return painted + text[status.end() :]
        return paint(text, _LEVELS.get(record.levelname))
