"""What a function writes into its own folder: Lambda would not let it, so it is warned of, and is no save."""

from __future__ import annotations

import asyncio
import dataclasses
from functools import partial
from pathlib import Path

import pytest

from local_stage.lambda_runtime.code_folders import CodeFolders, WrittenFiles
from local_stage.lambda_runtime.lambda_function import LambdaFunction
from tests.local.lambda_runtime.running_function import (
    TRACE_HEADER,
    RunningFunction,
    build_settings,
    run_function,
    write_source,
)

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)

WARNING = (
    "[WARNING] {} is written, or opened for writing, in the function's own folder, which is read-only on"
    " Lambda (an error there); write to /tmp. Such files count as the function's, not as saved code"
)
SOURCE = """
    import contextlib, os, pathlib, shutil, sqlite3, subprocess, tempfile, threading, uuid

    folder = pathlib.Path(__file__).parent
    outside = pathlib.Path(tempfile.mkdtemp())

    def insert(database, **options):
        with contextlib.closing(sqlite3.connect(database, **options)) as connection, connection:
            connection.execute("CREATE TABLE IF NOT EXISTS books (title TEXT)")
            connection.execute("INSERT INTO books VALUES ('a title')")

    def insert_ahead(database):
        connection = sqlite3.connect(database)
        connection.execute("PRAGMA journal_mode=WAL")
        insert(database)

    def select(database, **options):
        with contextlib.closing(sqlite3.connect(database, **options)) as connection:
            connection.execute("SELECT * FROM sqlite_master").fetchall()

    def handler(event, context):
        STATEMENT
        return os.getpid()
"""


def writing(statement: str) -> str:
    return SOURCE.replace("STATEMENT", statement)


def warnings(running: RunningFunction, request_id: str | None = None) -> list[str]:
    return [text for text in running.texts(request_id, platform=True) if text.startswith("[WARNING]")]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("(folder / 'count').write_text(context.aws_request_id)", "count"),
        ("open('count', 'a').close()", "count"),
        ("os.close(os.open(b'count', os.O_CREAT | os.O_RDWR))", "count"),
        ("(folder / 'data').mkdir(exist_ok=True); (folder / 'data' / 'x').touch()", "data"),
        ("(folder / 'data').mkdir(); (folder / 'data').rmdir()", "data"),
        ("os.chmod(__file__, 0o600)", "app.py"),
        ("insert('books.db')", "books.db"),
        ("insert(f'file://{folder}/my%20books.db?mode=rwc', uri=True)", "my books.db"),
        ("insert_ahead(folder / 'x')", "x"),
        (
            "(outside / 'new').touch(); (outside / 'new').replace(folder / 'moved')",
            "moved",
        ),
        ("shutil.copy(__file__, folder / 'copy.py')", "copy.py"),
        (
            "thread = threading.Thread(target=(folder / 'late').touch); thread.start(); thread.join()",
            "late",
        ),
        ("os.path.exists('link') or os.symlink(outside, 'link')", "link"),
        ("os.path.exists('cache') or os.symlink(outside, 'cache'); (outside / 'x').touch()", "cache"),
        ("pid = os.fork() or ((folder / 'child').touch(), os._exit(0)); os.waitpid(pid, 0)", "child"),
    ],
)
def test_a_function_that_writes_into_its_folder_keeps_its_environment_and_is_warned_once(
    interpreter: Path, tmp_path: Path, statement: str, name: str
) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, writing(statement)) as running:
            pids = {await running.invoke(request_id=f"request-{number}") for number in range(4)}
            assert len(pids) == 1
            assert warnings(running) == warnings(running, "request-0") == [WARNING.format(name)]
            assert not any("have changed" in text for text in running.texts())

    asyncio.run(run())


def test_a_new_name_for_each_request_is_no_save_either(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        source = writing("(folder / uuid.uuid4().hex).touch()")
        async with run_function(interpreter, tmp_path, source) as running:
            assert len({await running.invoke() for _ in range(5)}) == 1
            assert len(warnings(running)) == 1

    asyncio.run(run())


def test_a_save_in_a_folder_that_the_function_has_made_runs_the_new_code(
    interpreter: Path, tmp_path: Path
) -> None:
    async def run() -> None:
        source = writing("(folder / 'texts').mkdir(exist_ok=True)")
        async with run_function(interpreter, tmp_path, source) as running:
            old = await running.invoke()
            (tmp_path / "texts" / "text.json").write_text("{}")
            assert await running.invoke() != old

    asyncio.run(run())


def test_what_a_function_writes_behind_a_link_in_its_folder_is_no_save(
    interpreter: Path, tmp_path: Path
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "function").mkdir()
    (tmp_path / "function" / "shared").symlink_to("../shared")

    async def run() -> None:
        source = writing("open('shared/count', 'a').write('x')")
        async with run_function(interpreter, tmp_path / "function", source) as running:
            assert len({await running.invoke() for _ in range(3)}) == 1
            assert len(warnings(running)) == 1

    asyncio.run(run())


@pytest.mark.rule("limits.function-folder")
def test_a_program_that_writes_into_the_folder_is_taken_for_a_save(interpreter: Path, tmp_path: Path) -> None:
    """A write is warned of; by a program that the handler starts it brings a new environment each time."""

    async def run() -> None:
        source = writing("subprocess.run(['sh', '-c', 'echo x >> count'], check=True)")
        async with run_function(interpreter, tmp_path, source) as running:
            assert len({await running.invoke() for _ in range(3)}) == 3
            assert warnings(running) == []
            changes = [text for text in running.texts() if "have changed" in text]
            assert changes == [f"The files of HelloFunction have changed: {tmp_path}/count"] * 2

    asyncio.run(run())


def test_a_save_beside_a_written_file_still_runs_the_new_code(interpreter: Path, tmp_path: Path) -> None:
    source = writing("(folder / 'count').write_text(context.aws_request_id)")

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            old = await running.invoke()
            write_source(tmp_path, source.replace("return", "return 0 +"))
            new = await running.invoke()
            assert new != old
            assert await running.invoke() == new
            assert len(warnings(running)) == 2, "new code is warned of anew"

    asyncio.run(run())


@pytest.mark.parametrize(
    "statement",
    [
        "open(__file__).read()",
        "os.listdir(folder)",
        "(outside / 'count').write_text('x')",
        "tempfile.TemporaryFile().write(b'x')",
        "pathlib.Path(str(folder) + '-beside').touch()",
        "(outside / 'app.py').touch(); shutil.rmtree(outside)",
        "(folder / 'package').mkdir(exist_ok=True)",
        "(folder / 'not-there').unlink(missing_ok=True)",
        "insert(':memory:')",
        "insert(outside / 'books.db')",
        "select('file:shipped.db?mode=ro', uri=True)",
    ],
)
def test_reading_there_and_writing_elsewhere_is_not_warned_of(
    interpreter: Path, tmp_path: Path, statement: str
) -> None:
    (tmp_path / "function" / "package").mkdir(parents=True)
    (tmp_path / "function" / "shipped.db").touch()

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", writing(statement)) as running:
            await running.invoke()
            await running.wait_for_text("REPORT")
            assert warnings(running) == []

    asyncio.run(run())


def test_functions_that_share_a_folder_do_not_take_each_others_files_for_saves(
    interpreter: Path, tmp_path: Path
) -> None:
    source = writing("event and (folder / event).touch()")
    written_files = WrittenFiles()

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, written_files=written_files) as one:
            launch = dataclasses.replace(one.launch, settings=build_settings(tmp_path, logical_id="Other"))
            look_at = partial(CodeFolders, written_files=written_files)
            other = LambdaFunction(launch, log=one.lines.append, concurrency=1, look_at=look_at)
            try:
                pids = set()
                for name in (b'"a"', b'"b"'):
                    await one.function.invoke(name, request_id="r", trace_header=TRACE_HEADER)
                    pids.add(await other.invoke(b'""', request_id="r", trace_header=TRACE_HEADER))
                assert len(pids) == 1
            finally:
                await other.stop()

    asyncio.run(run())
