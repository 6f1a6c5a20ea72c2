"""The stage's own log: in its order, a request's line at once, and never in a response's way."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
from collections.abc import Callable

from local_stage.lambda_runtime.function_log import LogLine
from local_stage.log.invocation_log import WAITING_TIME
from local_stage.log.log_form import LogForm
from local_stage.log.stage_log import StageLog


def write(log: StageLog, text: str) -> None:
    log.handle(logging.LogRecord("local_stage", logging.INFO, "", 0, text, None, None))


def print_line(log: StageLog, text: str) -> None:
    log.write_function_line(LogLine("Hello", "stream", "r1", text))


def run(*actions: Callable[[StageLog], None]) -> list[str]:
    """Return what is written after each of the actions, which come together, and a little later."""
    stream = io.StringIO()
    log = StageLog(stream, None, is_coloured=False)

    async def act() -> list[str]:
        seen = []
        for action in actions:
            action(log)
            seen.append(stream.getvalue())
        await asyncio.sleep(WAITING_TIME)
        return [*seen, stream.getvalue()]

    return asyncio.run(act())


def test_lines_of_functions_are_written_together_a_little_later() -> None:
    seen = run(lambda log: print_line(log, "one"), lambda log: print_line(log, "two\x1b[31m"))
    assert seen == ["", "", "[Hello] one\n[Hello] two\\x1b[31m\n"]


def test_what_the_stage_says_is_written_at_once_behind_the_lines_before_it() -> None:
    seen = run(
        lambda log: print_line(log, "one"),
        lambda log: write(log, "200 GET /dev/hello"),
        lambda log: print_line(log, "two"),
    )
    before = "[Hello] one\n200 GET /dev/hello\n"
    assert seen == ["", before, before, f"{before}[Hello] two\n"]


def test_the_line_of_a_request_is_written_at_once_behind_the_lines_before_it() -> None:
    seen = run(
        lambda log: print_line(log, "one"),
        lambda log: log.write_line(logging.INFO, "200 GET /dev/hello"),
        lambda log: print_line(log, "two"),
    )
    before = "[Hello] one\n200 GET /dev/hello\n"
    assert seen == ["", before, before, f"{before}[Hello] two\n"]


def test_without_an_event_loop_a_line_is_written_at_once() -> None:
    stream = io.StringIO()
    write(StageLog(stream, None, is_coloured=False), "Stopping")
    assert stream.getvalue() == "Stopping\n"


def test_in_a_form_a_functions_line_keeps_its_function_and_request() -> None:
    stream = io.StringIO()
    log = StageLog(stream, LogForm.JSON, is_coloured=False)
    logger = logging.getLogger("local_stage")
    level = logger.level
    logger.addHandler(log)
    logger.setLevel(logging.INFO)
    try:
        print_line(log, "one")
    finally:
        logger.removeHandler(log)
        logger.setLevel(level)
    written = json.loads(stream.getvalue())
    assert (written["message"], written["function"], written["request_id"]) == ("one", "Hello", "r1")


def test_a_pipe_that_nobody_reads_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = io.TextIOWrapper(io.FileIO(writing, "w"), write_through=True)
    log = StageLog(stream, None, is_coloured=False)
    write(log, "one")
    write(log, "two")
    log.flush()
    stream.detach().close()
