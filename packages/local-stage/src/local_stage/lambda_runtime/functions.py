"""The template's functions as they run here: interpreter, requirements and execution environments."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from local_stage.errors import MachineError, NotRun, SeveralErrors
from local_stage.lambda_runtime.builds import build_function, take_sam_build
from local_stage.lambda_runtime.change_notices import ChangeNotices
from local_stage.lambda_runtime.code_folders import CodeFolders, WrittenFiles
from local_stage.lambda_runtime.function_error import FunctionUnavailableError
from local_stage.lambda_runtime.function_log import LogSink
from local_stage.lambda_runtime.function_process import Launch
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.lambda_function import LambdaFunction
from local_stage.lambda_runtime.opt_folder import make_opt_folder
from local_stage.lambda_runtime.process_guard import ProcessGuard
from local_stage.lambda_runtime.requirements import OWN_PYTHON
from local_stage.lambda_runtime.runtimes.python import PreparedPython
from local_stage.lambda_runtime.runtimes.registry import find_runtime
from local_stage.lambda_runtime.runtimes.runtime import RuntimeRefusedError, Workspace
from local_stage.lambda_runtime.unavailable_function import UnavailableFunction

logger: Final = logging.getLogger("local_stage.lambda_runtime.functions")


_PROGRESS: Final = 5.0
"""Seconds after which the developer is told how far the functions are, and again after as many."""

PATIENCE: Final = 30.0
"""Seconds for which the API waits for its functions at most; what takes longer goes on behind it."""
IDLE_TIME: Final = 600.0
"""Seconds after which an environment that nobody has called ends. Lambda's own time is not documented."""
_WARM: Final = 4
"""Functions of which one environment is started ahead; of more functions, each starts when it is called."""


class PreparingFunction:
    """A function that is still being built or installed: each invocation waits for that."""

    def __init__(self, settings: FunctionSettings, preparing: asyncio.Task[PreparedFunction]) -> None:
        self.settings = settings
        self._preparing = preparing

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:
        """Return what the handler returns once it is prepared. Raises FunctionError as LambdaFunction."""
        function = await asyncio.shield(self._preparing)
        return await function.invoke(event, request_id=request_id, trace_header=trace_header)


type PreparedFunction = LambdaFunction | UnavailableFunction
type RunningFunctions = Mapping[str, PreparedFunction | PreparingFunction]


class Functions:
    """Runs the functions of the template, also when the template changes.

    `layers` has the folder of layers that are not in the template by their ARN, with its number or without.
    `concurrency` is the number of execution environments that a function may have, None for one per core.
    `layers_folder` is emptied at start; what functions have in /opt is put together there, and what is built
    of their source.
    `patience` are the seconds for which `run` waits for functions that are built or installed at most.
    Where there is a `debug_port` each function has one environment, which waits for a debugger: the first
    function there, every other at the next port.
    An environment ends when nobody has called it for `idle_time` seconds.
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
        is_strict: bool = False,
        layers: Mapping[str, Path] | None = None,
        patience: float = PATIENCE,
        idle_time: float = IDLE_TIME,
    ) -> None:
        self._cache_folder = cache_folder
        self._layers_folder = layers_folder
        self._aws_endpoint_url = aws_endpoint_url
        self._log = log
        self._concurrency = concurrency
        self._debug_port = debug_port
        self._debug_ports: dict[str, int] = {}
        self._is_strict = is_strict
        self._layers = layers or {}
        self._patience = patience
        self._idle_time = idle_time
        self._ending_unused: asyncio.Task[None] | None = None
        self._guard = ProcessGuard()
        self._written_files = WrittenFiles()
        self._notices = ChangeNotices()
        self._running: dict[str, LambdaFunction] = {}
        self._settings: dict[str, FunctionSettings] = {}
        self._room = asyncio.Semaphore(2 + (os.cpu_count() or 1))
        self._left_out: dict[str, list[tuple[str, str]]] = {}
        self._preparing: set[asyncio.Task[PreparedFunction]] = set()
        self._warming: asyncio.Future[list[None]] | None = None
        self.current: RunningFunctions = {}
        """What `run` has returned last."""

    async def start(self) -> None:
        """Make ready for functions. Raises StartError where their processes cannot be guarded."""
        shutil.rmtree(self._layers_folder, ignore_errors=True)
        try:
            await self._guard.start()
        except OSError as error:
            raise MachineError(f"no POSIX shell to guard the functions' processes: {error}") from None
        self._ending_unused = asyncio.create_task(self._end_unused())

    async def stop(self) -> None:
        """End every process; requests under way get no answer any more."""
        tasks: list[asyncio.Future[Any]] = [*self._preparing]
        tasks += [task for task in (self._ending_unused, self._warming) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(function.stop() for function in self._running.values()))
        await self._guard.stop()
        self._notices.close()

    async def look_ahead(self) -> None:
        """Load what has been saved of each function, as `LambdaFunction.look_ahead` says."""
        await asyncio.gather(*(function.look_ahead() for function in self._running.values()))

    async def _end_unused(self) -> None:
        while True:
            await asyncio.sleep(self._idle_time / 10)
            for function in self._running.values():
                function.end_unused(self._idle_time)

    async def run(self, functions: Iterable[FunctionSettings]) -> RunningFunctions:
        """Return the functions by invoked ARN; a failure to start one is in the log and not raised.

        Of a few functions one environment is started each: `wait_until_warm` waits for them. What is not
        prepared within `patience` is prepared behind the API. Functions that run already go on with the new
        settings; one that the template has no more may still be answering, and stays until `stop`. Raises
        RuntimeRefusedError where only another version is here than the one that is asked for.
        """
        wanted = [self._place_layers(settings) for settings in functions]
        preparing = [asyncio.create_task(self._prepare(settings)) for settings in wanted]
        self._preparing.update(preparing)
        await _wait(preparing, self._patience)
        found = {
            settings.invoked_arn: task.result() if task.done() else PreparingFunction(settings, task)
            for settings, task in zip(wanted, preparing, strict=True)
        }
        self._preparing = {task for task in self._preparing if not task.done()}
        ready = [one for one in found.values() if isinstance(one, LambdaFunction)]
        if len(wanted) <= _WARM or self._debug_port is not None:
            self._warming = asyncio.gather(*(one.start() for one in ready))
        self.current = found
        return found

    async def wait_until_warm(self) -> None:
        """Return when the environments that `run` has started last are up, or have failed."""
        if self._warming is not None:
            await self._warming

    def find_not_run(self, functions: RunningFunctions) -> Iterator[NotRun]:
        """Yield why functions that `run` has returned do not run, and what the others have to do without."""
        for arn, function in functions.items():
            name = function.settings.logical_id
            if isinstance(function, UnavailableFunction):
                yield NotRun(name, f"{function.error.reason}; its routes answer 502")
            for property_path, why in self._left_out.get(arn, ()):
                yield NotRun(name, why, property_path)

    async def _prepare(self, settings: FunctionSettings) -> LambdaFunction | UnavailableFunction:
        retry = partial(self._launch_and_start, settings)
        try:
            return await self._run(settings)
        except FunctionUnavailableError as error:
            logger.warning("%s: %s; its routes answer 502", settings.logical_id, error.reason)
            if error.detail:
                logger.warning("%s", error.detail)
            return UnavailableFunction(settings, error, retry, self._written_files)

    async def _launch_and_start(self, settings: FunctionSettings) -> LambdaFunction:
        function = await self._run(settings)
        await function.start()
        return function

    async def _run(self, settings: FunctionSettings) -> LambdaFunction:
        """Return the function of these settings, which runs already or will when it is invoked."""
        launch = await self._launch(settings)
        arn = settings.invoked_arn
        self._settings[arn] = settings
        running = self._running.get(arn)
        if running is None:
            running = self._running[arn] = LambdaFunction(
                launch,
                log=self._log,
                renew=partial(self._renew, arn),
                concurrency=self._concurrency,
                look_at=partial(CodeFolders, written_files=self._written_files, notices=self._notices),
            )
        elif running.settings != launch.settings:
            running.replace(launch)
        return running

    async def _renew(self, arn: str) -> Launch:
        return await self._launch(self._settings[arn])

    async def _launch(self, settings: FunctionSettings) -> Launch:
        workspace = Workspace(
            self._cache_folder,
            logger.info,
            is_debugged=self._debug_port is not None,
            is_strict=self._is_strict,
        )
        settings = take_sam_build(settings)
        language = find_runtime(settings.runtime) if settings.runtime or not settings.unavailable else None
        if language is None or settings.unavailable:
            raise FunctionUnavailableError(settings.unavailable)
        async with self._room:
            settings = await build_function(settings, workspace, self._layers_folder)
            runtime = await language.prepare(settings, workspace)
            python = runtime.python if isinstance(runtime, PreparedPython) else OWN_PYTHON
            opt_folder = await make_opt_folder(settings.layers, workspace, self._layers_folder, python)
        self._left_out[settings.invoked_arn] = workspace.left_out
        return Launch(
            settings,
            runtime,
            self._guard,
            opt_folder=opt_folder,
            local_aws={"AWS_ENDPOINT_URL": self._aws_endpoint_url},
            debug_port=self._find_debug_port(settings.invoked_arn),
        )

    def _place_layers(self, settings: FunctionSettings) -> FunctionSettings:
        """Give layers outside the template the folders that the developer names for their ARNs."""
        placed = tuple(
            replace(layer, content_folder=self._find_layer(layer.name)) if not layer.content_folder else layer
            for layer in settings.layers
        )
        return settings if placed == settings.layers else replace(settings, layers=placed)

    def _find_layer(self, arn: str) -> Path | None:
        return self._layers.get(arn) or self._layers.get(arn.rpartition(":")[0])

    def _find_debug_port(self, arn: str) -> int | None:
        if self._debug_port is None:
            return None
        return self._debug_ports.setdefault(arn, self._debug_port + len(self._debug_ports))


async def _wait(preparing: Sequence[asyncio.Task[object]], patience: float) -> None:
    """Wait until all functions are prepared, or one cannot be; say now and then how many are."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    pending = set(preparing)
    while pending and loop.time() < deadline:
        done, pending = await asyncio.wait(
            pending, timeout=min(_PROGRESS, patience), return_when=asyncio.FIRST_EXCEPTION
        )
        if any(task.exception() for task in done):
            # What else is refused is known as soon, and told at once.
            more, pending = await asyncio.wait(pending, timeout=_PROGRESS) if pending else (set(), pending)
            _raise_refusals(done | more)
        if pending:
            ready = len(preparing) - len(pending)
            logger.info("Preparing the functions: %d of %d are ready", ready, len(preparing))
    if pending:
        logger.info("The API is served meanwhile; requests wait for their functions")


def _raise_refusals(done: Iterable[asyncio.Task[object]]) -> None:
    """Raise the reasons not to start, all together, or else what nobody has thought of."""
    errors = [error for task in done if (error := task.exception())]
    refusals = [error for error in errors if isinstance(error, RuntimeRefusedError)]
    if len(refusals) < len(errors):
        raise next(error for error in errors if error not in refusals)
    raise refusals[0] if len(refusals) == 1 else SeveralErrors(sorted(refusals, key=str))
