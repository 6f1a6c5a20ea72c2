"""What is red, yellow or green on a terminal."""

from __future__ import annotations

import io
import logging
from typing import override

import pytest

from local_stage.lambda_runtime.function_log import LogLine
from local_stage.log.colour import FUNCTION_LINE, Colour, ColouredFormatter, colour_of, wants_colour


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "wanted"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
    ids=["terminal", "no-color", "empty", "dumb", "pipe"],
)
def test_colours_are_for_terminals(stream: io.StringIO, environment: dict[str, str], *, wanted: bool) -> None:
    assert wants_colour(stream, environment) is wanted


def build_line(text: str, *, platform: bool) -> LogLine:
    return LogLine("Hello", "stream", "r1", text, platform)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("START RequestId: r1 Version: $LATEST", Colour.DIM),
        ("END RequestId: r1", Colour.DIM),
        ("REPORT RequestId: r1\tDuration: 1.00 ms", Colour.CYAN),
        ("REPORT RequestId: r1\tDuration: 1.00 ms\tStatus: timeout", Colour.RED),
        ("RequestId: r1 Error: Task timed out after 3.00 seconds", Colour.RED),
        ("INIT_REPORT Init Duration: 1.00 ms\tPhase: init\tStatus: error", Colour.RED),
        ("[WARNING] count is written, or opened for writing, in the function's own folder", Colour.YELLOW),
        ("The files of Hello have changed", Colour.CYAN),
    ],
)
def test_lambdas_own_lines(text: str, colour: Colour) -> None:
    assert colour_of(build_line(text, platform=True)) is colour


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("printed", None),
        ("START of my own", None),
        ("[ERROR] ValueError: no", Colour.RED),
        ("Traceback (most recent call last):", Colour.RED),
        ("[WARNING]\t2026-11-22T00:00:00.000Z\tr1\tcareful", Colour.YELLOW),
        ("[INFO]\t2026-11-22T00:00:00.000Z\tr1\tfine", None),
        ('{"level":"ERROR","message":"no"}', Colour.RED),
        ('{"timestamp": "x", "level": "WARNING"}', Colour.YELLOW),
        ('{"level":"INFO"}', None),
        ('{"level":"OWN"}', None),
        ('{"message": "no level"}', None),
    ],
)
def test_a_functions_lines(text: str, colour: Colour | None) -> None:
    assert colour_of(build_line(text, platform=False)) is colour


def formatted(text: str, level: int = logging.INFO, line: LogLine | None = None) -> str:
    record = logging.makeLogRecord({"msg": text, "levelno": level, "levelname": logging.getLevelName(level)})
    if line is not None:
        setattr(record, FUNCTION_LINE, line)
    return ColouredFormatter().format(record)


@pytest.mark.parametrize(
    ("status", "colour"),
    [("200", Colour.GREEN), ("302", Colour.GREEN), ("401", Colour.YELLOW), ("502", Colour.RED)],
)
def test_a_requests_status_has_its_classs_colour(status: str, colour: Colour) -> None:
    assert formatted(f"{status} GET /dev/me: why") == f"{colour}{status}{Colour.NONE} GET /dev/me: why"
    assert formatted(f"{status}: no HTTP") == f"{colour}{status}{Colour.NONE}: no HTTP"


def test_what_goes_wrong_in_the_stage_stands_out() -> None:
    assert formatted("all is well") == "all is well"
    assert formatted("careful", logging.WARNING) == f"{Colour.YELLOW}careful{Colour.NONE}"
    assert formatted("broken", logging.ERROR) == f"{Colour.RED}broken{Colour.NONE}"


def test_a_functions_line_keeps_its_colour_in_the_stages_log() -> None:
    line = build_line("[ERROR] no", platform=False)
    assert formatted("[Hello] [ERROR] no", line=line) == f"{Colour.RED}[Hello] [ERROR] no{Colour.NONE}"
