"""An execution environment: one process that handles one invocation at a time, from its init to its end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Protocol

from local_stage.lambda_runtime.function_error import (
    FunctionCrashError,
    FunctionError,
    FunctionInitError,
    FunctionMemoryError,
    FunctionStoppedError,
    FunctionTimeoutError,
    HandlerError,
    ResponseTooLargeError,
    describe_exit,
)
from local_stage.lambda_runtime.function_log import (
    LogLine,
    LogSink,
    Report,
    end_line,
    init_report_line,
    report_status,
    start_line,
    written_file_line,
)
from local_stage.lambda_runtime.function_process import FunctionProcess, Launch, build_log_stream
from local_stage.lambda_runtime.invocation import Invocation, Phase
from local_stage.lambda_runtime.process_memory import Watchdog
from local_stage.lambda_runtime.runtime_api import RuntimeApi
from local_stage.lambda_runtime.runtime_connection import PAYLOAD_LIMIT

_DEBUGGING_TIME = 24 * 60 * 60
"""Seconds that an invocation is told it has while it is debugged; nobody takes its time."""


class EnvironmentOwner(Protocol):
    """What a function learns from its environments."""

    def environment_ready(self, environment: ExecutionEnvironment) -> None:
        """Take note: the environment can be given an invocation."""

    def environment_ended(
        self,
        environment: ExecutionEnvironment,
        init_error: FunctionError | None = None,
        given_back: Invocation | None = None,
    ) -> None:
        """Take note: the environment is gone; `init_error` says why where its init failed.

        `given_back` is an invocation that it was given and never began.
        """

    def environment_writes(self, file: str) -> bool:
        """Take note: an environment writes this file of its code folder; return whether to warn of it."""


class ExecutionEnvironment:
    """A process of a function, its Runtime API and its log stream.

    An invocation always gets an answer or a FunctionError: at the latest when the function's Timeout is over,
    whatever the handler does to its process.
    """

    def __init__(
        self, launch: Launch, owner: EnvironmentOwner, *, log: LogSink, clock: Callable[[], float]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.phase = Phase.INIT
        self.initialised: asyncio.Future[None] = self._loop.create_future()
        self._launch = launch
        self._settings = launch.settings
        self._name = launch.settings.logical_id
        self._log_stream = build_log_stream(launch.settings, clock())
        self._owner = owner
        self._log = log
        self._clock = clock
        self._api = RuntimeApi(self, launch.settings.invoked_arn)
        self._process: FunctionProcess
        self._life: asyncio.Task[None] | None = None
        self._watchdog = Watchdog(self._is_out_of_memory, self._time_out)
        self._started = self._loop.time()
        self._init_duration: float | None = None
        self._invocation: Invocation | None = None
        self._memory: int | None = None
        self._death: FunctionError | None = None

    async def start(self) -> None:
        """Start the process; it is ready when `initialised` is done. OSError where it cannot be started."""
        try:
            runtime_api = await self._api.listen()
            environment = self._launch.build_environment(runtime_api, self._log_stream)
            self._process = await FunctionProcess.start(self._launch, environment, self._emit)
        except BaseException:
            self._api.close()
            self._end()
            raise
        self._life = asyncio.create_task(self._live())
        self._watch(self._launch.init_timeout + self._settings.timeout)

    def is_ready(self) -> bool:
        """Return whether the process can be given an invocation."""
        return self._api.is_waiting()

    def invoke(self, invocation: Invocation) -> None:
        """Hand an invocation to the process, which `is_ready`."""
        self._process.output.drain()
        self.phase = Phase.BUSY
        self._invocation = invocation
        self._started = self._loop.time()
        self._watch(self._settings.timeout)
        timeout = _DEBUGGING_TIME if self._launch.is_debugged else self._settings.timeout
        self._api.send(invocation, int((self._clock() + timeout) * 1000))
        # The process begins meanwhile; what it writes is read after this.
        self._emit_platform(start_line(invocation.request_id, self._settings.version))

    def fail(self, invocation: Invocation, error: FunctionError) -> None:
        """Fail an invocation for whose sake the environment was made, which failed; Lambda logs it too."""
        invocation.fail(error.of_request(invocation.request_id))
        self._invocation = invocation
        self._emit_platform(start_line(invocation.request_id, self._settings.version))
        self._emit_platform(f"RequestId: {invocation.request_id} Error: {error.message}")
        self._end_invocation(invocation, error)

    async def stop(self, grace: float) -> None:
        """End the process: SIGTERM, and SIGKILL after `grace` seconds; return when nothing of it is left.

        Lambda gives the time, and the signal, only where extensions are registered: without them it has 0 ms.
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
        """
        if self._life is None:
            return
        self._die(FunctionStoppedError(self._name), signal.SIGTERM)
        await asyncio.wait({self._life}, timeout=grace)
        self._process.kill()
        await self._life

    @property
    def refused_calls(self) -> int:
        """How many calls the Runtime API has refused: answers for another request, late or given twice."""
        return self._api.refused

    def runtime_ready(self) -> None:
        """End the init or the last invocation, and tell the owner."""
        self._process.output.drain()
        self._watchdog.stop()
        if self.phase is Phase.INIT:
            self._init_duration = self._loop.time() - self._started
        elif self._invocation is not None:
            self._end_invocation(self._invocation)
        self.phase = Phase.READY
        self._set_initialised()
        if self._death is None:
            self._owner.environment_ready(self)

    def runtime_lost(self) -> None:
        """End a process that no longer waits for invocations."""
        self._process.kill()

    def runtime_responded(self, response: bytes) -> None:
        """Give the caller the handler's response, unless it took more memory than the function has."""
        if not self._is_out_of_memory():
            self._answer().succeed(response)

    def runtime_failed(self, error: bytes) -> None:
        """Give the caller the error that the handler raised."""
        self._memory = self._process.measure_peak_memory()
        self._answer().fail(HandlerError(self._name, error))

    def runtime_response_too_large(self) -> None:
        """Give the caller the error that Lambda puts in the place of the response."""
        self._memory = self._process.measure_peak_memory()
        self._answer().fail(ResponseTooLargeError(self._name, PAYLOAD_LIMIT))

    def runtime_init_failed(self, error: bytes, error_type: str) -> None:
        """Remember why the handler's module failed to load and end the process."""
        self._die(FunctionInitError.read(self._name, error_type, error))

    def runtime_writes(self, file: str) -> None:
        """Warn of a file that Lambda would not let the function write."""
        if self._owner.environment_writes(file):
            self._emit_platform(written_file_line(file, self._settings.code_folder))

    def _answer(self) -> Invocation:
        assert self._invocation is not None  # noqa: S101 - the Runtime API takes an answer only while BUSY
        self.phase = Phase.ANSWERED
        return self._invocation

    async def _live(self) -> None:
        """Wait for the process's end, whatever brought it about, and settle what is open."""
        status = await self._process.wait()
        self._watchdog.stop()
        # The loop may have read how the connection ended and not yet told it.
        await asyncio.sleep(0)
        was_taken = self._api.was_taken()
        self._api.close()
        init_error, given_back = None, None
        if self.phase is Phase.INIT:
            init_error = self._death or FunctionInitError.exited(self._name, status)
            self._report_init(init_error)
        elif self._invocation is None:
            if self._death is None:
                self._emit_platform(f"{describe_exit(status)} (between two invocations)")
        elif self._death is None and not was_taken and not self._invocation.given_back:
            given_back = self._give_back(self._invocation, status)
        else:
            error = self._death or FunctionCrashError(self._name, self._invocation.request_id, status)
            self._settle(self._invocation, error)
        self._end()
        self._owner.environment_ended(self, init_error, given_back)

    def _give_back(self, invocation: Invocation, status: int) -> Invocation:
        self._emit_platform(
            f"{describe_exit(status)} (before it took the invocation, which another one gets)"
        )
        self._invocation = None
        invocation.given_back = True
        return invocation

    def _report_init(self, error: FunctionError) -> None:
        if not isinstance(error, FunctionStoppedError):
            duration = self._loop.time() - self._started
            self._emit_platform(init_report_line(duration, error.error_type))

    def _settle(self, invocation: Invocation, error: FunctionError) -> None:
        """Fail the running invocation, or end one whose caller has the response already."""
        invocation.fail(error)
        self._emit_platform(error.message)
        self._end_invocation(invocation, error)

    def _end_invocation(self, invocation: Invocation, error: FunctionError | None = None) -> None:
        status, error_type = report_status(error.error_type) if error else ("", "")
        report = Report(
            request_id=invocation.request_id,
            duration=self._measure_duration(),
            memory_size=self._settings.memory_size,
            max_memory_used=self._memory,
            init_duration=self._init_duration,
            status=status,
            error_type=error_type,
        )
        self._emit_platform(end_line(invocation.request_id))
        self._emit_platform(str(report))
        self._init_duration = None
        self._invocation = None

    def _measure_duration(self) -> float:
        """Return the running invocation's seconds: Lambda's REPORT never has more than the Timeout."""
        duration = self._loop.time() - self._started
        return duration if self._launch.is_debugged else min(duration, float(self._settings.timeout))

    def _watch(self, seconds: float) -> None:
        """Look after the process for so long; one that is debugged takes the time and memory it needs."""
        if not self._launch.is_debugged:
            self._watchdog.start(seconds)

    def _time_out(self) -> None:
        if self._invocation is None:
            limit = self._launch.init_timeout + self._settings.timeout
            self._die(FunctionInitError.timed_out(self._name, limit))
        else:
            self._die(FunctionTimeoutError(self._name, self._invocation.request_id, self._settings.timeout))

    def _is_out_of_memory(self) -> bool:
        """End a process that has held more than MemorySize, as Lambda does."""
        self._memory = self._process.measure_peak_memory()
        if self._memory is None or self._memory <= self._settings.memory_size or self._launch.is_debugged:
            return False
        request_id = self._invocation.request_id if self._invocation else None
        self._die(FunctionMemoryError(self._name, request_id, self._memory, self._settings.memory_size))
        return True

    def _die(self, error: FunctionError, number: signal.Signals = signal.SIGKILL) -> None:
        """Kill the process for this reason; the caller need not wait until it is dead."""
        self._watchdog.stop()
        self._death = self._death or error
        if self._invocation is not None:
            self._invocation.fail(self._death)
        self._process.kill(number)

    def _end(self) -> None:
        self.phase = Phase.ENDED
        self._set_initialised()

    def _set_initialised(self) -> None:
        if not self.initialised.done():
            self.initialised.set_result(None)

    def _emit(self, text: str, *, platform: bool = False) -> None:
        request_id = self._invocation.request_id if self._invocation else None
        self._log(LogLine(self._name, self._log_stream, request_id, text, platform))

    def _emit_platform(self, text: str) -> None:
        self._emit(text, platform=True)
