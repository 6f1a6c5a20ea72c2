"""After a save the next invocation runs the new code, what runs ends as it began, nobody gets an error."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from local_stage.errors import StartError
from local_stage.lambda_runtime.code_folders import CodeFolders, WrittenFiles
from local_stage.lambda_runtime.function_error import FunctionInitError, FunctionStoppedError
from local_stage.lambda_runtime.function_process import Launch
from local_stage.lambda_runtime.requirements import install_requirements
from local_stage.lambda_runtime.runtimes.python import PreparedPython
from tests.local.lambda_runtime.running_function import (
    build_settings,
    run_function,
    wait_until,
    write_source,
)
from tests.local.lambda_runtime.test_requirements import write_wheel
from tests.processes import is_running

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)


def answering(text: str) -> str:
    return f"""
        import os

        def handler(event, context):
            return [{text!r}, os.getpid()]
    """


WAITS_FOR_FILE = """
    import pathlib, time

    def handler(event, context):
        print("waiting")
        while not pathlib.Path(event).exists():
            time.sleep(0.005)
        return "old"
"""


def test_each_save_is_seen_by_the_next_invocation(interpreter: Path, tmp_path: Path) -> None:
    """Saves of the same size within one second too, which Python's bytecode would hide."""

    async def run() -> None:
        async with run_function(interpreter, tmp_path, answering("0")) as running:
            for number in map(str, range(1, 6)):
                assert (await running.invoke())[0] == str(int(number) - 1)
                write_source(tmp_path, answering(number))
                assert (await running.invoke())[0] == number

    asyncio.run(run())


def test_a_save_ends_the_environments_that_wait(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, answering("old")) as running:
            _, pid = await running.invoke()
            write_source(tmp_path, "TEXT = 'a module beside the handler'", "more/text.py")
            await running.invoke()
            await wait_until(lambda: not is_running(pid))

    asyncio.run(run())


def test_what_runs_during_a_save_ends_on_the_old_code(interpreter: Path, tmp_path: Path) -> None:
    """And the next invocation does not wait for it, though there is one environment at a time."""
    gate, folder = tmp_path / "gate", tmp_path / "function"

    async def run() -> None:
        async with run_function(interpreter, folder, WAITS_FOR_FILE) as running:
            old = asyncio.create_task(running.invoke(str(gate)))
            await running.wait_for_text("waiting")
            write_source(folder, answering("new"))
            assert (await running.invoke())[0] == "new"
            gate.touch()
            assert await old == "old"

    asyncio.run(run())


def test_what_waits_during_a_save_runs_the_new_code(interpreter: Path, tmp_path: Path) -> None:
    gate, folder = tmp_path / "gate", tmp_path / "function"

    async def run() -> None:
        async with run_function(interpreter, folder, WAITS_FOR_FILE) as running:
            old = asyncio.create_task(running.invoke(str(gate)))
            await running.wait_for_text("waiting")
            waiting = asyncio.create_task(running.invoke(str(gate)))
            await asyncio.sleep(0)
            write_source(folder, answering("new"))
            await running.invoke()
            assert (await waiting)[0] == "new"
            gate.touch()
            assert await old == "old"

    asyncio.run(run())


def test_a_broken_save_is_an_error_until_it_is_mended(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, answering("good")) as running:
            await running.invoke()
            write_source(tmp_path, "def handler(:")
            for _ in range(2):
                with pytest.raises(FunctionInitError):
                    await running.invoke()
            write_source(tmp_path, answering("mended"))
            assert (await running.invoke())[0] == "mended"

    asyncio.run(run())


def test_callers_under_load_get_no_error_from_a_reload(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, answering("0"), concurrency=2) as running:

            async def call() -> list[str]:
                return [(await running.invoke())[0] for _ in range(100)]

            callers = [asyncio.create_task(call()) for _ in range(4)]
            for number in range(1, 6):
                await running.invoke()
                write_source(tmp_path, answering(str(number)))
            for answers in await asyncio.gather(*callers):
                assert answers == sorted(answers)
            assert (await running.invoke())[0] == "5"

    asyncio.run(run())


GREETS_FROM_PACKAGE = """
    import greeting_package

    def handler(event, context):
        return greeting_package.TEXT
"""


def test_invocations_that_come_together_share_a_look_at_many_files(interpreter: Path, tmp_path: Path) -> None:
    """Each for itself they would take forty times the CPU of a look; and all of them run what was saved."""
    for number in range(2000):
        (tmp_path / f"{number}.json").touch()

    async def run() -> None:
        async with run_function(interpreter, tmp_path, answering("old")) as running:
            await running.invoke()
            begun = time.thread_time()
            assert not CodeFolders([tmp_path], WrittenFiles()).has_changed()
            two_looks, begun = time.thread_time() - begun, time.thread_time()
            await asyncio.gather(*(running.invoke() for _ in range(40)))
            assert time.thread_time() - begun < 10 * two_looks
            write_source(tmp_path, answering("new"))
            answers = await asyncio.gather(*(running.invoke() for _ in range(40)))
            assert {answer for answer, _ in answers} == {"new"}

    asyncio.run(run())


def test_changed_requirements_are_installed(interpreter: Path, tmp_path: Path) -> None:
    folder = tmp_path / "function"

    async def run() -> None:
        async with run_function(interpreter, folder, GREETS_FROM_PACKAGE, renew=install(tmp_path)) as running:
            with pytest.raises(FunctionInitError, match="No module named 'greeting_package'"):
                await running.invoke()
            write_source(folder, f"./{write_wheel(folder, 'hello')}\n", "requirements.txt")
            assert await asyncio.gather(*(running.invoke() for _ in range(3))) == ["hello"] * 3

    asyncio.run(run())


def test_changed_requirements_outside_the_folder_are_installed(interpreter: Path, tmp_path: Path) -> None:
    folder = tmp_path / "function"
    write_source(folder, "-r ../base.txt\n", "requirements.txt")
    (tmp_path / "base.txt").write_bytes("# no UTF-8: café\n".encode("latin-1"))
    wheel = write_wheel(folder, "hello")

    async def run() -> None:
        async with run_function(interpreter, folder, GREETS_FROM_PACKAGE, renew=install(tmp_path)) as running:
            with pytest.raises(FunctionInitError, match="No module named 'greeting_package'"):
                await running.invoke()
            (tmp_path / "base.txt").write_text(f"./{wheel}\n")
            assert await running.invoke() == "hello"

    asyncio.run(run())


def install(folder: Path) -> Callable[[Launch], Awaitable[Launch]]:
    """Return what renews a launch by installing its requirements, as the stage does."""

    async def renew(launch: Launch) -> Launch:
        packages = await install_requirements(
            launch.settings.code_folder, "HelloFunction", folder / "cache", print
        )
        assert isinstance(launch.runtime, PreparedPython)
        runtime = dataclasses.replace(launch.runtime, requirements_folder=packages)
        return dataclasses.replace(launch, runtime=runtime)

    return renew


def test_requirements_that_cannot_be_installed_are_every_callers_error(
    interpreter: Path, tmp_path: Path
) -> None:
    async def renew(launch: Launch) -> Launch:
        if (tmp_path / "requirements.txt").read_text() == "broken":
            raise StartError("pip: no such package", file="requirements.txt")
        return launch

    async def run() -> None:
        async with run_function(interpreter, tmp_path, answering("good"), renew=renew) as running:
            write_source(tmp_path, "broken", "requirements.txt")
            for _ in range(2):
                with pytest.raises(FunctionInitError, match=r"requirements\.txt: pip: no such package"):
                    await running.invoke(request_id="failed")
                assert "requirements.txt: pip: no such package" in running.texts("failed")[-3]
                assert running.texts("failed")[-1].endswith("\tError Type: Runtime.RequirementsError")
            write_source(tmp_path, "mended", "requirements.txt")
            assert (await running.invoke())[0] == "good"

    asyncio.run(run())


def test_whatever_a_reload_ends_in_the_old_code_does_not_answer(interpreter: Path, tmp_path: Path) -> None:
    async def renew(launch: Launch) -> Launch:
        del launch
        raise ValueError("nobody has thought of it")

    async def run() -> None:
        async with run_function(interpreter, tmp_path, answering("old"), renew=renew) as running:
            write_source(tmp_path, answering("new"))
            for _ in range(2):
                with pytest.raises(FunctionInitError, match="nobody has thought of it"):
                    await running.invoke()

    asyncio.run(run())


def test_stopping_during_a_reload_ends_it(interpreter: Path, tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def renew(launch: Launch) -> Launch:
        begun.set()
        await asyncio.Event().wait()
        return launch

    async def run() -> None:
        async with run_function(interpreter, tmp_path, answering("old"), renew=renew) as running:
            write_source(tmp_path, answering("new"))
            invocation = asyncio.create_task(running.invoke())
            await begun.wait()
            await running.function.stop()
            with pytest.raises(FunctionStoppedError):
                await invocation

    asyncio.run(run())


def test_a_new_launch_replaces_the_settings(interpreter: Path, tmp_path: Path) -> None:
    """As when the template has changed."""
    source = """
        import os

        def handler(event, context):
            return os.environ["GREETING"]
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, environment={"GREETING": "old"}) as running:
            assert await running.invoke() == "old"
            settings = build_settings(tmp_path, environment={"GREETING": "new"})
            running.function.replace(dataclasses.replace(running.launch, settings=settings))
            assert await running.invoke() == "new"

    asyncio.run(run())
