"""The process of one execution environment: a client of the Runtime API with the function's handler."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.process_guard import (
    ProcessGuard,
    kill_marked_processes,
    kill_process_group,
)
from local_stage.lambda_runtime.process_memory import measure_memory
from local_stage.lambda_runtime.runtimes.runtime import PreparedRuntime

LINE_LIMIT = 256 * 1024
"""Bytes after which a line without line feed is cut, as CloudWatch Logs cuts an event."""

_PIPE_CAPACITY = 64 * 1024
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


class OutputReader:
    """The reading end of a pipe, which the event loop empties.

    Gives `emit` each line without its line feed. Holds at most LINE_LIMIT bytes.
    """

    def __init__(self, descriptor: int, emit: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._emit = emit
        self._partial = b""
        self._open = True
        self._loop = asyncio.get_running_loop()
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._read)

    def drain(self) -> None:
        """Read what is in the pipe now and emit it all, an unfinished line too.

        What a process wrote before it sent its response is in the pipe when the response arrives, so after
        this call an invocation's output is complete.
        """
        if self._open:
            self._read()
        if self._partial:
            partial, self._partial = self._partial, b""
            self._emit_event(partial)

    def close(self) -> None:
        """Drain and let go of the pipe, even if a process still holds its other end."""
        self.drain()
        self._stop()

    def _stop(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)

    def _read(self) -> None:
        try:
            chunk = os.read(self._descriptor, _PIPE_CAPACITY)
        except BlockingIOError:
            return
        if not chunk:
            self._stop()
            return
        *events, self._partial = (self._partial + chunk).split(b"\n")
        for event in events:
            self._emit_event(event)
        if len(self._partial) >= LINE_LIMIT:
            partial, self._partial = self._partial, b""
            self._emit_event(partial)

    def _emit_event(self, event: bytes) -> None:
        """Emit an event's lines: AWS's runtime interface client ends a traceback's by carriage returns."""
        for line in event.decode(errors="replace").rstrip("\r").split("\r"):
            text = line.lstrip(_NO_BREAK_SPACE)
            self._emit(" " * (len(line) - len(text)) + text)


_LOG_STREAM = "AWS_LAMBDA_LOG_STREAM_NAME"
_DAEMON_ADDRESS, _DAEMON_PORT = "127.0.0.1", "2000"


@dataclass(frozen=True, slots=True)
class Launch:
    """What a function's processes are started with.

    `runtime` is the language's, with what the function needs installed. `init_timeout` is in seconds and
    Lambda's own. `local_aws` are variables that lead the AWS SDKs to the local AWS, credentials and all.
    `opt_folder` holds what its layers have in /opt, None where it has none.
    Where there is a `debug_port` each process waits there for a debugger.
    """

    settings: FunctionSettings
    runtime: PreparedRuntime
    guard: ProcessGuard
    opt_folder: Path | None = None
    init_timeout: float = 10.0
    local_aws: Mapping[str, str] = field(default_factory=dict)
    debug_port: int | None = None

    @property
    def is_debugged(self) -> bool:
        """Whether a debugger is waited for, so that neither time nor memory is limited."""
        return self.debug_port is not None

    @property
    def command(self) -> Sequence[str]:
        """The command of a process."""
        return self.runtime.command(self.settings.handler, self.debug_port)

    def build_environment(self, runtime_api: str, log_stream: str) -> dict[str, str]:
        """Build the whole environment of a process: nothing of the developer's own reaches it.

        Names and values are Lambda's as recorded in January 2026, with the folders as they are here. HOME is
        the one that Lambda does not set: without it `~` would be the developer's home, with AWS profiles of
        real accounts. It does not exist on Lambda either.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        settings = self.settings
        of_language = dict(self.runtime.environment(settings, self.opt_folder))
        # A function may add to these, but not hide what it needs itself.
        names: list[str] = [name for name in ("NODE_PATH", "PYTHONPATH") if name in of_language]
        of_modules = {name: of_language.pop(name) for name in names}
        return {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            **of_language,
            "HOME": "/home/sbx_user1051",
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "AWS_XRAY_DAEMON_ADDRESS": f"{_DAEMON_ADDRESS}:{_DAEMON_PORT}",
            "_AWS_XRAY_DAEMON_ADDRESS": _DAEMON_ADDRESS,
            "_AWS_XRAY_DAEMON_PORT": _DAEMON_PORT,
            **settings.environment,
            **of_modules,
            "_HANDLER": settings.handler,
            "AWS_REGION": settings.region,
            "AWS_DEFAULT_REGION": settings.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
            **_name_execution_environment(settings.runtime),
            "AWS_LAMBDA_FUNCTION_NAME": settings.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory_size),
            "AWS_LAMBDA_FUNCTION_VERSION": settings.version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": settings.initialization_type,
            "AWS_LAMBDA_LOG_GROUP_NAME": settings.log_group,
            _LOG_STREAM: log_stream,
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "LAMBDA_TASK_ROOT": str(settings.code_folder),
            "LAMBDA_RUNTIME_DIR": str(self.runtime.folder),
            **settings.logging_variables,
            **self.local_aws,
        }


def _name_execution_environment(runtime: str) -> dict[str, str]:
    """Return AWS_EXECUTION_ENV, which a function that brings its own runtime does not have."""
    return {} if runtime.startswith("provided") else {"AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}"}


class FunctionProcess:
    """A running process in a session of its own, and so in a process group of its own.

    All that it starts dies with it: what leaves the group is found by the name of its log stream, which
    nothing else has among its variables. Only what has neither outlives it.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, output: OutputReader, guard: ProcessGuard, mark: str
    ) -> None:
        self._process = process
        self._guard = guard
        self._peak_memory = 0
        self.output = output
        self._mark = mark
        guard.watch(process.pid, mark)

    @classmethod
    async def start(
        cls, launch: Launch, environment: Mapping[str, str], emit: Callable[[str], None]
    ) -> FunctionProcess:
        """Start a process; OSError where the interpreter cannot be run."""
        reading_end, writing_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *launch.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing_end,
                stderr=writing_end,
                cwd=launch.settings.code_folder,
                env=environment,
                start_new_session=True,
            )
        except BaseException:
            os.close(reading_end)
            raise
        finally:
            os.close(writing_end)
        mark = f"{_LOG_STREAM}={environment[_LOG_STREAM]}"
        return cls(process, OutputReader(reading_end, emit), launch.guard, mark)

    @property
    def pid(self) -> int:
        """The process id, which is its group's id too."""
        return self._process.pid

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the process and to all of its process group."""
        kill_process_group(self._process.pid, number)

    async def wait(self) -> int:
        """Wait for the process's end, kill what it leaves, and return its status, -N for a signal N."""
        status = await self._process.wait()
        self.kill()
        await kill_marked_processes(self._mark)
        self.output.close()
        self._guard.release(self._process.pid, self._mark)
        return status

    def measure_peak_memory(self) -> int | None:
        """Return the most MB that the process and all it started were seen to hold; None where nothing tells.

        A child that ends between two looks is not seen.
        """
        memory = measure_memory(self._process.pid)
        if memory is None:
            return None
        self._peak_memory = max(self._peak_memory, memory)
        return self._peak_memory


def build_log_stream(settings: FunctionSettings, now: float) -> str:
    """Return a new log stream's name, `2026/11/22/[$LATEST]<32 hex digits>`; `now` is in Unix seconds.

    In a log group that the template names, which functions may share, the function's name stands before it.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
    """
    name = "" if settings.log_group == settings.default_log_group else settings.name
    day = time.strftime("%Y/%m/%d", time.gmtime(now))
    return f"{day}/{name}[{settings.version}]{secrets.token_hex(16)}"
