"""Serves a template's APIs, and what else of it runs, beside the local AWS."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.cloudformation.deployed_stack import DeployedStack
from local_stage.cloudformation.local_aws import LocalAws
from local_stage.cloudformation.local_aws_supervisor import LocalAwsSupervisor
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
from local_stage.errors import spell_program
from local_stage.jwt.fetcher import Fetcher
from local_stage.lambda_runtime.function_log import LogLine
from local_stage.lambda_runtime.functions import Functions
from local_stage.lambda_runtime.invoker import Invoker
from local_stage.log.invocation_log import InvocationLog
from local_stage.log.request_log import RequestLog
from local_stage.log.stage_log import StageLog
from local_stage.serving.announcement import Announcement, announce, announce_as_json
from local_stage.serving.live_stage import LiveStage, SavedFiles
from local_stage.serving.options import StartOptions
from local_stage.serving.ports import Ports
from local_stage.serving.save_watch import watch_saves
from local_stage.serving.server import Handle
from local_stage.serving.sockets import find_free_port
from local_stage.serving.stage_builder import BuiltStage, StageBuilder
from local_stage.state import RunningStage, remove_json, write_json

_COLLECTIONS: Final = (2_000, 10, 10)
"""How often the garbage collector looks once the stage serves, in Python's own numbers."""

logger: Final = logging.getLogger("local_stage")


async def serve(
    options: StartOptions, ports: Ports, state_folder: Path, local_aws: LocalAws, stage_log: StageLog
) -> NoReturn:
    """Serve the template's APIs beside a local AWS that is starting, until this is cancelled.

    Raises StartError where they cannot be served.
    """
    settings = local_aws.settings
    async with AsyncExitStack() as stack:
        invocation_log = stack.enter_context(closing(InvocationLog(state_folder)))
        recent = RecentRequests()
        log = RequestLog(state_folder, invocation_log, recent.record, stage_log.write_line)
        stack.enter_context(closing(log))
        invoker = Invoker(lambda: functions.current, write_log=invocation_log.flush)
        functions = Functions(
            cache_folder=options.cache_folder,
            layers_folder=state_folder / "layers",
            aws_endpoint_url=settings.endpoint_url,
            log=partial(_log_function_line, stage_log, invocation_log, recent, invoker),
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
        deployer = await _prepare(local_aws, builder)
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
        gc.freeze()  # the modules and this stage stay: the collector need not look at them again
        gc.set_threshold(*_COLLECTIONS)
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


def _log_function_line(
    stage_log: StageLog,
    invocation_log: InvocationLog,
    recent: RecentRequests,
    invoker: Invoker,
    line: LogLine,
) -> None:
    """Put a line of a function's log into the stage's own, the console, and the file for other commands."""
    stage_log.write_function_line(line)
    invocation_log.write_line(line)
    recent.record_line(line)
    invoker.record_line(line)


async def _prepare(local_aws: LocalAws, builder: StageBuilder) -> Deployer:
    """Read, translate and check the template until the local AWS responds, and return its deployer."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(local_aws.wait_until_it_responds())
        preparing = tasks.create_task(asyncio.to_thread(_prepare_deployment, local_aws, builder))
    return preparing.result()


def _prepare_deployment(local_aws: LocalAws, builder: StageBuilder) -> Deployer:
    deployer = builder.prepare()
    # Its description is read here, while there is nothing else to do, and kept for the clients to come.
    local_aws.settings.client("cloudformation")
    return deployer


@dataclass
class _Publisher:
    """Tells who is served what; `told` is what the developer has been told last, if anything."""

    options: StartOptions
    state_folder: Path
    access_log: Path
    told: Announcement | None = None

    def publish(self, built: BuiltStage) -> None:
        """Tell developer, other commands and, last of all, the program that waits for the outputs file.

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
