"""A Lambda function: its execution environments and the invocations that wait for one."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from local_stage.lambda_runtime.code_folders import CodeFolders, WrittenFiles
from local_stage.lambda_runtime.execution_environment import ExecutionEnvironment
from local_stage.lambda_runtime.function_error import (
    EventTooLargeError,
    FunctionError,
    FunctionInitError,
    FunctionStoppedError,
    FunctionThrottledError,
)
from local_stage.lambda_runtime.function_log import LogLine, LogSink
from local_stage.lambda_runtime.function_process import Launch
from local_stage.lambda_runtime.idle_environments import IdleEnvironments
from local_stage.lambda_runtime.invocation import Invocation, Phase, sample
from local_stage.lambda_runtime.runtime_connection import PAYLOAD_LIMIT


class LambdaFunction:
    """A function whose environments start on demand, one invocation at a time in each.

    At most `concurrency` of them run, by default one per core; what comes beyond waits in turn, and where the
    function reserves concurrency it is refused at once, as by Lambda.

    When a file of the function has changed, the next invocation runs the new code in new environments; what
    is running ends as it began. `renew` then gives the new launch; what it raises is every invocation's error
    until the next change. What the function itself writes is no change; `look_at` begins to look at folders.
    One that is debugged has one environment at a time: new code waits for the end of what is running.
    """

    def __init__(
        self,
        launch: Launch,
        *,
        log: LogSink,
        clock: Callable[[], float] = time.time,
        renew: Callable[[], Awaitable[Launch]] | None = None,
        concurrency: int | None = None,
        stop_grace: float = 0.5,
        look_at: Callable[[Sequence[Path]], CodeFolders] | None = None,
    ) -> None:
        self.settings = launch.settings
        self._name = launch.settings.logical_id
        self._launch = launch
        self._log = log
        self._clock = clock
        self._stop_grace = stop_grace
        self._reserved = launch.settings.reserved_concurrency
        self._concurrency = concurrency or os.cpu_count() or 1
        self._renew = renew
        self._reload: asyncio.Task[None] | None = None
        self._look: asyncio.Task[None] | None = None
        self._broken: Exception | None = None
        self._has_warned = False
        self._look_at = look_at or partial(CodeFolders, written_files=WrittenFiles())
        self._folders = self._look_at(launch.settings.folders)
        self._environments: set[ExecutionEnvironment] = set()
        self._retired: set[ExecutionEnvironment] = set()
        self._idle = IdleEnvironments(clock)
        self._waiting: deque[Invocation] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._changes = 0
        self._has_started = False

    async def start(self) -> None:
        """Start one environment ahead, so that the first request is warm; return when it is up or failed.

        A failure is in the log and not raised. The debugger of one that is debugged is not waited for.
        """
        if self._limit > 0 and not self._environments:
            environment = self._start_environment()
            if not self._launch.is_debugged:
                await environment.initialised

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:
        """Return what the handler returns for the event, in JSON.

        `trace_header` becomes `_X_AMZN_TRACE_ID`, sampled where the function's own tracing is active (that a
        caller's Sampled=0 gives way to it is unverified). Raises a FunctionError where there is no answer
        within the function's Timeout, from when an environment was free. A caller that is cancelled leaves a
        running handler alone; an invocation that still waits is dropped.
        """
        await self._catch_up()
        self._admit(event)
        header = sample(trace_header) if self.settings.tracing else trace_header
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        invocation = Invocation(request_id, header, event, answer)
        if self._broken is not None:
            error = FunctionInitError(self._name, "Runtime.RequirementsError", str(self._broken))
            self._build_environment().fail(invocation, error)
        else:
            self._waiting.append(invocation)
            self._assign()
        return await answer

    async def look_ahead(self) -> None:
        """Load what has been saved where nothing runs, and start it, so that its errors are told at once."""
        is_idle = all(one.phase is Phase.READY for one in self._environments | self._retired)
        if self._waiting or not is_idle or self._launch.is_debugged:
            return
        before = self._changes
        await self._catch_up()
        if self._changes == before or not self._has_started:
            return
        if self._broken is not None:
            self._log_own(f"{self._name} cannot run what has been saved: {self._broken}")
        else:
            environment = self._start_environment()
            await environment.initialised
            if environment in self._environments:
                self._log_own(f"The files of {self._name} are loaded")

    def _log_own(self, text: str) -> None:
        self._log(LogLine(self._name, "", None, text, platform=True))

    async def stop(self) -> None:
        """End every environment and fail what is still running; return when no process is left."""
        self._stopping = True
        while self._waiting:
            self._waiting.popleft().fail(FunctionStoppedError(self._name))
        if self._reload is not None:
            self._reload.cancel()
            await asyncio.wait({self._reload})
        await asyncio.gather(*self._tasks)
        environments = self._environments | self._retired
        await asyncio.gather(*(environment.stop(self._stop_grace) for environment in environments))

    def replace(self, launch: Launch) -> None:
        """Run what comes from now on with this launch; what is running ends as it began."""
        if launch.settings.folders != self.settings.folders:
            self._folders = self._look_at(launch.settings.folders)
        self._has_warned = False
        self.settings = launch.settings
        self._reserved = launch.settings.reserved_concurrency
        self._launch = launch
        retired, self._environments = self._environments, set()
        self._retired |= retired
        self._idle.clear()
        for environment in retired:
            if environment.phase not in {Phase.BUSY, Phase.ANSWERED}:
                self._run(environment.stop(self._stop_grace))
        self._assign()

    def end_unused(self, seconds: float) -> None:
        """End the environments that nobody has called for so long; one that is debugged stays."""
        unused = [] if self._launch.is_debugged else self._idle.take_unused(seconds)
        for environment in unused:
            self._environments.discard(environment)
            self._retired.add(environment)
            self._run(environment.stop(self._stop_grace))
        if unused and not self._environments:
            self._log_own(f"{self._name} has not been called for {seconds / 60:g} min: a call starts it anew")

    @property
    def refused_calls(self) -> int:
        """How many calls the Runtime APIs of its environments have refused."""
        return sum(environment.refused_calls for environment in self._environments | self._retired)

    def environment_ready(self, environment: ExecutionEnvironment) -> None:
        """Give the environment the invocation that has waited longest."""
        if environment in self._retired:
            self._run(environment.stop(self._stop_grace))
        else:
            self._idle.put(environment)
            self._assign()

    def environment_ended(
        self,
        environment: ExecutionEnvironment,
        init_error: FunctionError | None = None,
        given_back: Invocation | None = None,
    ) -> None:
        """Forget the environment; where its init failed, those who waited for it learn why.

        One waited for it if others serve the rest, or if a signal ended it; else the rest would fail alike.
        """
        if given_back is not None:
            self._waiting.appendleft(given_back)
        if environment in self._retired:
            self._retired.discard(environment)
            self._assign()
            return
        self._environments.discard(environment)
        self._idle.discard(environment)
        if init_error is not None:
            self._drop_gone()
            waiting = len(self._waiting)
            served = any(other.phase is not Phase.INIT for other in self._environments)
            was_killed = isinstance(init_error, FunctionInitError) and init_error.was_killed
            for _ in range(min(1, waiting) if served or was_killed else waiting):
                environment.fail(self._waiting.popleft(), init_error)
        self._assign()

    def environment_writes(self, file: str) -> bool:
        """Count the file as the function's own; the first one after each save is worth a warning."""
        self._folders.written_files.add(file)
        warn, self._has_warned = not self._has_warned, True
        return warn

    @property
    def _limit(self) -> int:
        limit = self._concurrency if self._reserved is None else self._reserved
        return min(limit, 1) - len(self._retired) if self._launch.is_debugged else limit

    async def _catch_up(self) -> None:
        """Wait until the function is what its files say; a look at many files is shared by who asks."""
        if self._folders.is_costly and not self._folders.is_still():
            self._look = self._look or asyncio.create_task(self._look_together())
            await asyncio.shield(self._look)
        else:
            self._look_at_files()
        if (reload := self._reload) is not None:
            await asyncio.wait({reload})
            if self._reload is reload:
                self._reload = None

    async def _look_together(self) -> None:
        self._look = None
        self._look_at_files()

    def _look_at_files(self) -> None:
        if not self._stopping and self._folders.has_changed():
            self._reload = asyncio.create_task(self._load_again(self._folders.changed_file, self._reload))

    async def _load_again(self, changed_file: str, last: asyncio.Task[None] | None) -> None:
        if last is not None:
            await asyncio.wait({last})
        self._changes += 1
        self._log_own(f"The files of {self._name} have changed: {changed_file}")
        try:
            self.replace(await self._renew() if self._renew else self._launch)
            self._broken = None
        except Exception as error:  # noqa: BLE001 - whatever it is, what runs is not what was saved
            self._broken = error

    def _admit(self, event: bytes) -> None:
        if self._stopping:
            raise FunctionStoppedError(self._name)
        if len(event) > PAYLOAD_LIMIT:
            raise EventTooLargeError(self._name, len(event), PAYLOAD_LIMIT)
        if self._reserved is not None and self._count_running() >= self._reserved:
            raise FunctionThrottledError(self._name, self._reserved)

    def _count_running(self) -> int:
        busy = sum(environment.phase is Phase.BUSY for environment in self._environments)
        return busy + sum(not invocation.answer.done() for invocation in self._waiting)

    def _assign(self) -> None:
        """Hand out what waits to the environments used last, so that few stay warm; start more if needed."""
        self._drop_gone()
        while self._waiting and (environment := self._idle.take()) is not None:
            environment.invoke(self._waiting.popleft())
        self._grow()

    def _drop_gone(self) -> None:
        """Drop the invocations whose callers went away while they waited."""
        if any(invocation.answer.done() for invocation in self._waiting):
            self._waiting = deque(waiting for waiting in self._waiting if not waiting.answer.done())

    def _grow(self) -> None:
        """Start an environment for each that waits and that none will be free for at once."""
        if self._waiting and not self._stopping and self._limit > len(self._environments):
            soon = sum(
                environment.phase in {Phase.INIT, Phase.ANSWERED} for environment in self._environments
            )
            for _ in range(min(len(self._waiting) - soon, self._limit - len(self._environments))):
                self._start_environment()

    def _start_environment(self) -> ExecutionEnvironment:
        self._has_started = True
        self._environments.add(environment := self._build_environment())
        self._run(self._launch_environment(environment))
        return environment

    def _build_environment(self) -> ExecutionEnvironment:
        return ExecutionEnvironment(self._launch, self, log=self._log, clock=self._clock)

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _launch_environment(self, environment: ExecutionEnvironment) -> None:
        try:
            await environment.start()
        except OSError as error:
            failure = FunctionInitError(self._name, "Runtime.InvalidEntrypoint", str(error))
            self.environment_ended(environment, failure)
