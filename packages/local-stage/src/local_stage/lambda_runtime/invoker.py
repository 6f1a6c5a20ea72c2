"""Lambda's Invoke: an event for a function by its name, and back what the function made of it, with its log.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from local_stage.lambda_runtime.function_error import FunctionError, FunctionLoopError
from local_stage.lambda_runtime.function_log import LogLine
from local_stage.lambda_runtime.function_settings import FunctionSettings

REPORT_DEADLINE: Final = 2.0
"""Seconds in which the REPORT of an invocation has to follow its response; afterwards the log lacks it."""
LOOP_LIMIT: Final = 1000
LOOP_PERIOD: Final = 60.0
"""Seconds: a function that event sources invoke more often than LOOP_LIMIT times meanwhile runs in a loop."""


class UnknownFunctionError(LookupError):
    """The template has no function of this name; the message lists those that there are."""


class Function(Protocol):
    """What can be invoked."""

    settings: FunctionSettings

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:
        """Return what the handler returns, as JSON. Raises FunctionError where there is nothing."""


@dataclass(frozen=True, slots=True)
class InvocationResult:
    """What came of an invocation: `payload` is JSON, the handler's result or the error as Lambda tells it.

    `error_type` is empty where the handler succeeded. `log` has the invocation's lines, START to REPORT.
    """

    function: str
    request_id: str
    payload: bytes
    error_type: str
    log: tuple[str, ...]


@dataclass(slots=True)
class _Collected:
    lines: list[str] = field(default_factory=list)
    is_whole: asyncio.Event = field(default_factory=asyncio.Event)


class Invoker:
    """Invokes the functions of the current template, and collects what each invocation logs."""

    def __init__(
        self,
        find_functions: Callable[[], Mapping[str, Function]],
        clock: Callable[[], float] = time.monotonic,
        *,
        write_log: Callable[[], None] = lambda: None,
    ) -> None:
        """Invoke what `find_functions` returns at the time: functions by the ARN that invokes them.

        `write_log` is called before an invocation's result is returned, whose lines are then in the log.
        """
        self._find_functions = find_functions
        self._clock = clock
        self._write_log = write_log
        self._collected: dict[str, _Collected] = {}
        self._times: dict[str, deque[float]] = {}

    def record_line(self, line: LogLine) -> None:
        """Take note of a line of a function's log."""
        collected = self._collected.get(line.request_id or "")
        if collected is not None:
            collected.lines.append(line.text)
            if line.platform and line.text.startswith("REPORT "):
                collected.is_whole.set()

    async def invoke(self, name: str, event: bytes, *, by_event_source: bool = False) -> InvocationResult:
        """Invoke a function and return what came of it.

        `name` is the logical id, the function's name, or an ARN, with or without alias or version. A function
        that event sources invoke without end is not invoked any more, until they have left it alone for a
        while. Raises UnknownFunctionError where there is no such function.
        """
        function = self.find(name)
        request_id = str(uuid.uuid4())
        collected = self._collected[request_id] = _Collected()
        try:
            payload, error_type = await self._invoke(function, event, request_id, is_limited=by_event_source)
            await _wait_for_the_report(collected)
        finally:
            del self._collected[request_id]
        self._write_log()
        return InvocationResult(
            function.settings.logical_id, request_id, payload, error_type, tuple(collected.lines)
        )

    async def _invoke(
        self, function: Function, event: bytes, request_id: str, *, is_limited: bool
    ) -> tuple[bytes, str]:
        root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        trace_header = f"Root={root};Parent={secrets.token_hex(8)};Sampled=0"
        try:
            if is_limited:
                self._check_loop(function)
            return await function.invoke(event, request_id=request_id, trace_header=trace_header), ""
        except FunctionError as error:
            return error.payload, error.error_type or "Unhandled"

    def find(self, name: str) -> Function:
        """Return the function of this logical id, name or ARN. Raises UnknownFunctionError."""
        functions = self._find_functions()
        for arn, function in functions.items():
            settings = function.settings
            if name in {arn, settings.arn, settings.name, settings.logical_id}:
                return function
        for function in functions.values():
            # By a version or alias that no API invokes: the code is the same here.
            if name.startswith(f"{function.settings.arn}:"):
                return function
        known = ", ".join(sorted({one.settings.logical_id for one in functions.values()})) or "none"
        raise UnknownFunctionError(f"{name} is no function of the template; its functions: {known}")

    def _check_loop(self, function: Function) -> None:
        """Raise FunctionLoopError for a function that event sources invoke too often; each attempt counts."""
        times = self._times.setdefault(function.settings.logical_id, deque())
        now = self._clock()
        times.append(now)
        while times[0] < now - LOOP_PERIOD:
            times.popleft()
        if len(times) > LOOP_LIMIT:
            times.popleft()
            raise FunctionLoopError(function.settings.logical_id, LOOP_LIMIT, LOOP_PERIOD)


async def _wait_for_the_report(collected: _Collected) -> None:
    # An invocation that never began has no lines, and one whose environment died has had its last one.
    with contextlib.suppress(TimeoutError):
        if collected.lines:
            await asyncio.wait_for(collected.is_whole.wait(), REPORT_DEADLINE)
