"""Environments that nobody calls end after a while, and the next call starts cold."""

from __future__ import annotations

import asyncio
from pathlib import Path

from local_stage.lambda_runtime.functions import Functions
from tests.local.lambda_runtime.running_function import (
    build_settings,
    find_function_processes,
    run_function,
    wait_until,
    write_source,
)
from tests.manual_clock import ManualClock

WAITS_FOR_FILE = """
    import os, pathlib, time

    def handler(event, context):
        print("waiting", flush=True)
        while event and not pathlib.Path(event).exists():
            time.sleep(0.005)
        return os.getpid()
"""
TEN_MINUTES = 600.0


def test_what_nobody_has_called_for_ten_minutes_ends(interpreter: Path, tmp_path: Path) -> None:
    clock, folder = ManualClock(), tmp_path / "function"

    async def run() -> None:
        async with run_function(interpreter, folder, WAITS_FOR_FILE, clock=clock) as running:
            first = await running.invoke()
            await wait_until(lambda: len([text for text in running.texts() if "REPORT" in text]) == 1)
            clock.advance(TEN_MINUTES - 1)
            running.function.end_unused(TEN_MINUTES)
            assert await running.invoke() == first
            await wait_until(lambda: len([text for text in running.texts() if "REPORT" in text]) == 2)
            clock.advance(TEN_MINUTES)
            running.function.end_unused(TEN_MINUTES)
            await running.wait_for_text("HelloFunction has not been called for 10 min: a call starts it anew")
            await wait_until(lambda: not find_function_processes(folder))
            assert await running.invoke() != first
            reports = await running.wait_for_log(lambda texts: sum("REPORT" in text for text in texts) == 3)
            assert ["Init Duration" in text for text in reports if "REPORT" in text] == [True, False, True]

    asyncio.run(run())


def test_what_is_busy_stays_however_long_it_takes(interpreter: Path, tmp_path: Path) -> None:
    clock, door = ManualClock(), tmp_path / "door"

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", WAITS_FOR_FILE, clock=clock) as running:
            call = asyncio.create_task(running.invoke(str(door)))
            await running.wait_for_text("waiting")
            clock.advance(2 * TEN_MINUTES)
            running.function.end_unused(TEN_MINUTES)
            door.touch()
            assert await running.invoke() == await call

    asyncio.run(run())


def test_the_stages_functions_end_by_themselves(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "function"
    write_source(folder, WAITS_FOR_FILE)
    functions = Functions(
        cache_folder=cache,
        layers_folder=tmp_path / "layers",
        aws_endpoint_url="http://127.0.0.1:1",
        log=print,
        idle_time=0.1,
    )

    async def run() -> None:
        await functions.start()
        try:
            (function,) = (await functions.run([build_settings(folder)])).values()
            await function.invoke(b"null", request_id="request", trace_header="trace")
            await wait_until(lambda: not find_function_processes(folder))
        finally:
            await functions.stop()
        assert not find_function_processes(folder)

    asyncio.run(run())
