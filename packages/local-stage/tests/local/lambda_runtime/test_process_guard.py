"""A stage that is killed outright leaves no process behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from pathlib import Path

from local_stage.lambda_runtime.process_guard import ProcessGuard, kill_marked_processes
from tests.local.lambda_runtime.running_function import PATIENCE, wait_until, write_source
from tests.processes import is_running

PACKAGE = Path(__file__).parents[3]
VARIABLE = "AWS_LAMBDA_LOG_STREAM_NAME"
MARK = f"{VARIABLE}=2026/11/23/[$LATEST]00000000000000000000000000000000"

STAGE = """
    import asyncio, sys
    from pathlib import Path

    from tests.local.lambda_runtime.running_function import run_function

    async def main():
        interpreter, folder = map(Path, sys.argv[1:])
        async with run_function(interpreter, folder, None, concurrency=2, timeout=60) as running:
            pids = await running.invoke("pids")
            busy = asyncio.create_task(running.invoke("busy"))
            waiting = asyncio.create_task(running.invoke("busy"))
            await running.wait_for_log(lambda texts: sum("busy" in text for text in texts) == 2)
            busy_pids = [int(text.split()[1]) for text in running.texts() if text.startswith("busy")]
            print(*{*pids, *busy_pids}, flush=True)
            await asyncio.gather(busy, waiting)

    asyncio.run(main())
"""

FUNCTION = """
    import os, subprocess, time

    def handler(event, context):
        if event == "pids":
            sleepers = [subprocess.Popen(["sleep", "60"], start_new_session=new) for new in (False, True)]
            return [os.getpid(), *(sleeper.pid for sleeper in sleepers)]
        print("busy", os.getpid())
        time.sleep(60)
"""


def test_sigkill_on_the_stage_ends_busy_environments_and_what_they_forked(
    interpreter: Path, tmp_path: Path
) -> None:
    write_source(tmp_path, STAGE, "stage.py")
    write_source(tmp_path / "function", FUNCTION)

    async def run() -> list[int]:
        stage = await asyncio.create_subprocess_exec(
            *(sys.executable, tmp_path / "stage.py", interpreter, tmp_path / "function"),
            stdout=asyncio.subprocess.PIPE,
            cwd=PACKAGE,
            env={"PYTHONPATH": str(PACKAGE)},
        )
        assert stage.stdout is not None
        pids = [int(pid) for pid in (await stage.stdout.readline()).split()]
        assert all(map(is_running, pids))
        stage.kill()
        await stage.communicate()
        await wait_until(lambda: not any(map(is_running, pids)))
        return pids

    assert len(asyncio.run(run())) == 4


async def start_sleeper(variable: str = "", value: str = "") -> asyncio.subprocess.Process:
    environment = {variable: value} if variable else {}
    return await asyncio.create_subprocess_exec("sleep", "60", start_new_session=True, env=environment)


async def end(sleeper: asyncio.subprocess.Process) -> None:
    """End a process that must still be running."""
    assert is_running(sleeper.pid)
    sleeper.kill()
    await sleeper.wait()


def test_guard_kills_what_is_watched_and_spares_what_is_released() -> None:
    async def run() -> None:
        guard = ProcessGuard()
        await guard.start()
        sleepers = [await start_sleeper() for _ in range(3)]
        marks = [f"{VARIABLE}=2026/11/23/[$LATEST]{uuid.uuid4().hex}" for _ in sleepers]
        for sleeper, mark in zip(sleepers, marks, strict=True):
            guard.watch(sleeper.pid, mark)
        guard.release(sleepers[1].pid, marks[1])
        await guard.stop()
        assert await sleepers[0].wait() == -signal.SIGKILL
        assert await sleepers[2].wait() == -signal.SIGKILL
        await end(sleepers[1])

    asyncio.run(run())


def test_guard_kills_what_carries_a_watched_mark_and_nothing_that_resembles_it() -> None:
    value = f"2026/11/23/[$LATEST]{uuid.uuid4().hex}"

    async def run() -> None:
        guard = ProcessGuard()
        await guard.start()
        watched, marked = await start_sleeper(), await start_sleeper(VARIABLE, value)
        others = [
            await start_sleeper(),
            await start_sleeper(VARIABLE),
            await start_sleeper(VARIABLE, f"{value}0"),
            await start_sleeper(VARIABLE, value[:-1]),
            await start_sleeper(f"THE_{VARIABLE}", value),
            await start_sleeper("PARENTS", f"{VARIABLE}={value}"),
            await start_sleeper(VARIABLE, value.replace("[$LATEST]", "$")),
        ]
        guard.watch(watched.pid, f"{VARIABLE}={value}")
        await guard.stop()
        assert await watched.wait() == -signal.SIGKILL
        assert await marked.wait() == -signal.SIGKILL
        for other in others:
            await end(other)

    asyncio.run(run())


def test_guard_that_watches_nothing_kills_nothing() -> None:
    async def run() -> None:
        guard = ProcessGuard()
        await guard.start()
        sleeper = await start_sleeper()
        guard.watch(sleeper.pid, MARK)
        guard.release(sleeper.pid, MARK)
        await guard.stop()
        await end(sleeper)

    asyncio.run(run())


def test_only_what_carries_the_mark_is_killed() -> None:
    value = uuid.uuid4().hex

    async def run() -> None:
        marked = await start_sleeper(VARIABLE, value)
        others = [
            await start_sleeper(),
            await start_sleeper(VARIABLE, f"{value}0"),
            await start_sleeper(f"THE_{VARIABLE}", value),
            await start_sleeper("PARENTS", f"{VARIABLE}={value}"),
        ]
        await kill_marked_processes(f"{VARIABLE}={value}")
        assert await marked.wait() == -signal.SIGKILL
        for other in others:
            await end(other)

    asyncio.run(run())


def test_what_is_about_to_start_is_killed_too() -> None:
    """For a moment a program that begins has no environment in which its mark could be read."""

    async def run() -> None:
        for _ in range(200):
            value = uuid.uuid4().hex
            sleeper = await start_sleeper(VARIABLE, value)
            await kill_marked_processes(f"{VARIABLE}={value}")
            assert await sleeper.wait() == -signal.SIGKILL

    async def run_in_time() -> None:
        async with asyncio.timeout(PATIENCE):
            await run()

    asyncio.run(run_in_time())


def test_guard_that_somebody_killed_does_not_disturb_the_stage() -> None:
    async def run() -> None:
        guard = ProcessGuard()
        await guard.start()
        assert guard.pid is not None
        guard_pid = guard.pid
        os.kill(guard_pid, signal.SIGKILL)
        await wait_until(lambda: not is_running(guard_pid))
        guard.watch(1, MARK)
        guard.release(1, MARK)
        await guard.stop()

    asyncio.run(run())
