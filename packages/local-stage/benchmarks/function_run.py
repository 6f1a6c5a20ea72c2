"""A function in one execution environment, without the stage around it: started, invoked, timed."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_stage.lambda_runtime.function_process import Launch
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.lambda_function import LambdaFunction
from local_stage.lambda_runtime.process_guard import ProcessGuard
from local_stage.lambda_runtime.requirements import make_interpreter
from local_stage.lambda_runtime.runtimes.python import RUNTIME_REQUIREMENTS, PreparedPython
from tests.stage_process import CACHE

REPOSITORY: Final = Path(__file__).parents[3]
EVENT: Final = (REPOSITORY / "events" / "signed_in.json").read_bytes()
TRACE_HEADER: Final = (
    "Root=1-67891233-abcdef012345678912345678;Parent=0123456789abcdef;Sampled=0;Lineage=1:0a1b2c3d:0"
)
VARIABLES: Final = {"ALLOWED_ORIGIN": "http://localhost:5173", "POWERTOOLS_SERVICE_NAME": "hello-api"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A function to time: its name in the tables, the folder that would be its /var/task, a note on it."""

    name: str
    folder: Path
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Milliseconds until a new environment asks for its first event, and from that event to its answer."""

    init: float
    first_invocation: float


class Bench:
    """Runs functions with AWS's runtime interface client, as the stage does."""

    def __init__(self, interpreter: Path, guard: ProcessGuard) -> None:
        self._interpreter = interpreter
        self._guard = guard

    @asynccontextmanager
    async def run(self, subject: Subject) -> AsyncIterator[LambdaFunction]:
        """Yield the function before its environment has been started; nothing is left of it afterwards."""
        settings = FunctionSettings(
            logical_id="HelloFunction",
            name="hello",
            arn="arn:aws:lambda:ap-northeast-1:123456789012:function:hello",
            code_folder=subject.folder,
            # A stage watches a function's source for changes, not the packages beside it: one file here too.
            source_folder=REPOSITORY / "packages" / "local-stage" / "benchmarks" / "bare_function",
            handler="app.lambda_handler",
            runtime="python3.13",
            timeout=10,
            memory_size=256,
            environment=VARIABLES,
            tracing=True,
        )
        launch = Launch(settings, PreparedPython(self._interpreter), self._guard)
        function = LambdaFunction(launch, log=lambda _: None, concurrency=1)
        try:
            yield function
        finally:
            await function.stop()

    async def time_cold_start(self, subject: Subject) -> ColdStart:
        """Start a new environment and invoke it once."""
        async with self.run(subject) as function:
            began = time.perf_counter()
            await function.start()
            ready = time.perf_counter()
            await invoke(function)
            return ColdStart((ready - began) * 1000, (time.perf_counter() - ready) * 1000)

    async def time_warm(self, subject: Subject, count: int) -> list[float]:
        """Return the milliseconds of so many invocations, one after the other, after the first few."""
        async with self.run(subject) as function:
            await function.start()
            for _ in range(20):
                await invoke(function)
            return [await _time(function) for _ in range(count)]


@asynccontextmanager
async def open_bench() -> AsyncIterator[Bench]:
    """Yield a bench; what it started is gone at the end."""
    guard = ProcessGuard()
    await guard.start()
    try:
        yield Bench(await make_interpreter([RUNTIME_REQUIREMENTS], CACHE, lambda _: None), guard)
    finally:
        await guard.stop()


async def invoke(function: LambdaFunction) -> None:
    """Invoke with the event of a person who has signed in. Raises RuntimeError unless the answer is 200."""
    answer: dict[str, Any] = json.loads(
        await function.invoke(
            EVENT, request_id="0a1b2c3d-0000-4000-8000-000000000000", trace_header=TRACE_HEADER
        )
    )
    if answer.get("statusCode") != 200:  # noqa: PLR2004 - what each of them answers to this event
        raise RuntimeError(f"{function.settings.code_folder}: {answer}")


async def _time(function: LambdaFunction) -> float:
    began = time.perf_counter()
    await invoke(function)
    return (time.perf_counter() - began) * 1000
