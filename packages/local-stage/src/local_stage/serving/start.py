"""Brings everything up in order, serves until it is told to stop, and takes everything down again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.cloudformation.deployed_stack import DeployedStack
from local_stage.cloudformation.local_aws import LocalAws, LocalAwsSettings, LocalAwsSupervisor
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.directory.user_import import import_users
from local_stage.cognito.directory.users import Users
from local_stage.cognito.directory.users_file import UserEntry, read_users_file
from local_stage.console.clock import AdjustableClock
from local_stage.console.console import Console
from local_stage.console.recent_requests import RecentRequests
from local_stage.console.stage_console import build_console
from local_stage.deployment.deployment import Deployer
from local_stage.deployment.seed_file import Seed, read_seed_file
from local_stage.deployment.seeding import seed_stack
from local_stage.deployment.target import ACCOUNT_ID
from local_stage.errors import spell_program
from local_stage.jwt.fetcher import Fetcher
from local_stage.lambda_runtime.function_log import LogLine
from local_stage.lambda_runtime.functions import Functions
from local_stage.lambda_runtime.invoker import Invoker
from local_stage.log.colour import FUNCTION_LINE, escape, wants_colour
from local_stage.log.invocation_log import InvocationLog
from local_stage.log.log_form import LogForm, make_formatter
from local_stage.log.request_log import RequestLog
from local_stage.serving.announcement import Announcement, announce, announce_as_json
from local_stage.serving.live_stage import LiveStage, SavedFiles, first_start_error
from local_stage.serving.options import StartOptions
from local_stage.serving.ports import Ports
from local_stage.serving.save_watch import watch_saves
from local_stage.serving.server import HOST, Handle, find_free_port
from local_stage.serving.stage_builder import BuiltStage, StageBuilder
from local_stage.state import (
    CONSOLE_PATH,
    INVOCATIONS,
    RunningStage,
    lock_state_folder,
    remove_json,
    write_json,
)

logger: Final = logging.getLogger("local_stage")


def run(options: StartOptions) -> int:
    """Serve until SIGINT or SIGTERM, and return 0 then. Raises StartError where the stage cannot start."""
    _set_up_logging(options)
    try:
        asyncio.run(_run(options))
    except BaseExceptionGroup as group:
        raise first_start_error(group) or group from None
    return 0


async def _run(options: StartOptions) -> None:
    serving = asyncio.ensure_future(_serve(options))
    with _stopping_by_signal(serving), contextlib.suppress(asyncio.CancelledError):
        await serving


@contextlib.contextmanager
def _stopping_by_signal(serving: asyncio.Future[None]) -> Iterator[None]:
    """Cancel on the first SIGINT or SIGTERM; a second ends the process at once, and its children with it."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        logger.info("Stopping when every request has its answer; once more stops at once")
        for number in signals:
            loop.remove_signal_handler(number)
            # The signal itself, not Python's exception for it: nothing here could do any better in a hurry.
            signal.signal(number, signal.SIG_DFL)
        serving.cancel()

    for number in signals:
        loop.add_signal_handler(number, stop)
    yield
    for number in signals:
        loop.remove_signal_handler(number)


async def _serve(options: StartOptions) -> None:
    async with AsyncExitStack() as stack:
        ports = stack.enter_context(closing(Ports(options.port, _find_reserved(options), options.host)))
        state_folder = stack.enter_context(lock_state_folder(options.state_folder))
        if options.outputs_file:
            # An earlier stage's must not be taken for this one's; one that still runs keeps its own.
            remove_json(options.outputs_file)
        settings = LocalAwsSettings(
            find_free_port(options.aws_port, "--aws-port"),
            options.region,
            ACCOUNT_ID,
            state_folder / "aws",
            f"http://{HOST}:{ports.first}{CONSOLE_PATH}{INVOCATIONS}",
        )
        invocation_log = stack.enter_context(closing(InvocationLog(state_folder)))
        recent = RecentRequests()
        log = stack.enter_context(closing(RequestLog(state_folder, invocation_log, recent.record)))
        invoker = Invoker(lambda: functions.current)
        functions = Functions(
            cache_folder=options.cache_folder,
            layers_folder=state_folder / "layers",
            aws_endpoint_url=settings.endpoint_url,
            log=partial(_log_function_line, invocation_log, recent, invoker),
            concurrency=options.concurrency,
            is_strict=options.strict_runtimes,
            layers=options.layers,
            debug_port=None if options.debug_port is None else find_free_port(options.debug_port, "--debug"),
        )
        clock = AdjustableClock()
        fetcher = await stack.enter_async_context(Fetcher())
        builder = StageBuilder(
            options,
            settings,
            ports=ports,
            inline_folder=state_folder / "inline-code",
            functions=functions,
            fetch=fetcher.fetch,
            log=log,
            clock=clock,
        )
        users = read_users_file(options.users_file) if options.users_file else ()
        seed = read_seed_file(options.seed_file) if options.seed_file else Seed()
        # Looked at before it is read, so that a save meanwhile is not missed.
        files = SavedFiles(options.template)
        local_aws = LocalAws(settings)
        stack.push_async_callback(local_aws.stop)
        deployer = await _start_local_aws(local_aws, builder.prepare)
        stack.push_async_callback(functions.stop)
        await functions.start()
        built = await builder.build(deployer)
        publisher = _Publisher(options, state_folder, log.file)

        def handle_at(port: int) -> Handle:
            console = build_console(
                lambda: live_stage.built,
                live_stage.catch_up,
                recent,
                clock,
                invoker,
                port=port,
                new_client=settings.client,
                user_pool_arn=options.user_pool_arn,
                allowed_hosts=options.allowed_hosts,
            )
            return _beside(console, partial(live_stage.handle, port=port), options.source_ip)

        async def rebuild() -> BuiltStage:
            rebuilt = await builder.rebuild()
            await ports.listen(handle_at)
            return rebuilt

        live_stage = LiveStage(files, built, rebuild, publish=publisher.publish, withdraw=publisher.withdraw)
        stack.push_async_callback(live_stage.stop)
        stack.push_async_callback(ports.stop)
        stack.callback(recent.close)
        await ports.listen(handle_at)
        # A pool's triggers and a table's stream reach their functions by the ports.
        await asyncio.to_thread(_import_users, built, users)
        await asyncio.to_thread(_seed, built, seed)
        stack.callback(publisher.withdraw)
        publisher.publish(built)
        if options.log_form or sys.stderr.isatty():
            # Where a person reads the log; elsewhere the next request finds what has been saved.
            stack.callback(asyncio.create_task(watch_saves(live_stage, functions)).cancel)
        await LocalAwsSupervisor(local_aws, live_stage.rebuild_after_restart).run()


def _import_users(built: BuiltStage, entries: Sequence[UserEntry]) -> None:
    if entries:
        new = import_users(Users(PoolStack.of_running_stage(built.running)), entries)
        logger.info("%d users imported, %d of them new", len(entries), new)


def _seed(built: BuiltStage, seed: Seed) -> None:
    if seed.items or seed.objects:
        new = seed_stack(DeployedStack.of_running_stage(built.running), seed)
        logger.info("%d items and %d objects seeded, %d of them new", len(seed.items), len(seed.objects), new)


def _beside(console: Console, handle_call: Handle, source_ip: str | None) -> Handle:
    """Return what hands a request to the console or else to the API."""

    async def handle(request: HttpRequest) -> HttpResponse:
        if console.has(request):
            return await console.handle(request)
        return await handle_call(replace(request, source_ip=source_ip) if source_ip else request)

    return handle


def _set_up_logging(options: StartOptions) -> None:
    handler = logging.StreamHandler(sys.stderr)
    form = options.log_form or (LogForm.SHORT if sys.stderr.isatty() else None)
    handler.setFormatter(make_formatter(form, is_coloured=wants_colour(sys.stderr, os.environ)))
    # Nothing that the format does not show is looked up for each line:
    # https://docs.python.org/3/howto/logging.html#optimization
    logging._srcfile = None  # noqa: SLF001 - documented there
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _log_function_line(
    invocation_log: InvocationLog, recent: RecentRequests, invoker: Invoker, line: LogLine
) -> None:
    """Put a line of a function's log into the stage's own, the console, and the file for other commands."""
    logger.info("[%s] %s", line.function, escape(line.text), extra={FUNCTION_LINE: line})
    invocation_log.write_line(line)
    recent.record_line(line)
    invoker.record_line(line)


def _find_reserved(options: StartOptions) -> set[int]:
    """Return the ports at which no API can listen."""
    return {port for port in (options.aws_port, options.debug_port) if port}


async def _start_local_aws(local_aws: LocalAws, prepare: Callable[[], Deployer]) -> Deployer:
    """Start the local AWS while the template is read, translated and checked, and return its deployer."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(local_aws.start())
        preparing = tasks.create_task(asyncio.to_thread(prepare))
    return preparing.result()


@dataclass
class _Publisher:
    """Tells who is served what; `told` is what the developer has been told last, if anything."""

    options: StartOptions
    state_folder: Path
    access_log: Path
    told: Announcement | None = None

    def publish(self, built: BuiltStage) -> None:
        """Tell developer, other commands and, last of all, whoever waits for the outputs file.

        After a save the developer is told only what is new.
        """
        options = self.options
        has_access_log = any(api.access_log_format is not None for api in built.deployment.apis)
        announcement = Announcement(
            built.running,
            built.deployment,
            user_pool_arn=options.user_pool_arn,
            warnings=built.warnings,
            sign_ins=tuple(api.sign_in for api in built.apis),
            access_log=self.access_log if has_access_log else None,
            program=spell_program(sys.argv[0]),
            state_folder=options.state_folder,
        )
        if options.as_json:
            announce_as_json(announcement)
        else:
            announce(announcement, self.told)
        self.told = announcement
        built.running.write(self.state_folder)
        if options.outputs_file:
            outputs = {**built.deployment.outputs, "AwsEndpointUrl": built.running.aws_endpoint_url}
            write_json(options.outputs_file, outputs)

    def withdraw(self) -> None:
        """Take back what other commands have been shown."""
        RunningStage.remove(self.state_folder)
        if self.options.outputs_file:
            remove_json(self.options.outputs_file)
