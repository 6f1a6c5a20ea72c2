"""The process of one execution environment: a client of the Runtime API with the function's handler."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.output_reader import OutputReader
from local_stage.lambda_runtime.process_guard import ProcessGuard, kill_marked_processes, kill_process_group
from local_stage.lambda_runtime.process_memory import measure_memory

_LOG_STREAM = "AWS_LAMBDA_LOG_STREAM_NAME"


@dataclass(frozen=True, slots=True)
class Launch:
    """What a function's processes are started with.

    `interpreter` is the Python of an environment that holds what starts a function and nothing else;
    `requirements_folder` holds the function's own packages, None where it has none. `init_timeout` is in
    seconds and Lambda's own. `local_aws` are variables that lead boto3 to the local AWS, credentials and all.
    `opt_folder` holds what its layers have in /opt, None where it has none.
    Where there is a `debug_port` each process waits there for a debugger; `interpreter` then has debugpy.
    """

    settings: FunctionSettings
    interpreter: Path
    guard: ProcessGuard
    requirements_folder: Path | None = None
    opt_folder: Path | None = None
    init_timeout: float = 10.0
    local_aws: Mapping[str, str] = field(default_factory=dict)
    debug_port: int | None = None

    @property
    def is_debugged(self) -> bool:
        """Whether a debugger is waited for, so that neither time nor memory is limited."""
        return self.debug_port is not None

    @property
    def runtime_folder(self) -> Path:
        """The folder of what runs the handler, which Lambda calls LAMBDA_RUNTIME_DIR."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.interpreter.parent.parent / "lib" / version / "site-packages"

    @property
    def command(self) -> Sequence[str]:
        """The command of a process. AWS's own client runs the handler where AWS builds it for this platform.

        No bytecode is written: Lambda's code folder is read-only, and a file that is saved twice in one
        second would be run from the bytecode of the first.
        """
        client = "aws" if (self.runtime_folder / "awslambdaric").is_dir() else "portable"
        # A debugger warns that it may miss breakpoints where Python's own modules are frozen.
        options = ("-X", "frozen_modules=off") if self.is_debugged else ()
        debug = ("--debug", str(self.debug_port)) if self.is_debugged else ()
        runtime = "-m", "local_stage_runtime", *debug, client, self.settings.handler
        return str(self.interpreter), "-B", *options, *runtime

    def build_environment(self, runtime_api: str, log_stream: str) -> dict[str, str]:
        """Build the whole environment of a process: nothing of the developer's own reaches it.

        Names and values are Lambda's, with the folders as they are here. HOME is the one that Lambda does not
        set: without it `~` would be the developer's home, with his AWS profiles. Like Lambda's it does not
        exist.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        settings = self.settings
        task_root, runtime = str(settings.code_folder), str(self.runtime_folder)
        opt = str(self.opt_folder or "/opt")
        libraries = [f"{sys.base_prefix}/lib", "/lib64", "/usr/lib64", runtime, f"{runtime}/lib"]
        return {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": ":".join(
                [str(self.interpreter.parent), "/usr/local/bin", "/usr/bin", "/bin", f"{opt}/bin"]
            ),
            "LD_LIBRARY_PATH": ":".join([*libraries, task_root, f"{task_root}/lib", f"{opt}/lib"]),
            "HOME": "/home/sbx_user1051",
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
            **settings.environment,
            "PYTHONPATH": ":".join(self._find_python_path()),
            "_HANDLER": settings.handler,
            "AWS_REGION": settings.region,
            "AWS_DEFAULT_REGION": settings.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{settings.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": settings.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings.memory_size),
            "AWS_LAMBDA_FUNCTION_VERSION": settings.version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": settings.log_group,
            _LOG_STREAM: log_stream,
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "LAMBDA_TASK_ROOT": task_root,
            "LAMBDA_RUNTIME_DIR": runtime,
            **settings.logging_variables,
            **self.local_aws,
        }

    def _find_python_path(self) -> Iterator[str]:
        """Yield where Python looks for modules after the code folder, in Lambda's order.

        A function may set PYTHONPATH; here its requirements and layers must be found all the same.
        https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath
        """
        if own := self.settings.environment.get("PYTHONPATH"):
            yield own
        if self.requirements_folder is not None:
            yield str(self.requirements_folder)
        if self.opt_folder is not None:
            yield f"{self.opt_folder}/python/lib/{self.settings.runtime}/site-packages"
            yield f"{self.opt_folder}/python"
        yield str(self.runtime_folder)


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
