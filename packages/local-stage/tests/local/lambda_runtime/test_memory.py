"""The memory of a function is that of its environment: its process, and all that the process started."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import FunctionMemoryError
from local_stage.lambda_runtime.process_memory import measure_memory
from tests.local.lambda_runtime.running_function import RunningFunction, run_function

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)

STARTS_A_PROGRAM = """
    import subprocess, sys, threading, time

    PROGRAM = "block = b'x' * (int(sys.argv[1]) << 20); print('has it', flush=True); sys.stdin.read()"
    children = []

    def start(megabytes):
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; " + PROGRAM, str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        child.stdout.readline()
        children.append(child)

    def handler(event, context):
        if event == "end":
            children.pop().communicate()
        elif isinstance(event, int):
            start(event)
        elif event == "from a thread":
            thread = threading.Thread(target=lambda: (start(200), time.sleep(60)), daemon=True)
            thread.start()
            time.sleep(60)
        return "answered"
"""


async def _max_memory_used(running: RunningFunction, request_id: str) -> int:
    texts = await running.wait_for_text(f"REPORT RequestId: {request_id}")
    report = next(text for text in texts if text.startswith(f"REPORT RequestId: {request_id}"))
    found = re.search(r"Max Memory Used: (\d+) MB", report)
    assert found is not None
    return int(found[1])


def test_memory_of_a_program_that_the_handler_started_is_the_functions(
    interpreter: Path, tmp_path: Path
) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, STARTS_A_PROGRAM, memory_size=256) as running:
            with pytest.raises(FunctionMemoryError):
                await running.invoke(300)
            assert await running.invoke(None) == "answered"

    asyncio.run(run())


def test_a_function_whose_program_takes_too_much_is_ended_before_its_timeout(
    interpreter: Path, tmp_path: Path
) -> None:
    """The program is a child of one thread and not of the process's first."""

    async def run() -> None:
        async with run_function(
            interpreter, tmp_path, STARTS_A_PROGRAM, memory_size=128, timeout=30
        ) as running:
            with pytest.raises(FunctionMemoryError):
                await running.invoke("from a thread")

    asyncio.run(run())


def test_the_report_has_the_most_that_process_and_program_have_held(
    interpreter: Path, tmp_path: Path
) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, STARTS_A_PROGRAM) as running:
            await running.invoke(100, "with")
            with_program = await _max_memory_used(running, "with")
            assert 100 < with_program < 200
            await running.invoke("end", "after")
            assert await _max_memory_used(running, "after") >= with_program

    asyncio.run(run())


def test_what_forked_children_share_with_the_handler_counts_once(interpreter: Path, tmp_path: Path) -> None:
    source = """
        import os, time

        block = bytearray(os.urandom(1 << 20)) * 150

        def handler(event, context):
            for _ in range(4):
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
            return "answered"
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, memory_size=256) as running:
            assert await running.invoke(request_id="forking") == "answered"
            assert 150 < await _max_memory_used(running, "forking") < 230

    asyncio.run(run())


def test_a_program_that_is_about_to_start_has_no_memory_of_the_handlers(
    interpreter: Path, tmp_path: Path
) -> None:
    """Until then it runs in the handler's own memory (vfork), which must not count twice."""
    source = """
        import os, subprocess

        block = bytearray(os.urandom(1 << 20)) * 150

        def handler(event, context):
            print(os.getpid(), "starts programs")
            for _ in range(300):
                subprocess.run(["true"])
    """

    async def run() -> list[int | None]:
        async with run_function(interpreter, tmp_path, source, timeout=30) as running:
            invocation = asyncio.create_task(running.invoke())
            texts = await running.wait_for_text("starts programs")
            pid = next(int(text.split()[0]) for text in texts if "starts programs" in text)
            measured = []
            while not invocation.done():
                measured.append(await asyncio.to_thread(measure_memory, pid))
            await invocation
            return measured

    measured = asyncio.run(run())
    assert all(megabytes is not None and 150 < megabytes < 230 for megabytes in measured)
