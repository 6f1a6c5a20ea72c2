"""Brings everything up in order, serves until it is told to stop, and takes everything down again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

from local_stage.announcement import announce
from local_stage.api_gateway.rest_api import RestApi
from local_stage.api_gateway.stage import Stage, Surroundings
from local_stage.authorizers import AuthorizerDefinition, build_authorizers
from local_stage.cloudformation.local_aws import LocalAws, LocalAwsSettings
from local_stage.cloudformation.stack import LocalStack
from local_stage.cloudformation.template import read_template
from local_stage.deployment import ACCOUNT_ID, Deployer, Deployment, Target
from local_stage.errors import StartError
from local_stage.fetch import Fetcher
from local_stage.functions import start_functions
from local_stage.options import StartOptions
from local_stage.request_log import ACCESS_LOG, recording
from local_stage.server import HOST, Server, bind, find_free_port
from local_stage.state import RunningStage, lock_state_folder, remove_json, write_json

logger: Final = logging.getLogger("local_stage")


def run(options: StartOptions) -> int:
    """Serve until SIGINT or SIGTERM, and return 0 then. Raises StartError where the stage cannot start."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    try:
        asyncio.run(_run(options))
    except* StartError as group:
        raise _first_start_error(group) from None
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
        for number in signals:
            loop.remove_signal_handler(number)
        serving.cancel()

    for number in signals:
        loop.add_signal_handler(number, stop)
    yield
    for number in signals:
        loop.remove_signal_handler(number)


async def _serve(options: StartOptions) -> None:
    async with AsyncExitStack() as stack:
        sock = stack.enter_context(closing(bind(options.port)))
        state_folder = stack.enter_context(lock_state_folder(options.state_folder))
        if options.outputs_file:
            # An earlier stage's must not be taken for this one's; one that still runs keeps its own.
            remove_json(options.outputs_file)
        settings = LocalAwsSettings(
            find_free_port(options.aws_port, "--aws-port"), options.region, ACCOUNT_ID, state_folder / "aws"
        )
        origin = f"http://{HOST}:{sock.getsockname()[1]}"
        prepare = partial(_prepare, options, settings, origin, state_folder / "inline-code")
        deployer = await _start_local_aws(stack, settings, prepare)
        deployment = await asyncio.to_thread(deployer.deploy)
        functions = await start_functions(
            stack,
            deployment.functions.values(),
            cache_folder=options.cache_folder,
            aws_endpoint_url=settings.endpoint_url,
            concurrency=options.concurrency,
        )
        definitions = _define_authorizers(options, deployment)
        fetcher = await stack.enter_async_context(Fetcher())
        authorizers = await build_authorizers(definitions, settings.endpoint_url, fetcher.fetch, time.time)
        rest_api = deployment.rest_api
        stage = Stage(
            rest_api,
            authorizers,
            functions,
            _find_surroundings(rest_api, options.region, sock),
            record=stack.enter_context(recording(rest_api.access_log_format, state_folder)),
        )
        server = Server(stage.handle)
        stack.push_async_callback(server.stop)
        await server.start(sock)
        running = RunningStage(
            pid=os.getpid(),
            api_url=f"{origin}/{rest_api.stage_name}",
            aws_endpoint_url=settings.endpoint_url,
            region=options.region,
            stack_name=options.stack_name,
            template=str(options.template.resolve()),
            authorizers=[asdict(definition) for definition in definitions],
        )
        _tell(stack, options, state_folder, running, deployment)
        await asyncio.get_running_loop().create_future()


async def _start_local_aws(
    stack: AsyncExitStack, settings: LocalAwsSettings, prepare: Callable[[], Deployer]
) -> Deployer:
    """Start the local AWS while the template is read, translated and checked, and return its deployer."""
    local_aws = LocalAws(settings)
    stack.push_async_callback(local_aws.stop)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(local_aws.start())
        preparing = tasks.create_task(asyncio.to_thread(prepare))
    return preparing.result()


def _prepare(options: StartOptions, settings: LocalAwsSettings, origin: str, inline_folder: Path) -> Deployer:
    deployer = Deployer(
        read_template(options.template, options.parameter_overrides, options.region),
        Target(options.stack_name, options.region, origin, settings.endpoint_url),
        LocalStack(options.stack_name, settings.client),
        inline_folder=inline_folder,
        environment_overrides=options.environment_overrides,
    )
    deployer.check()
    return deployer


def _define_authorizers(options: StartOptions, deployment: Deployment) -> list[AuthorizerDefinition]:
    return [
        AuthorizerDefinition.of(
            authorizer, local_arns=deployment.local_user_pool_arns, user_pool_arn=options.user_pool_arn
        )
        for authorizer in deployment.rest_api.authorizers.values()
    ]


def _find_surroundings(rest_api: RestApi, region: str, sock: socket.socket) -> Surroundings:
    return Surroundings(
        account_id=ACCOUNT_ID,
        domain_name=f"{rest_api.api_id}.execute-api.{region}.amazonaws.com",
        port=sock.getsockname()[1],
    )


def _tell(
    stack: AsyncExitStack,
    options: StartOptions,
    state_folder: Path,
    running: RunningStage,
    deployment: Deployment,
) -> None:
    running.write(state_folder)
    stack.callback(RunningStage.remove, state_folder)
    if options.outputs_file:
        write_json(options.outputs_file, {**deployment.outputs, "AwsEndpointUrl": running.aws_endpoint_url})
    has_access_log = deployment.rest_api.access_log_format is not None
    announce(
        running,
        deployment,
        user_pool_arn=options.user_pool_arn,
        access_log=state_folder / ACCESS_LOG if has_access_log else None,
    )


def _first_start_error(group: BaseExceptionGroup[StartError]) -> StartError:
    first = group.exceptions[0]
    return _first_start_error(first) if isinstance(first, BaseExceptionGroup) else first
