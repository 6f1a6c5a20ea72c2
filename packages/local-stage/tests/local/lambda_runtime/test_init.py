"""Init: a module that cannot be loaded fails with Lambda's error types, and is tried again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import FunctionInitError
from tests.local.lambda_runtime.running_function import run_function, write_source

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)

IMPORT = "Runtime.ImportModuleError: Unable to import module"
EXIT = "Runtime.ExitError: Runtime"
UNPACK = "not enough values to unpack (expected 2, got 1)"
GOOD = "def handler(event, context):\n    return 'good'\n"


@pytest.mark.parametrize(
    ("source", "handler", "error"),
    [
        ("import nowhere", "app.handler", f"{IMPORT} 'app': No module named 'nowhere'"),
        (GOOD, "other.handler", f"{IMPORT} 'other': No module named 'other'"),
        (GOOD, "app.greet", "Runtime.HandlerNotFound: Handler 'greet' missing on module 'app'"),
        (
            GOOD,
            "handler",
            f"Runtime.MalformedHandlerName: Bad handler 'handler': {UNPACK}",
        ),
        (
            "def handler(:\n",
            "app.handler",
            "Runtime.UserCodeSyntaxError: Syntax error in module 'app': invalid syntax (app.py, line 1)",
        ),
        ("raise ValueError('no table')", "app.handler", "ValueError: no table"),
        ("import sys; sys.exit(3)", "app.handler", f"{EXIT} exited with error: exit status 3"),
        ("import os; os._exit(0)", "app.handler", f"{EXIT} exited without providing a reason"),
    ],
)
def test_failing_init_has_lambdas_error_type(
    interpreter: Path, tmp_path: Path, source: str, handler: str, error: str
) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, handler=handler) as running:
            with pytest.raises(FunctionInitError) as raised:
                await running.invoke()
            error_type, _, message = error.partition(": ")
            assert raised.value.error_type == error_type
            assert raised.value.message == message
            assert raised.value.reason.startswith(f"HelloFunction failed to start: {error}")
            report = next(text for text in running.texts() if text.startswith("INIT_REPORT Init Duration: "))
            assert report.endswith(f"\tPhase: init\tStatus: error\tError Type: {error_type}")

    asyncio.run(run())


def test_traceback_is_once_in_the_log(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, "raise ValueError('no table')") as running:
            await running.function.start()
            assert running.texts().count("[ERROR] ValueError: no table") == 1
            assert running.texts().count("    raise ValueError('no table')") == 1
            assert {line.request_id for line in running.lines} == {None}

    asyncio.run(run())


def test_each_invocation_that_a_failed_init_fails_has_its_lines(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, "raise ValueError('no table')") as running:
            request_ids = ["first", "second"]
            invocations = [running.invoke(request_id=request_id) for request_id in request_ids]
            await asyncio.gather(*invocations, return_exceptions=True)
            for request_id in request_ids:
                *lines, report = running.texts(request_id, platform=True)
                assert lines == [
                    f"START RequestId: {request_id} Version: $LATEST",
                    f"RequestId: {request_id} Error: no table",
                    f"END RequestId: {request_id}",
                ]
                assert report.startswith(f"REPORT RequestId: {request_id}\tDuration: ")
                assert report.endswith("\tStatus: error\tError Type: ValueError")
                assert running.texts(request_id, platform=False) == []
            assert running.texts().count("    raise ValueError('no table')") == 1

    asyncio.run(run())


def test_failed_init_is_tried_again_at_the_next_invocation(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, "import nowhere") as running:
            await running.function.start()
            with pytest.raises(FunctionInitError):
                await running.invoke()
            write_source(tmp_path, GOOD)
            assert await running.invoke() == "good"

    asyncio.run(run())


def test_all_who_wait_for_a_failing_init_learn_why(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, "import nowhere", concurrency=2) as running:
            invocations = [running.invoke(number) for number in range(20)]
            results = await asyncio.gather(*invocations, return_exceptions=True)
            assert {type(result) for result in results} == {FunctionInitError}
            assert sum(text.startswith("INIT_REPORT") for text in running.texts()) <= 2

    asyncio.run(run())


def test_init_that_is_killed_fails_one_caller_and_the_others_are_served(
    interpreter: Path, tmp_path: Path
) -> None:
    """A kill from outside says nothing of the code: on Lambda it would have had one caller."""
    source = f"""
        import os, pathlib, signal

        if pathlib.Path("once").exists():
            os.remove("once")
            os.kill(os.getpid(), signal.SIGKILL)
        {GOOD.replace("\n", "\n        ")}
    """

    async def run() -> None:
        (tmp_path / "once").touch()
        async with run_function(interpreter, tmp_path, source) as running:
            answers = await asyncio.gather(*(running.invoke() for _ in range(4)), return_exceptions=True)
            assert isinstance(answers[0], FunctionInitError)
            assert answers[0].message == "Runtime exited with error: signal: killed"
            assert answers[1:] == ["good"] * 3

    asyncio.run(run())


def test_init_that_fails_beside_good_environments_fails_one_caller(interpreter: Path, tmp_path: Path) -> None:
    """The second environment fails to start once; its one caller learns why, the next one is served."""
    fails, gate = tmp_path / "fails", tmp_path / "gate"
    source = f"""
        import pathlib, time

        if pathlib.Path({str(fails)!r}).exists():
            pathlib.Path({str(fails)!r}).unlink()
            raise ValueError("fails once")

        def handler(event, context):
            print("waiting")
            while not pathlib.Path(event).exists():
                time.sleep(0.005)
            return "good"
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", source, concurrency=2) as running:
            busy = asyncio.create_task(running.invoke(str(gate)))
            await running.wait_for_text("waiting")
            fails.touch()
            second, third = (asyncio.create_task(running.invoke(str(gate))) for _ in range(2))
            with pytest.raises(FunctionInitError, match="fails once"):
                await second
            gate.touch()
            assert [await busy, await third] == ["good", "good"]

    asyncio.run(run())


def test_init_that_hangs_is_given_up(interpreter: Path, tmp_path: Path) -> None:
    source = "import time\ntime.sleep(60)\n"

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, timeout=1, init_timeout=0.2) as running:
            with pytest.raises(FunctionInitError) as raised:
                await running.invoke()
            assert raised.value.error_type == "Sandbox.Timedout"
            *_, init_report, _, _, _, report = running.texts()
            assert init_report.endswith("\tPhase: init\tStatus: timeout")
            assert report.endswith("\tStatus: timeout")

    asyncio.run(run())


def test_start_makes_the_first_invocation_warm(interpreter: Path, tmp_path: Path) -> None:
    source = "print('cold start')\n" + GOOD

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            await running.function.start()
            assert running.texts() == ["cold start"]
            for _ in range(3):
                assert await running.invoke() == "good"
            assert running.texts().count("cold start") == 1

    asyncio.run(run())
