"""A function that really runs: its source is written to a folder, its log is kept for the test to read."""

from __future__ import annotations

import asyncio
import itertools
import json
import textwrap
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from local_stage.lambda_runtime.change_notices import ChangeNotices
from local_stage.lambda_runtime.code_folders import CodeFolders, WrittenFiles
from local_stage.lambda_runtime.function_log import LogLine
from local_stage.lambda_runtime.function_process import Launch
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.lambda_function import LambdaFunction
from local_stage.lambda_runtime.process_guard import ProcessGuard
from local_stage.lambda_runtime.runtimes.python import PreparedPython
from local_stage.lambda_runtime.runtimes.runtime import PreparedRuntime
from tests.processes import command_line, processes_in

ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:hello-api-hello"
TRACE_HEADER = (
    "Root=1-67891233-abcdef012345678912345678;Parent=0123456789abcdef;Sampled=0;Lineage=1:0a1b2c3d:0"
)
PATIENCE = 60.0
"""Seconds after which a condition that does not come about fails the test."""


class RunningFunction:
    """A function and what it logged."""

    def __init__(
        self,
        launch: Launch,
        concurrency: int,
        renew: Callable[[Launch], Awaitable[Launch]] | None,
        written_files: WrittenFiles | None,
        clock: Callable[[], float],
    ) -> None:
        self.lines: list[LogLine] = []
        self.notices = ChangeNotices()
        self.launch = launch
        self.function = LambdaFunction(
            launch,
            log=self._take,
            clock=clock,
            concurrency=concurrency,
            renew=(lambda: renew(launch)) if renew else None,
            look_at=partial(
                CodeFolders,
                written_files=WrittenFiles() if written_files is None else written_files,
                notices=self.notices,
            ),
        )
        self._logged = asyncio.Event()
        self._numbers = itertools.count(1)

    async def invoke(self, event: object = None, request_id: str | None = None) -> Any:
        """Return the handler's answer to the event."""
        request_id = request_id or f"request-{next(self._numbers)}"
        body = json.dumps(event).encode()
        return json.loads(await self.function.invoke(body, request_id=request_id, trace_header=TRACE_HEADER))

    async def wait_for_log(self, condition: Callable[[list[str]], bool]) -> list[str]:
        """Return the log's texts as soon as they fulfil the condition."""
        async with asyncio.timeout(PATIENCE):
            while not condition(self.texts()):
                self._logged.clear()
                await self._logged.wait()
        return self.texts()

    async def wait_for_text(self, text: str) -> list[str]:
        """Return the log's texts as soon as one of them contains the text."""
        return await self.wait_for_log(lambda texts: any(text in line for line in texts))

    def texts(self, request_id: str | None = None, *, platform: bool | None = None) -> list[str]:
        """Return the log's texts: all, or those of a request, or Lambda's or the function's own."""
        return [
            line.text
            for line in self.lines
            if (request_id is None or line.request_id == request_id)
            and (platform is None or line.platform is platform)
        ]

    def _take(self, line: LogLine) -> None:
        self.lines.append(line)
        self._logged.set()


def write_source(folder: Path, source: str, file: str = "app.py") -> None:
    """Write a module of the function."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source))


def build_settings(folder: Path, **changes: Any) -> FunctionSettings:
    """Build the settings of a function in that folder."""
    values = {
        "logical_id": "HelloFunction",
        "name": "hello-api-hello",
        "arn": ARN,
        "code_folder": folder,
        "handler": "app.handler",
        "runtime": "python3.13",
        "timeout": 10,
        "memory_size": 512,
        **changes,
    }
    return FunctionSettings(**values)


@asynccontextmanager
async def run_function(
    interpreter: Path | PreparedRuntime,
    folder: Path,
    source: str | None,
    *,
    concurrency: int = 1,
    requirements_folder: Path | None = None,
    opt_folder: Path | None = None,
    init_timeout: float = 10.0,
    local_aws: Mapping[str, str] | None = None,
    renew: Callable[[Launch], Awaitable[Launch]] | None = None,
    written_files: WrittenFiles | None = None,
    debug_port: int | None = None,
    clock: Callable[[], float] = time.time,
    **changes: Any,
) -> AsyncIterator[RunningFunction]:
    """Run a function whose module `app` has this source; nothing of it is left afterwards.

    `interpreter` is a Python function's, or another runtime with what the function needs.

    What goes wrong in the event loop where no caller sees it fails the test.
    """
    if source is not None:
        write_source(folder, source)
    unseen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    guard = ProcessGuard()
    await guard.start()
    launch = Launch(
        build_settings(folder, **changes),
        PreparedPython(interpreter, requirements_folder) if isinstance(interpreter, Path) else interpreter,
        guard,
        opt_folder=opt_folder,
        init_timeout=init_timeout,
        local_aws=local_aws or {},
        debug_port=debug_port,
    )
    running = RunningFunction(launch, concurrency, renew, written_files, clock)
    try:
        yield running
    finally:
        await running.function.stop()
        running.notices.close()
        await guard.stop()
        assert unseen == []


async def wait_until(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition is true; for what no event tells, as another process's end."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - /proc has no event to wait for
            await asyncio.sleep(0.005)


def find_function_processes(folder: Path) -> set[int]:
    """Return the ids of the processes that run a function whose code lies in this folder or below it.

    Not all of this process's children: a stage that other tests share may run functions beside them.
    """
    return {pid for pid in processes_in(folder) if "local_stage_runtime" in command_line(pid)}
