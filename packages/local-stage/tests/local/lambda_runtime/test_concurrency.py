"""Several invocations at once: each its own answer, no more processes than allowed, warm ones first."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import (
    FunctionCrashError,
    FunctionStoppedError,
    FunctionThrottledError,
)
from tests.local.lambda_runtime.running_function import RunningFunction, run_function

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)

ECHO_WITH_PID = """
    import os

    def handler(event, context):
        return [event, context.aws_request_id, os.getpid()]
"""

WAITS_FOR_FILE = """
    import os, pathlib, time

    def handler(event, context):
        print("waiting", flush=True)
        while not pathlib.Path(event).exists():
            time.sleep(0.005)
        return os.getpid()
"""


async def _count_waiting(running: RunningFunction, count: int) -> None:
    await running.wait_for_log(lambda texts: texts.count("waiting") == count)


def _reports(texts: list[str]) -> list[str]:
    return [text for text in texts if text.startswith("REPORT ")]


def test_fifty_at_once_each_get_their_own_answer(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", ECHO_WITH_PID, concurrency=4) as running:
            answers = await asyncio.gather(*(running.invoke(n, f"request-{n}") for n in range(50)))
            assert [answer[:2] for answer in answers] == [[n, f"request-{n}"] for n in range(50)]
            assert len({answer[2] for answer in answers}) <= 4
            assert running.function.refused_calls == 0

    asyncio.run(run())


def test_each_environment_starts_cold_exactly_once(interpreter: Path, tmp_path: Path) -> None:
    source = """
        import os

        invocations = []

        def handler(event, context):
            invocations.append(context.aws_request_id)
            return [os.getpid(), len(invocations) == 1, os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]]
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", source, concurrency=3) as running:
            answers = await asyncio.gather(*(running.invoke(n) for n in range(30)))
            assert sorted(pid for pid, is_cold, _ in answers if is_cold) == sorted(
                {pid for pid, *_ in answers}
            )
            assert {kind for *_, kind in answers} == {"on-demand"}
            texts = await running.wait_for_log(lambda texts: len(_reports(texts)) == 30)
            assert sum("Init Duration: " in text for text in _reports(texts)) == sum(
                is_cold for _, is_cold, _ in answers
            )

    asyncio.run(run())


def test_one_after_the_other_use_one_warm_environment(interpreter: Path, tmp_path: Path) -> None:
    """Even when the next comes before the process has asked for it."""

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", ECHO_WITH_PID, concurrency=4) as running:
            answers = [await running.invoke(n) for n in range(200)]
            assert len({answer[2] for answer in answers}) == 1

    asyncio.run(run())


def test_the_environment_used_last_is_used_next(interpreter: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", WAITS_FOR_FILE, concurrency=2) as running:
            first = asyncio.create_task(running.invoke(str(one), "first"))
            second = asyncio.create_task(running.invoke(str(two), "second"))
            await _count_waiting(running, 2)
            two.touch()
            await second
            await running.wait_for_text("REPORT RequestId: second")
            one.touch()
            pid = await first
            await running.wait_for_text("REPORT RequestId: first")
            assert await running.invoke(str(one)) == pid

    asyncio.run(run())


def test_without_reservation_what_comes_beyond_waits_in_turn(interpreter: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", WAITS_FOR_FILE, concurrency=2) as running:
            invocations = [
                asyncio.create_task(running.invoke(str(gate), f"request-{number}")) for number in range(6)
            ]
            await _count_waiting(running, 2)
            gate.touch()
            assert len(set(await asyncio.gather(*invocations))) == 2
            starts = [text.split()[2] for text in running.texts(platform=True) if text.startswith("START")]
            assert starts == [f"request-{number}" for number in range(6)]

    asyncio.run(run())


def test_beyond_its_reservation_a_function_is_throttled_at_once(interpreter: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"

    async def run() -> None:
        async with run_function(
            interpreter, tmp_path / "function", WAITS_FOR_FILE, reserved_concurrency=1
        ) as running:
            busy = asyncio.create_task(running.invoke(str(gate)))
            await _count_waiting(running, 1)
            with pytest.raises(FunctionThrottledError) as raised:
                await running.invoke(str(gate))
            assert raised.value.error_type == "TooManyRequestsException"
            assert raised.value.message == "Rate Exceeded."
            gate.touch()
            pid = await busy
            assert await running.invoke(str(gate)) == pid

    asyncio.run(run())


def test_a_function_that_reserves_nothing_at_all_is_off(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(
            interpreter, tmp_path / "function", ECHO_WITH_PID, reserved_concurrency=0
        ) as running:
            await running.function.start()
            with pytest.raises(FunctionThrottledError):
                await running.invoke()

    asyncio.run(run())


def test_a_caller_who_goes_away_leaves_the_environment_good(interpreter: Path, tmp_path: Path) -> None:
    """The invocation runs to its end, as in Lambda, and its answer reaches nobody."""
    gate = tmp_path / "gate"

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", WAITS_FOR_FILE) as running:
            gone = asyncio.create_task(running.invoke(str(gate), "gone"))
            await _count_waiting(running, 1)
            gone.cancel()
            with pytest.raises(asyncio.CancelledError):
                await gone
            following = asyncio.create_task(running.invoke(str(gate), "following"))
            gate.touch()
            assert await following
            assert running.texts("gone")[-1].startswith("REPORT RequestId: gone\t")
            assert "Status" not in running.texts("gone")[-1]

    asyncio.run(run())


def test_a_caller_who_goes_away_before_his_turn_is_dropped(interpreter: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", WAITS_FOR_FILE) as running:
            busy = asyncio.create_task(running.invoke(str(gate), "busy"))
            await _count_waiting(running, 1)
            dropped = asyncio.create_task(running.invoke(str(gate), "dropped"))
            following = asyncio.create_task(running.invoke(str(gate), "following"))
            await asyncio.sleep(0)
            dropped.cancel()
            gate.touch()
            await asyncio.gather(busy, following)
            assert running.texts("dropped") == []

    asyncio.run(run())


def test_processes_killed_at_random_cost_their_own_invocation_only(interpreter: Path, tmp_path: Path) -> None:
    choose = random.Random(20261122)  # noqa: S311 - the same processes in each run

    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", ECHO_WITH_PID, concurrency=3) as running:

            async def invoke(number: int) -> str:
                try:
                    event, request_id, pid = await running.invoke(number, f"request-{number}")
                except FunctionCrashError:
                    return "crashed"
                assert (event, request_id) == (number, f"request-{number}")
                if choose.random() < 0.2:
                    os.kill(pid, signal.SIGKILL)
                return "answered"

            async def caller(first: int) -> list[str]:
                return [await invoke(first + number) for number in range(20)]

            callers = await asyncio.gather(*(caller(first * 100) for first in range(5)))
            results = list(itertools.chain.from_iterable(callers))
            assert set(results) <= {"answered", "crashed"}
            assert results.count("answered") > 50
            # The last process killed may be known to be dead only after the next invocation.
            assert "answered" in [
                await invoke(1000),
                await invoke(1001),
                await invoke(1002),
                await invoke(1003),
            ]

    asyncio.run(run())


def test_stopping_fails_what_runs_and_what_waits(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path / "function", WAITS_FOR_FILE) as running:
            invocations = [asyncio.create_task(running.invoke(str(tmp_path / "never"))) for _ in range(3)]
            await _count_waiting(running, 1)
            await running.function.stop()
            results = await asyncio.gather(*invocations, return_exceptions=True)
            assert {type(result) for result in results} == {FunctionStoppedError}
            with pytest.raises(FunctionStoppedError):
                await running.invoke()

    asyncio.run(run())
