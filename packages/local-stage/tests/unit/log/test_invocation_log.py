"""The functions' log file: whole lines, for its owner, of bounded size, and never in an answer's way."""

from __future__ import annotations

import asyncio
import logging
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_log import LogLine
from local_stage.log.invocation_log import (
    WAITING_TIME,
    InvocationLog,
    InvocationLogReader,
    Logged,
    LoggedLine,
    LoggedRequest,
)

LINE = LogLine("HelloFunction", "2026/11/22/[$LATEST]1", "r1", 'größe "\t\x1b[31m\u2028', platform=True)


def write(folder: Path, *actions: Callable[[InvocationLog], None], size_limit: int = 1_000_000) -> None:
    """Let a stage's log take each of the actions, write it, and close."""

    async def run() -> None:
        log = InvocationLog(folder, clock=lambda: 1795375200.1234, size_limit=size_limit)
        for action in actions:
            action(log)
            await asyncio.sleep(WAITING_TIME)
        log.close()

    asyncio.run(run())


def writing(text: str, request_id: str | None = "r1") -> Callable[[InvocationLog], None]:
    line = LogLine("HelloFunction", "stream", request_id, text)
    return lambda log: log.write_line(line)


def read(folder: Path) -> list[Logged]:
    with closing(InvocationLogReader(folder)) as reader:
        return list(reader.read())


def texts(logged: list[Logged]) -> list[str]:
    return [item.line.text for item in logged if isinstance(item, LoggedLine)]


def test_what_is_written_is_read_with_its_time(tmp_path: Path) -> None:
    write(tmp_path, lambda log: log.write_line(LINE), lambda log: log.write_request("client", "r1"))
    assert read(tmp_path) == [LoggedLine(1795375200.123, LINE), LoggedRequest("client", "r1")]


def test_which_invocation_a_request_came_to_is_there_at_once_and_all_lines_before_it(tmp_path: Path) -> None:
    async def run() -> list[Logged]:
        with closing(InvocationLog(tmp_path)) as log:
            log.write_line(LINE)
            log.write_request("client", "r1")
            return read(tmp_path)

    line, request = asyncio.run(run())
    assert isinstance(line, LoggedLine)
    assert line.line == LINE
    assert request == LoggedRequest("client", "r1")


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    write(tmp_path, writing("secret"))
    assert stat.S_IMODE((tmp_path / "functions.log").stat().st_mode) == 0o600


def test_lines_can_be_read_before_the_log_is_closed(tmp_path: Path) -> None:
    async def run() -> None:
        log = InvocationLog(tmp_path)
        writing("now")(log)
        await asyncio.sleep(WAITING_TIME)
        assert texts(read(tmp_path)) == ["now"]
        log.close()

    asyncio.run(run())


def test_a_later_stage_goes_on_with_the_same_file(tmp_path: Path) -> None:
    write(tmp_path, writing("first"))
    write(tmp_path, writing("second"))
    assert texts(read(tmp_path)) == ["first", "second"]


@pytest.mark.parametrize("torn", ['{"time":1,"func', "no JSON", "[]", "{}", '{"time":"x"}', "\xff\n\n"])
def test_a_line_that_was_cut_off_costs_no_other(tmp_path: Path, torn: str) -> None:
    write(tmp_path, writing("before"))
    with (tmp_path / "functions.log").open("a", encoding="latin-1") as file:
        file.write(torn)
    write(tmp_path, writing("after"))
    assert texts(read(tmp_path)) == ["before", "after"]


def test_its_size_is_bounded_and_the_newest_lines_are_kept(tmp_path: Path) -> None:
    async def run() -> None:
        with closing(InvocationLog(tmp_path, size_limit=10_000)) as log:
            for number in range(1000):
                writing(f"line {number}")(log)
                log.write_request(f"client {number}", "r1")

    asyncio.run(run())
    sizes = [file.stat().st_size for file in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) < 10_500
    kept = texts(read(tmp_path))
    assert kept == [f"line {number}" for number in range(1000 - len(kept), 1000)]
    assert len(kept) > 70


def test_a_full_disk_is_told_once_and_hurts_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "functions.log").symlink_to("/dev/full")
    write(tmp_path, *(writing("lost") for _ in range(3)))
    assert [record.getMessage() for record in caplog.records] == [
        "functions.log cannot be written: No space left on device"
    ]


def test_it_is_written_again_when_there_is_room_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And a second time without room is told again."""
    caplog.set_level(logging.WARNING)
    folder = tmp_path / "functions.log"
    folder.mkdir()
    write(
        tmp_path,
        writing("lost"),
        lambda _: folder.rmdir(),
        writing("written"),
    )
    assert len(caplog.records) == 1
    assert texts(read(tmp_path)) == ["written"]


def test_a_reader_sees_what_comes_line_by_line(tmp_path: Path) -> None:
    with closing(InvocationLogReader(tmp_path)) as reader:
        assert list(reader.read()) == []
        write(tmp_path, writing("one"))
        assert texts(list(reader.read())) == ["one"]
        with (tmp_path / "functions.log").open("a") as file:
            file.write('{"time":1,"function":"F","log_stream":"s","request_id":null,')
            file.flush()
            assert list(reader.read()) == []
            file.write('"text":"two","platform":false}\n')
        assert texts(list(reader.read())) == ["two"]
        assert list(reader.read()) == []


def test_a_reader_knows_whether_there_is_a_log(tmp_path: Path) -> None:
    with closing(InvocationLogReader(tmp_path)) as reader:
        known = []
        for _ in range(2):
            list(reader.read())
            known.append(reader.has_read)
            write(tmp_path, writing("one"))
        assert known == [False, True]


def test_a_reader_follows_the_file_when_it_is_replaced(tmp_path: Path) -> None:
    """What was written just before, to the file that now is the earlier one, is read too."""
    with closing(InvocationLogReader(tmp_path)) as reader:
        write(tmp_path, writing("one"))
        assert texts(list(reader.read())) == ["one"]
        write(tmp_path, writing("two"), size_limit=1)
        assert texts(list(reader.read())) == ["two"]
        write(tmp_path, writing("three"))
        assert texts(list(reader.read())) == ["three"]
