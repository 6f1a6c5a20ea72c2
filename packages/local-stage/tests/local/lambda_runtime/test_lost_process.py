"""A process that dies before it took its invocation: another one gets it, as in Lambda nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import FunctionCrashError
from tests.local.lambda_runtime.running_function import PATIENCE, RunningFunction, run_function, wait_until

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)

WHO = """
    import os

    def handler(event, context):
        return [os.getpid(), os.environ["AWS_LAMBDA_RUNTIME_API"]]
"""

CLOSES_ITS_CONNECTION = """
    import contextlib, os, pathlib, socket, threading, time

    def close(go):
        while not pathlib.Path(go).exists():
            time.sleep(0.001)
        for _ in range(600):  # again and again: the client may be about to connect once more
            for descriptor in range(3, 64):
                with contextlib.suppress(OSError):
                    socket.socket(fileno=descriptor).shutdown(socket.SHUT_RDWR)
            time.sleep(0.1)

    def handler(event, context):
        if event:
            threading.Thread(target=close, args=(event,)).start()
        return [os.getpid(), os.environ["AWS_LAMBDA_RUNTIME_API"]]
"""

SPEAKS_OUT_OF_TURN = """
    import contextlib, os, pathlib, socket, threading, time

    def speak(go):
        while not pathlib.Path(go).exists():
            time.sleep(0.001)
        while not pathlib.Path(go).with_suffix(".spoken").exists():
            for descriptor in range(3, 64):
                with contextlib.suppress(OSError):
                    connection = socket.socket(fileno=os.dup(descriptor))
                    if connection.family is socket.AF_INET:  # AWS's client has a pair of its own beside it
                        connection.sendall(b"GET /2018-06-01/runtime")
                        pathlib.Path(go).with_suffix(".spoken").touch()
            time.sleep(0.01)

    def handler(event, context):
        if event:
            threading.Thread(target=speak, args=(event,)).start()
        return [os.getpid(), os.environ["AWS_LAMBDA_RUNTIME_API"]]
"""

ESTABLISHED = "01"


async def _answer_and_rest(running: RunningFunction, event: object = None) -> tuple[int, int]:
    """Return the id of the one process and its Runtime API's port, when it waits for its next invocation."""
    pid, address = await running.invoke(event, request_id="warm")
    await running.wait_for_text("REPORT RequestId: warm")
    return pid, int(address.rpartition(":")[2])


def _wait_without_the_loop(port: int) -> None:
    """Return when nobody is connected to the port any more; the event loop has not run meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while any(state == ESTABLISHED and end == port for end, state in _connections()):
        assert time.monotonic() < deadline
        time.sleep(0.001)


def _wait_for_file(file: Path) -> None:
    """Return when the file is there; the event loop has not run meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def _count_unread(port: int) -> int:
    """Return how many bytes have come to the port that the event loop has not read; proc_pid_net(5)."""
    lines = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(
        int(queues.rpartition(":")[2], 16)
        for _, local, _, state, queues, *_ in lines
        if state == ESTABLISHED and int(local.rpartition(":")[2], 16) == port
    )


def _connections() -> Iterator[tuple[int, str]]:
    """Yield the local port and the state of each connection; proc_pid_net(5)."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, *_ = line.split()
        yield int(local.rpartition(":")[2], 16), state


async def _stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    await wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")


def test_a_process_that_died_unseen_is_given_nothing(interpreter: Path, tmp_path: Path) -> None:
    """The event loop has had no chance to notice when the next invocation comes."""

    async def run() -> None:
        async with run_function(interpreter, tmp_path, WHO) as running:
            pid, port = await _answer_and_rest(running)
            os.kill(pid, signal.SIGKILL)
            _wait_without_the_loop(port)
            assert (await running.invoke(request_id="next"))[0] != pid
            assert running.texts("next").count("START RequestId: next Version: $LATEST") == 1

    asyncio.run(run())


def test_a_process_that_closed_its_connection_unseen_is_given_nothing(
    interpreter: Path, tmp_path: Path
) -> None:
    """Whether it runs on or not: it would never answer."""
    go = tmp_path / "go"

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", CLOSES_ITS_CONNECTION) as running:
            pid, port = await _answer_and_rest(running, str(go))
            go.touch()
            _wait_without_the_loop(port)
            assert (await running.invoke())[0] != pid

    asyncio.run(run())


@pytest.mark.parametrize("has_been_read", [False, True])
def test_a_process_that_spoke_out_of_turn_is_given_nothing(
    interpreter: Path, tmp_path: Path, *, has_been_read: bool
) -> None:
    """As a forked child does over its parent's connection: whose answer comes next, nobody could tell."""
    go = tmp_path / "go"

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", SPEAKS_OUT_OF_TURN) as running:
            pid, port = await _answer_and_rest(running, str(go))
            go.touch()
            _wait_for_file(go.with_suffix(".spoken"))
            if has_been_read:
                await wait_until(lambda: _count_unread(port) == 0)
            async with asyncio.timeout(PATIENCE):
                assert (await running.invoke())[0] != pid

    asyncio.run(run())


def test_an_invocation_that_nobody_took_goes_to_another_process(interpreter: Path, tmp_path: Path) -> None:
    """The process is stopped, so that the invocation lies unread in its socket when it dies."""

    async def run() -> None:
        async with run_function(interpreter, tmp_path, WHO) as running:
            pid, _ = await _answer_and_rest(running)
            await _stop(pid)
            invocation = asyncio.create_task(running.invoke(request_id="next"))
            await running.wait_for_text("START RequestId: next")
            os.kill(pid, signal.SIGKILL)
            assert (await invocation)[0] != pid
            assert running.texts("next", platform=True)[1].endswith(
                "signal: killed (before it took the invocation, which another one gets)"
            )

    asyncio.run(run())


def test_an_invocation_is_given_back_once(interpreter: Path, tmp_path: Path) -> None:
    """Else a function that always dies then would keep its caller waiting for ever."""
    source = """
        import os, pathlib, time

        def handler(event, context):
            print("pid", os.getpid())
            while not pathlib.Path(event).exists():
                time.sleep(0.005)
    """
    gate = tmp_path / "gate"

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", source, concurrency=2) as running:
            warming = [asyncio.create_task(running.invoke(str(gate))) for _ in range(2)]
            await running.wait_for_log(lambda texts: sum("pid" in text for text in texts) == 2)
            gate.touch()
            await asyncio.gather(*warming)
            await running.wait_for_log(lambda texts: sum("REPORT" in text for text in texts) == 2)
            pids = [int(text.split()[1]) for text in running.texts() if text.startswith("pid")]
            for pid in pids:
                await _stop(pid)
            invocation = asyncio.create_task(running.invoke(str(gate), request_id="next"))
            for starts in (1, 2):
                streams = await _wait_for_starts(running, starts)
                os.kill(_pid_of(running, streams[-1]), signal.SIGKILL)
            with pytest.raises(FunctionCrashError):
                await invocation

    asyncio.run(run())


async def _wait_for_starts(running: RunningFunction, count: int) -> list[str]:
    """Return the log streams of the environments that were given the invocation, when they are so many."""
    start = "START RequestId: next Version: $LATEST"
    await running.wait_for_log(lambda texts: texts.count(start) == count)
    return [line.log_stream for line in running.lines if line.text == start]


def _pid_of(running: RunningFunction, log_stream: str) -> int:
    return next(
        int(line.text.split()[1])
        for line in running.lines
        if line.log_stream == log_stream and line.text.startswith("pid")
    )


def test_an_invocation_that_was_begun_is_not_repeated(interpreter: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    source = f"""
        import os, pathlib, signal

        def handler(event, context):
            with pathlib.Path({str(begun)!r}).open("a") as file:
                file.write("once")
            os.kill(os.getpid(), signal.SIGKILL)
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", source) as running:
            with pytest.raises(FunctionCrashError):
                await running.invoke()

    asyncio.run(run())
    assert begun.read_text() == "once"
