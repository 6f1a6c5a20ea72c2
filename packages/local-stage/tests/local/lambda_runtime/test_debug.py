"""A debugged function: each process waits for a debugger, stops where it says, and has all the time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import FunctionInitError
from local_stage.lambda_runtime.requirements import make_interpreter
from local_stage.lambda_runtime.runtimes.python import DEBUG_REQUIREMENTS, RUNTIME_REQUIREMENTS
from local_stage.serving.sockets import find_free_port
from tests.local.debug_client import debugging, find_line, find_port
from tests.local.lambda_runtime.running_function import (
    RunningFunction,
    run_function,
    wait_until,
    write_source,
)
from tests.processes import is_running

SOURCE = """
    import os

    greeting = "hello"  # imported

    def handler(event, context):
        answer = f"{greeting} {event}"
        return [answer, os.getpid(), context.get_remaining_time_in_millis()]  # stop here
"""


@pytest.fixture(scope="module")
def debug_interpreter(cache: Path) -> Path:
    """The functions' Python with debugpy, as `--debug` has it made."""
    return asyncio.run(make_interpreter([RUNTIME_REQUIREMENTS, DEBUG_REQUIREMENTS], cache, print))


async def wait_for_port(running: RunningFunction, count: int = 1) -> int:
    """Return the port at which the process of that number waits for a debugger."""
    await running.wait_for_log(lambda texts: sum("Waiting for a debugger" in text for text in texts) == count)
    port = find_port(running.texts())
    assert port is not None
    return port


def free_port() -> int:
    return find_free_port(0, "--debug")


def test_a_debugger_stops_in_the_handler_sees_its_variables_and_goes_on(
    debug_interpreter: Path, tmp_path: Path
) -> None:
    async def run() -> None:
        async with run_function(debug_interpreter, tmp_path, SOURCE, debug_port=free_port()) as running:
            await running.function.start()
            app = tmp_path / "app.py"
            async with debugging(
                await wait_for_port(running), {app: [find_line(app, "stop here")]}
            ) as debugger:
                invocation = asyncio.create_task(running.invoke("world"))
                thread, (frame, *_) = await debugger.wait_for_stop()
                assert (frame["name"], frame["source"]["path"]) == ("handler", str(app))
                assert await debugger.evaluate("answer", frame) == "'hello world'"
                debugger.go_on(thread)
                assert (await invocation)[0] == "hello world"

    asyncio.run(run())


def test_a_breakpoint_in_the_module_is_met_while_it_is_imported(
    debug_interpreter: Path, tmp_path: Path
) -> None:
    async def run() -> None:
        async with run_function(debug_interpreter, tmp_path, SOURCE, debug_port=free_port()) as running:
            invocation = asyncio.create_task(running.invoke("world"))
            app = tmp_path / "app.py"
            async with debugging(
                await wait_for_port(running), {app: [find_line(app, "imported")]}
            ) as debugger:
                thread, (frame, *_) = await debugger.wait_for_stop()
                assert frame["name"] == "<module>"
                debugger.go_on(thread)
                assert (await invocation)[0] == "hello world"

    asyncio.run(run())


def test_the_builtin_breakpoint_stops_in_the_debugger(debug_interpreter: Path, tmp_path: Path) -> None:
    source = """
        def handler(event, context):
            breakpoint()
            return "after it"
    """

    async def run() -> None:
        async with run_function(debug_interpreter, tmp_path, source, debug_port=free_port()) as running:
            invocation = asyncio.create_task(running.invoke())
            async with debugging(await wait_for_port(running)) as debugger:
                thread, (frame, *_) = await debugger.wait_for_stop()
                assert frame["name"] == "handler"
                debugger.go_on(thread)
                assert await invocation == "after it"

    asyncio.run(run())


def test_neither_timeout_nor_init_nor_memory_is_limited(debug_interpreter: Path, tmp_path: Path) -> None:
    """A function of one second and 128 MB that takes longer to load, to answer, and holds more."""
    source = """
        import time

        time.sleep(1.5)

        def handler(event, context):
            block = b"x" * (200 * 1024 * 1024)
            time.sleep(1.5)
            return [len(block), context.get_remaining_time_in_millis() > 1_000_000]
    """

    async def run() -> None:
        async with run_function(
            debug_interpreter,
            tmp_path,
            source,
            debug_port=free_port(),
            timeout=1,
            memory_size=128,
            init_timeout=0.1,
        ) as running:
            invocation = asyncio.create_task(running.invoke(request_id="long"))
            async with debugging(await wait_for_port(running)):
                assert await invocation == [200 * 1024 * 1024, True]
            report = (await running.wait_for_text("REPORT RequestId: long"))[-1]
            assert float(report.split("Duration: ")[1].split(" ms")[0]) > 1500

    asyncio.run(run())


def test_there_is_one_environment_whatever_the_concurrency(debug_interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(
            debug_interpreter, tmp_path, SOURCE, debug_port=free_port(), concurrency=4
        ) as running:
            invocations = [asyncio.create_task(running.invoke(number)) for number in range(4)]
            async with debugging(await wait_for_port(running)):
                answers = await asyncio.gather(*invocations)
            assert [answer[0] for answer in answers] == [f"hello {number}" for number in range(4)]
            assert len({answer[1] for answer in answers}) == 1

    asyncio.run(run())


def test_new_code_waits_at_the_same_port_when_the_old_has_ended(
    debug_interpreter: Path, tmp_path: Path
) -> None:
    """Though the old one stands at a breakpoint when the code is saved."""
    port = free_port()

    async def run() -> None:
        async with run_function(debug_interpreter, tmp_path, SOURCE, debug_port=port) as running:
            old = asyncio.create_task(running.invoke("old"))
            app = tmp_path / "app.py"
            async with debugging(
                await wait_for_port(running), {app: [find_line(app, "stop here")]}
            ) as debugger:
                thread, _ = await debugger.wait_for_stop()
                write_source(tmp_path, SOURCE.replace("hello", "goodbye"))
                new = asyncio.create_task(running.invoke("new"))
                await running.wait_for_text("have changed")
                debugger.go_on(thread)
                answer, pid, _ = await old
                assert answer == "hello old"
            assert await wait_for_port(running, 2) == port
            assert not is_running(pid)
            async with debugging(port):
                assert (await new)[0] == "goodbye new"

    asyncio.run(run())


def test_a_debugger_that_goes_away_and_comes_back_is_let_in(debug_interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(debug_interpreter, tmp_path, SOURCE, debug_port=free_port()) as running:
            first = asyncio.create_task(running.invoke("first"))
            port = await wait_for_port(running)
            async with debugging(port):
                await first
            assert (await running.invoke("without"))[0] == "hello without"
            app = tmp_path / "app.py"
            async with debugging(port, {app: [find_line(app, "stop here")]}) as debugger:
                again = asyncio.create_task(running.invoke("again"))
                thread, _ = await debugger.wait_for_stop()
                debugger.go_on(thread)
                assert (await again)[0] == "hello again"

    asyncio.run(run())


def test_stopping_ends_a_process_that_waits_and_one_that_stands_at_a_breakpoint(
    debug_interpreter: Path, tmp_path: Path
) -> None:
    source = """
        import os

        print("pid", os.getpid())

        def handler(event, context):
            breakpoint()
            return "never"
    """

    async def run() -> int:
        async with run_function(
            debug_interpreter, tmp_path / "one", source, debug_port=free_port()
        ) as waiting:
            await waiting.function.start()
            await wait_for_port(waiting)
        async with run_function(
            debug_interpreter, tmp_path / "two", source, debug_port=free_port()
        ) as running:
            invocation = asyncio.create_task(running.invoke())
            async with debugging(await wait_for_port(running)) as debugger:
                await debugger.wait_for_stop()
                await running.function.stop()
                await asyncio.wait({invocation})
                assert invocation.exception() is not None
            return int(next(text for text in running.texts() if text.startswith("pid")).split()[1])

    pid = asyncio.run(run())
    asyncio.run(wait_until(lambda: not is_running(pid)))


def test_a_port_that_is_taken_is_the_functions_init_error(debug_interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with run_function(debug_interpreter, tmp_path, SOURCE, debug_port=port) as running:
            with pytest.raises(FunctionInitError):
                await running.invoke()
            why = f"Cannot wait for a debugger at 127.0.0.1:{port}: Address already in use"
            assert why in running.texts()
        server.close()
        await server.wait_closed()

    asyncio.run(run())


def test_the_interpreter_without_debugger_has_none(interpreter: Path, tmp_path: Path) -> None:
    source = """
        import importlib.util

        def handler(event, context):
            return importlib.util.find_spec("debugpy") is not None
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            assert await running.invoke() is False

    asyncio.run(run())
