"""The template's functions as they run here: interpreter, requirements and execution environments."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from local_stage.errors import MachineError, NotRun
from local_stage.lambda_runtime.code_folders import WrittenFiles
from local_stage.lambda_runtime.function_error import FunctionInitError
from local_stage.lambda_runtime.function_log import LogSink
from local_stage.lambda_runtime.function_process import Launch
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.lambda_function import LambdaFunction
from local_stage.lambda_runtime.opt_folder import make_opt_folder
from local_stage.lambda_runtime.process_guard import ProcessGuard
from local_stage.lambda_runtime.runtimes.registry import find_runtime
from local_stage.lambda_runtime.runtimes.runtime import RuntimeUnavailableError, Workspace

logger: Final = logging.getLogger("local_stage.lambda_runtime.functions")


class UnavailableFunction:
    """A function that cannot run on this machine: every invocation fails with the reason."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        self._error = FunctionInitError(name, "Runtime.Unavailable", reason)

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:  # noqa: ARG002 - as LambdaFunction's
        """Raise FunctionInitError, which API Gateway answers with 502."""
        raise self._error


def find_unavailable(functions: Mapping[str, LambdaFunction | UnavailableFunction]) -> Iterator[NotRun]:
    """Yield the functions that cannot run, for the list of what is not run locally."""
    for function in functions.values():
        if isinstance(function, UnavailableFunction):
            yield NotRun(function.name, f"{function.reason}; its routes answer 502")


class Functions:
    """Runs the functions of the template, also when the template changes.

    `concurrency` is the number of execution environments that a function may have, None for one per core.
    `layers_folder` is emptied at start; what functions have in /opt is put together there.
    Where there is a `debug_port` each function has one environment, which waits for a debugger: the first
    function there, every other at the next port.
    """

    def __init__(
        self,
        *,
        cache_folder: Path,
        layers_folder: Path,
        aws_endpoint_url: str,
        log: LogSink,
        concurrency: int | None = None,
        debug_port: int | None = None,
    ) -> None:
        self._cache_folder = cache_folder
        self._layers_folder = layers_folder
        self._aws_endpoint_url = aws_endpoint_url
        self._log = log
        self._concurrency = concurrency
        self._debug_port = debug_port
        self._debug_ports: dict[str, int] = {}
        self._guard = ProcessGuard()
        self._written_files = WrittenFiles()
        self._running: dict[str, LambdaFunction] = {}

    async def start(self) -> None:
        """Make ready for functions. Raises StartError where their processes cannot be guarded."""
        shutil.rmtree(self._layers_folder, ignore_errors=True)
        try:
            await self._guard.start()
        except OSError as error:
            raise MachineError(f"no POSIX shell to guard the functions' processes: {error}") from None

    async def stop(self) -> None:
        """End every process; requests under way get no answer any more."""
        await asyncio.gather(*(function.stop() for function in self._running.values()))
        await self._guard.stop()

    async def run(
        self, functions: Iterable[FunctionSettings]
    ) -> Mapping[str, LambdaFunction | UnavailableFunction]:
        """Return the functions by invoked ARN, each with one environment ready or its failure in the log.

        Functions that run already go on with the new settings; one that the template has no more may still be
        answering, and stays until `stop`. Raises StartError where a requirement cannot be installed.
        """
        launches: list[Launch] = []
        unavailable: dict[str, UnavailableFunction] = {}
        for settings in functions:
            try:
                launches.append(await self._launch(settings))
            except RuntimeUnavailableError as error:
                logger.warning("%s: %s; its routes answer 502", settings.logical_id, error)
                unavailable[settings.invoked_arn] = UnavailableFunction(settings.logical_id, str(error))
        for launch in launches:
            arn = launch.settings.invoked_arn
            running = self._running.get(arn)
            if running is None:
                self._running[arn] = LambdaFunction(
                    launch,
                    log=self._log,
                    renew=partial(self._renew, arn),
                    concurrency=self._concurrency,
                    written_files=self._written_files,
                )
            elif running.settings != launch.settings:
                running.replace(launch)
        arns = [launch.settings.invoked_arn for launch in launches]
        wanted = {arn: self._running[arn] for arn in arns}
        await asyncio.gather(*(function.start() for function in wanted.values()))
        return wanted | unavailable

    async def _renew(self, arn: str) -> Launch:
        return await self._launch(self._running[arn].settings)

    async def _launch(self, settings: FunctionSettings) -> Launch:
        if settings.unavailable and not settings.runtime:
            raise RuntimeUnavailableError(settings.unavailable)
        runtime = find_runtime(settings.runtime)
        if settings.unavailable:
            raise RuntimeUnavailableError(settings.unavailable)
        workspace = Workspace(self._cache_folder, logger.info, is_debugged=self._debug_port is not None)
        return Launch(
            settings,
            await runtime.prepare(settings, workspace),
            self._guard,
            opt_folder=await make_opt_folder(
                settings.layers, self._cache_folder, self._layers_folder, logger.info
            ),
            local_aws={"AWS_ENDPOINT_URL": self._aws_endpoint_url},
            debug_port=self._find_debug_port(settings.invoked_arn),
        )

    def _find_debug_port(self, arn: str) -> int | None:
        if self._debug_port is None:
            return None
        return self._debug_ports.setdefault(arn, self._debug_port + len(self._debug_ports))
