"""A process's output as lines: none lost, none mixed, none without bound."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest

from local_stage.lambda_runtime.function_process import LINE_LIMIT, OutputReader


def read(*chunks: bytes, after: Callable[[OutputReader], None] = OutputReader.drain) -> list[str]:
    """Return the lines that come of chunks written one after the other, each read before the next."""
    lines: list[str] = []

    async def run() -> None:
        reading_end, writing_end = os.pipe()
        reader = OutputReader(reading_end, lines.append)
        for chunk in chunks:
            os.write(writing_end, chunk)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        after(reader)
        reader.close()
        os.close(writing_end)

    asyncio.run(run())
    return lines


def test_lines_come_without_their_line_feeds() -> None:
    assert read(b"one\ntwo\n") == ["one", "two"]


def test_empty_lines_are_kept() -> None:
    assert read(b"one\n\ntwo\n") == ["one", "", "two"]


def test_a_line_may_come_in_pieces() -> None:
    assert read(b"on", b"e\ntw", b"o\n") == ["one", "two"]


def test_an_unfinished_line_is_emitted_by_draining() -> None:
    assert read(b"one\ntw") == ["one", "tw"]


def test_a_character_may_come_in_pieces() -> None:
    encoded = "大塚\n".encode()
    assert read(encoded[:4], encoded[4:]) == ["大塚"]


def test_what_is_no_text_is_shown_all_the_same() -> None:
    assert read(b"\xff\xfe\n") == ["\N{REPLACEMENT CHARACTER}" * 2]


def test_a_line_without_end_is_cut() -> None:
    lines = read(*[b"x" * 65536] * 9)
    assert sum(map(len, lines)) == 9 * 65536
    assert max(map(len, lines)) == LINE_LIMIT


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        (
            "[ERROR] a\rTraceback\r\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}File\n",
            ["[ERROR] a", "Traceback", "  File"],
        ),
        ("with carriage return\r\n", ["with carriage return"]),
    ],
)
def test_runtimes_tracebacks_become_lines(event: str, lines: list[str]) -> None:
    assert read(event.encode()) == lines


def test_draining_after_the_end_of_the_pipe_is_harmless() -> None:
    lines: list[str] = []

    async def run() -> None:
        reading_end, writing_end = os.pipe()
        reader = OutputReader(reading_end, lines.append)
        os.write(writing_end, b"last")
        os.close(writing_end)
        for _ in range(3):
            reader.drain()
        reader.close()

    asyncio.run(run())
    assert lines == ["last"]
