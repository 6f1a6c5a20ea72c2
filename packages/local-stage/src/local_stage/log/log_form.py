"""The forms in which the stage writes its log: for a terminal, for a file, and for a program."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, override

from local_stage.lambda_runtime.function_log import LogLine
from local_stage.log.colour import FUNCTION_LINE, Colour, ColouredFormatter, paint


class LogForm(StrEnum):
    """What stands before a line: the time of day (short), date and time in UTC and level (full); or JSON."""

    SHORT = "short"
    FULL = "full"
    JSON = "json"


def make_formatter(form: LogForm | None, *, is_coloured: bool) -> logging.Formatter:
    """Return what writes the lines; without a form they are bare, for a reader that notes the time itself."""
    if form is LogForm.JSON:
        return JsonFormatter()
    lines = ColouredFormatter() if is_coloured else logging.Formatter()
    return lines if form is None else TimedFormatter(lines, form, is_coloured=is_coloured)


class TimedFormatter(logging.Formatter):
    """Puts a time before each record as another formatter writes it."""

    def __init__(self, lines: logging.Formatter, form: LogForm, *, is_coloured: bool) -> None:
        super().__init__()
        self._lines = lines
        self._form = form
        self._colour: Final = Colour.DIM if is_coloured else None

    @override
    def format(self, record: logging.LogRecord) -> str:
        if self._form is LogForm.SHORT:
            before = f"{datetime.fromtimestamp(record.created).astimezone():%H:%M:%S}"
        else:
            before = f"{_write_time(record)} {record.levelname:<7}"
        return f"{paint(before, self._colour)} {self._lines.format(record)}"


class JsonFormatter(logging.Formatter):
    """Writes each record as one JSON object: time, level, message, function, request id."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        fields = {"time": _write_time(record), "level": record.levelname, "message": super().format(record)}
        line = getattr(record, FUNCTION_LINE, None)
        if isinstance(line, LogLine):
            fields["message"] = line.text
            fields |= {"function": line.function}
            fields |= {"request_id": line.request_id} if line.request_id else {}
        return json.dumps(fields, ensure_ascii=False)


def _write_time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return at.replace("+00:00", "Z")
