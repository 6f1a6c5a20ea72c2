"""What a handler leaves running, processes and threads: it disturbs nobody, and ends with its environment."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import (
    FunctionCrashError,
    FunctionTimeoutError,
)
from tests.local.lambda_runtime.harmful_handler import write_handler
from tests.local.lambda_runtime.running_function import find_function_processes, run_function, wait_until
from tests.processes import is_running

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)


@pytest.mark.parametrize(
    "fork",
    [
        "child = subprocess.Popen(['sleep', '60']).pid",
        "child = os.fork() or (time.sleep(60), os._exit(0))",
        "child = subprocess.Popen(['sleep', '60'], start_new_session=True).pid",
        "child = os.fork() or (os.setsid(), time.sleep(60), os._exit(0))",
    ],
)
def test_what_a_handler_leaves_running_dies_with_its_environment(
    interpreter: Path, tmp_path: Path, fork: str
) -> None:
    source = write_handler(f"{fork}\n    return child")

    async def run() -> int:
        async with run_function(interpreter, tmp_path, source) as running:
            child = int(await running.invoke("harm"))
            assert is_running(child)
            assert (await running.invoke("good"))[1] == "good"
            return child

    child = asyncio.run(run())
    asyncio.run(wait_until(lambda: not is_running(child)))


@pytest.mark.parametrize("session", ["False", "True"])
def test_what_a_crashed_process_leaves_running_dies_at_once(
    interpreter: Path, tmp_path: Path, session: str
) -> None:
    """Also what has made itself a session of its own, and has nobody left who started it."""
    source = write_handler(
        f"print(subprocess.Popen(['sleep', '60'], start_new_session={session}).pid); os._exit(1)"
    )

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            with pytest.raises(FunctionCrashError):
                await running.invoke("harm", request_id="the-request")
            child = int(running.texts("the-request", platform=False)[0])
            await wait_until(lambda: not is_running(child))

    asyncio.run(run())


def test_what_another_environment_left_running_goes_on(interpreter: Path, tmp_path: Path) -> None:
    source = write_handler("return subprocess.Popen(['sleep', '60'], start_new_session=True).pid")

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "one", source) as one:
            child = int(await one.invoke("harm"))
            async with run_function(interpreter, tmp_path / "two", source) as two:
                other_child = int(await two.invoke("harm"))
            await wait_until(lambda: not is_running(other_child))
            assert is_running(child)

    asyncio.run(run())


def test_a_forked_child_that_answers_too_does_not_answer_for_another(
    interpreter: Path, tmp_path: Path
) -> None:
    """The child returns from the handler as well, over the same connection: what comes of it may be garbled.

    It is the request's own answer, or none that API Gateway takes for an answer; never another request's.
    """
    source = """
        import os

        def handler(event, context):
            if event.startswith("fork"):
                os.fork()
            return event
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, timeout=2) as running:
            for number in range(10):
                event = f"{'fork' if number % 2 == 0 else 'plain'}-{number}"
                with contextlib.suppress(FunctionCrashError, FunctionTimeoutError, json.JSONDecodeError):
                    assert await running.invoke(event) == event

    asyncio.run(run())


def test_threads_that_go_on_do_not_disturb_the_next_invocation(interpreter: Path, tmp_path: Path) -> None:
    source = write_handler("threading.Thread(target=time.sleep, args=(60,)).start(); return os.getpid()")

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            pid = await running.invoke("harm")
            assert await running.invoke("good") == [pid, "good"]

    asyncio.run(run())


def test_output_of_a_thread_between_invocations_belongs_to_none(interpreter: Path, tmp_path: Path) -> None:
    source = """
        import threading, os

        reading, writing = os.pipe()

        def speak():
            os.read(reading, 1)
            print("from the thread")

        def handler(event, context):
            if event:
                threading.Thread(target=speak).start()
                return writing
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            writing = await running.invoke("start a thread", request_id="one")
            await running.wait_for_text("REPORT RequestId: one")
            (pid,) = find_function_processes(tmp_path)
            _write_to_descriptor(pid, writing)
            await running.wait_for_text("from the thread")
            assert [line.request_id for line in running.lines if line.text == "from the thread"] == [None]

    asyncio.run(run())


def test_output_between_invocations_stays_outside_the_next(interpreter: Path, tmp_path: Path) -> None:
    """It lies in the pipe, unread, when the next invocation begins."""
    go, gone = tmp_path / "go", tmp_path / "gone"
    source = f"""
        import pathlib, threading, time

        def speak():
            while not pathlib.Path({str(go)!r}).exists():
                time.sleep(0.001)
            print("from the thread")
            pathlib.Path({str(gone)!r}).touch()

        def handler(event, context):
            if event:
                threading.Thread(target=speak).start()
    """

    def speak() -> None:
        go.touch()
        while not gone.exists():
            time.sleep(0.001)

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", source) as running:
            await running.invoke("start a thread", request_id="one")
            await running.wait_for_text("REPORT RequestId: one")
            speak()
            await running.invoke(request_id="two")
            assert running.texts("two", platform=False) == []
            assert "from the thread" in running.texts()

    asyncio.run(run())


def _write_to_descriptor(pid: int, descriptor: int) -> None:
    Path(f"/proc/{pid}/fd/{descriptor}").write_bytes(b".")
