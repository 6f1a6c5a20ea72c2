"""What a function writes into its own folder: Lambda would not let it, so it is warned of, and is no save."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from local_stage.lambda_runtime.code_folders import WrittenFiles
from local_stage.lambda_runtime.lambda_function import LambdaFunction
from tests.local.lambda_runtime.running_function import (
    TRACE_ID,
    RunningFunction,
    build_settings,
    run_function,
    write_source,
)

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)

WARNING = (
    "[WARNING] {} is written into the function's own folder, which is read-only on Lambda (OSError there);"
    " write to /tmp. Such files count as the function's, not as saved code"
)


def writing(statement: str) -> str:
    return f"""
        import os, pathlib, shutil, tempfile, threading, uuid

        folder = pathlib.Path(__file__).parent
        outside = pathlib.Path(tempfile.mkdtemp())

        def handler(event, context):
            {statement}
            return os.getpid()
    """


def warnings(running: RunningFunction, request_id: str | None = None) -> list[str]:
    return [text for text in running.texts(request_id, platform=True) if text.startswith("[WARNING]")]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("(folder / 'count').write_text(context.aws_request_id)", "count"),
        ("open('count', 'a').close()", "count"),
        ("os.close(os.open(b'count', os.O_CREAT | os.O_RDWR))", "count"),
        ("(folder / 'data').mkdir(exist_ok=True); (folder / 'data' / 'x').touch()", "data/x"),
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
    ],
)
def test_reading_there_and_writing_elsewhere_is_not_warned_of(
    interpreter: Path, tmp_path: Path, statement: str
) -> None:
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
            other = LambdaFunction(launch, log=one.lines.append, concurrency=1, written_files=written_files)
            try:
                pids = set()
                for name in (b'"a"', b'"b"'):
                    await one.function.invoke(name, request_id="r", trace_id=TRACE_ID)
                    pids.add(await other.invoke(b'""', request_id="r", trace_id=TRACE_ID))
                assert len(pids) == 1
            finally:
                await other.stop()

    asyncio.run(run())
