"""Whatever a handler does to its process: an answer or an error, never a hung client, then a good answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import (
    FunctionCrashError,
    FunctionMemoryError,
    FunctionTimeoutError,
)
from tests.local.lambda_runtime.harmful_handler import write_handler
from tests.local.lambda_runtime.running_function import find_function_processes, run_function, wait_until
from tests.processes import is_running

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)


@pytest.mark.parametrize(
    ("harm", "how"),
    [
        ("sys.exit(1)", "Runtime exited with error: exit status 1"),
        ("sys.exit()", "Runtime exited without providing a reason"),
        ("os._exit(7)", "Runtime exited with error: exit status 7"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "Runtime exited with error: signal: killed"),
        ("ctypes.string_at(0)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_a_process_that_ends_is_a_crash_and_is_replaced(
    interpreter: Path, tmp_path: Path, harm: str, how: str
) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, write_handler(harm)) as running:
            with pytest.raises(FunctionCrashError) as raised:
                await running.invoke("harm", request_id="the-request")
            assert json.loads(raised.value.payload) == {
                "errorType": "Runtime.ExitError",
                "errorMessage": f"RequestId: the-request Error: {how}",
            }
            assert how in raised.value.reason
            assert (await running.invoke("good"))[1] == "good"
            *_, error, end, report = running.texts("the-request", platform=True)
            assert error == f"RequestId: the-request Error: {how}"
            assert end == "END RequestId: the-request"
            assert report.endswith("\tStatus: error\tError Type: Runtime.ExitError")

    asyncio.run(run())


def test_a_handler_that_takes_too_long_is_killed(interpreter: Path, tmp_path: Path) -> None:
    source = write_handler("print(os.getpid()); time.sleep(60)")

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, timeout=2) as running:
            with pytest.raises(FunctionTimeoutError) as raised:
                await running.invoke("harm", request_id="the-request")
            assert (
                raised.value.reason
                == "HelloFunction timed out after 2 s; raise its Timeout or make it faster"
            )
            assert (await running.invoke("good"))[1] == "good"
            _, pid, error, _, report = running.texts("the-request")
            assert error == "RequestId: the-request Error: Task timed out after 2.00 seconds"
            assert "\tDuration: 2000.00 ms\t" in report
            assert report.endswith("\tStatus: timeout")
            assert not is_running(int(pid))

    asyncio.run(run())


def test_more_memory_than_the_function_has_is_a_crash(interpreter: Path, tmp_path: Path) -> None:
    source = write_handler("block = b'x' * (130 * 1024 * 1024); return 'answered all the same'")

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, memory_size=128) as running:
            with pytest.raises(FunctionMemoryError) as raised:
                await running.invoke("harm", request_id="the-request")
            assert raised.value.error_type == "Runtime.OutOfMemory"
            assert "of its 128 MB; raise its MemorySize" in raised.value.reason
            assert (await running.invoke("good"))[1] == "good"

    asyncio.run(run())


def test_a_response_that_took_too_much_memory_is_none(interpreter: Path, tmp_path: Path) -> None:
    """The memory is taken and given back between two looks at it: only the peak tells, when it answers."""
    source = write_handler(
        "block = mmap.mmap(-1, 200 * MEGABYTE, flags=FLAGS); block.close(); return 'answered'"
    ).replace("import", "import mmap, ", 1)
    source += "\nMEGABYTE = 1024 * 1024\nFLAGS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE\n"

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, memory_size=128) as running:
            with pytest.raises(FunctionMemoryError):
                await running.invoke("harm")

    asyncio.run(run())


def test_the_first_reason_for_an_end_is_the_one_that_is_told(interpreter: Path, tmp_path: Path) -> None:
    """A function that is stopped while it dies of its memory has died of its memory."""
    source = write_handler("block = b'x' * (200 * 1024 * 1024); time.sleep(60)")

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, memory_size=128) as running:
            with pytest.raises(FunctionMemoryError):
                await running.invoke("harm", request_id="the-request")
            await running.function.stop()
            report = running.texts("the-request", platform=True)[-1]
            assert report.endswith("\tStatus: error\tError Type: Runtime.OutOfMemory")

    asyncio.run(run())


def test_a_handler_that_allocates_without_end_is_stopped_before_its_timeout(
    interpreter: Path, tmp_path: Path
) -> None:
    source = write_handler("block = []\n    while True: block.append(b'x' * 1024 * 1024); time.sleep(0.001)")

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, memory_size=128, timeout=60) as running:
            with pytest.raises(FunctionMemoryError):
                await running.invoke("harm")

    asyncio.run(run())


def test_megabytes_of_output_without_line_feed_block_nothing(interpreter: Path, tmp_path: Path) -> None:
    source = write_handler("sys.stdout.write('x' * (5 * 1024 * 1024)); return 'written'")

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            assert await running.invoke("harm", request_id="the-request") == "written"
            await running.wait_for_text("REPORT")
            pieces = running.texts("the-request", platform=False)
            assert sum(map(len, pieces)) == 5 * 1024 * 1024
            assert max(map(len, pieces)) <= 256 * 1024 + 64 * 1024

    asyncio.run(run())


@pytest.mark.parametrize(
    "harm",
    [
        "sys.stdout.close(); return 'closed'",
        "os.close(1); os.close(2); return 'closed'",
        "os.closerange(0, 64); return 'closed'",
    ],
)
def test_closed_descriptors_hang_no_client(interpreter: Path, tmp_path: Path, harm: str) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, write_handler(harm), timeout=2) as running:
            with contextlib.suppress(FunctionCrashError, FunctionTimeoutError):
                assert await running.invoke("harm") == "closed"
            assert (await running.invoke("good"))[1] == "good"

    asyncio.run(run())


def test_a_process_killed_from_outside_fails_its_invocation_alone(interpreter: Path, tmp_path: Path) -> None:
    source = """
        import os, time

        def handler(event, context):
            if event == "pid":
                return os.getpid()
            print(os.getpid(), "is busy")
            time.sleep(60)
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            busy = asyncio.create_task(running.invoke("wait"))
            texts = await running.wait_for_text("is busy")
            pid = int(next(text for text in texts if "is busy" in text).split()[0])
            queued = asyncio.create_task(running.invoke("pid"))
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(FunctionCrashError):
                await busy
            assert await queued != pid

    asyncio.run(run())


def test_a_process_killed_while_it_waits_is_replaced(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, write_handler("")) as running:
            pid, _ = await running.invoke("good")
            await running.wait_for_text("REPORT")
            os.kill(pid, signal.SIGKILL)
            await running.wait_for_text("signal: killed (between two invocations)")
            assert (await running.invoke("good"))[0] != pid

    asyncio.run(run())


def test_a_process_that_ignores_sigterm_is_killed_at_the_stop(interpreter: Path, tmp_path: Path) -> None:
    source = """
        import os, signal

        signal.signal(signal.SIGTERM, signal.SIG_IGN)

        def handler(event, context):
            return os.getpid()
    """

    async def run() -> int:
        async with run_function(interpreter, tmp_path, source) as running:
            return int(await running.invoke())

    assert not is_running(asyncio.run(run()))


@pytest.mark.rule("function.shutdown")
def test_what_a_handler_does_at_sigterm_is_done_at_the_stop_without_extensions_too(
    interpreter: Path, tmp_path: Path
) -> None:
    ended = tmp_path / "ended"
    source = f"""
        import os, pathlib, signal

        def end(number, frame):
            print("closes its connections")
            pathlib.Path({str(ended)!r}).touch()
            os._exit(0)

        signal.signal(signal.SIGTERM, end)

        def handler(event, context):
            return "answered"
    """

    async def run() -> list[str]:
        async with run_function(interpreter, tmp_path / "function", source) as running:
            await running.invoke()
            await running.wait_for_text("REPORT")
            await running.function.stop()
            return running.texts(platform=False)

    assert asyncio.run(run()) == ["closes its connections"]
    assert ended.exists()


def test_two_functions_never_see_each_others_processes(interpreter: Path, tmp_path: Path) -> None:
    """A handler that kills its own group ends itself and nobody else."""
    source = write_handler("os.killpg(0, signal.SIGKILL)")

    async def run() -> None:
        async with (
            run_function(interpreter, tmp_path / "one", source) as one,
            run_function(interpreter, tmp_path / "two", source) as two,
        ):
            pid = (await two.invoke("good"))[0]
            with pytest.raises(FunctionCrashError):
                await one.invoke("harm")
            assert await two.invoke("good") == [pid, "good"]
            await wait_until(lambda: len(find_function_processes(tmp_path)) == 1)

    asyncio.run(run())
