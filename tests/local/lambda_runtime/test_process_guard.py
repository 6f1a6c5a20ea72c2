"""A stage that is killed outright leaves no process behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from local_stage.lambda_runtime.process_guard import ProcessGuard
from tests.local.lambda_runtime.running_function import wait_until, write_source
from tests.processes import is_running

REPOSITORY = Path(__file__).parents[3]

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
            return [os.getpid(), subprocess.Popen(["sleep", "60"]).pid]
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
            cwd=REPOSITORY,
            env={"PYTHONPATH": str(REPOSITORY)},
        )
        assert stage.stdout is not None
        pids = [int(pid) for pid in (await stage.stdout.readline()).split()]
        assert all(map(is_running, pids))
        stage.kill()
        await stage.communicate()
        await wait_until(lambda: not any(map(is_running, pids)))
        return pids

    assert len(asyncio.run(run())) == 3


def test_guard_kills_what_is_watched_and_spares_what_is_released() -> None:
    async def run() -> None:
        guard = ProcessGuard()
        await guard.start()
        sleepers = [
            await asyncio.create_subprocess_exec("sleep", "60", start_new_session=True) for _ in range(3)
        ]
        for sleeper in sleepers:
            guard.watch(sleeper.pid)
        guard.release(sleepers[1].pid)
        await guard.stop()
        assert await sleepers[0].wait() == -signal.SIGKILL
        assert await sleepers[2].wait() == -signal.SIGKILL
        assert sleepers[1].returncode is None
        sleepers[1].kill()
        await sleepers[1].wait()

    asyncio.run(run())


def test_guard_that_somebody_killed_does_not_disturb_the_stage() -> None:
    async def run() -> None:
        guard = ProcessGuard()
        await guard.start()
        assert guard.pid is not None
        guard_pid = guard.pid
        os.kill(guard_pid, signal.SIGKILL)
        await wait_until(lambda: not is_running(guard_pid))
        guard.watch(1)
        guard.release(1)
        await guard.stop()

    asyncio.run(run())
