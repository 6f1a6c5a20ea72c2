"""The log's lines in each form: with the time of day, with date and level, and as objects."""

from __future__ import annotations

import json
import logging
from datetime import datetime

import pytest

from local_stage.lambda_runtime.function_log import LogLine
from local_stage.log.colour import FUNCTION_LINE
from local_stage.log.log_form import LogForm, make_formatter

AT = 1795962600.123


def record(text: str = "200 GET /dev/hello 1.5 ms", line: LogLine | None = None) -> logging.LogRecord:
    made = logging.LogRecord("local_stage", logging.INFO, "", 0, text, None, None)
    made.created = AT
    if line is not None:
        setattr(made, FUNCTION_LINE, line)
    return made


def write(form: LogForm | None, made: logging.LogRecord, *, is_coloured: bool = False) -> str:
    return make_formatter(form, is_coloured=is_coloured).format(made)


def test_without_a_form_a_line_is_bare() -> None:
    assert write(None, record()) == "200 GET /dev/hello 1.5 ms"


def test_short_is_the_time_of_day_of_this_machine() -> None:
    at = datetime.fromtimestamp(AT).astimezone()
    assert write(LogForm.SHORT, record()) == f"{at:%H:%M:%S} 200 GET /dev/hello 1.5 ms"


def test_full_has_date_and_level() -> None:
    assert write(LogForm.FULL, record()) == "2026-11-29T14:30:00.123Z INFO    200 GET /dev/hello 1.5 ms"


@pytest.mark.parametrize("form", [LogForm.SHORT, LogForm.FULL])
def test_colours_stay(form: LogForm) -> None:
    assert write(form, record(), is_coloured=True).endswith(" \x1b[32m200\x1b[0m GET /dev/hello 1.5 ms")


def test_json_is_an_object_a_line() -> None:
    line = LogLine("HelloFunction", "stream", "1-2-3", "hello\n")
    told = write(LogForm.JSON, record("[HelloFunction] hello", line))
    assert "\n" not in told
    assert json.loads(told) == {
        "time": "2026-11-29T14:30:00.123Z",
        "level": "INFO",
        "message": "hello\n",
        "function": "HelloFunction",
        "request_id": "1-2-3",
    }
