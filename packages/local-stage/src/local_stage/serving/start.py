"""Brings up first what takes longest, serves until it is told to stop, and takes everything down again.

The local AWS starts while the stage itself is still imported: nothing here imports what takes long.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from typing import Final

from local_stage.cloudformation.local_aws import LocalAws, LocalAwsSettings
from local_stage.deployment.target import ACCOUNT_ID
from local_stage.errors import first_start_error
from local_stage.log.colour import wants_colour
from local_stage.log.log_form import LogForm
from local_stage.log.stage_log import StageLog
from local_stage.serving.options import StartOptions
from local_stage.serving.ports import Ports
from local_stage.serving.sockets import HOST, reserve_port
from local_stage.state import CONSOLE_PATH, INVOCATIONS, lock_state_folder, remove_json

logger: Final = logging.getLogger("local_stage")


def run(options: StartOptions) -> int:
    """Serve until SIGINT or SIGTERM, and return 0 then. Raises StartError where the stage cannot start."""
    stage_log = _set_up_logging(options)
    try:
        asyncio.run(_run(options, stage_log))
    except BaseExceptionGroup as group:
        raise first_start_error(group) or group from None
    return 0


async def _run(options: StartOptions, stage_log: StageLog) -> None:
    serving = asyncio.ensure_future(_serve(options, stage_log))
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


async def _serve(options: StartOptions, stage_log: StageLog) -> None:
    async with AsyncExitStack() as stack:
        ports = stack.enter_context(closing(Ports(options.port, _find_reserved(options), options.host)))
        state_folder = stack.enter_context(lock_state_folder(options.state_folder))
        if options.outputs_file:
            # An earlier stage's must not be taken for this one's; one that still runs keeps its own.
            remove_json(options.outputs_file)
        settings = LocalAwsSettings(
            stack.enter_context(reserve_port(options.aws_port, "--aws-port")),
            options.region,
            ACCOUNT_ID,
            state_folder / "aws",
            f"http://{HOST}:{ports.first}{CONSOLE_PATH}{INVOCATIONS}",
        )
        local_aws = LocalAws(settings)
        stack.push_async_callback(local_aws.stop)
        await local_aws.launch()
        # Imported while the local AWS starts, which takes longer.
        from local_stage.serving.serve import serve  # noqa: PLC0415

        await serve(options, ports, state_folder, local_aws, stage_log)


def _set_up_logging(options: StartOptions) -> StageLog:
    form = options.log_form or (LogForm.SHORT if sys.stderr.isatty() else None)
    handler = StageLog(sys.stderr, form, is_coloured=wants_colour(sys.stderr, os.environ))
    # Nothing that the format does not show is looked up for each line:
    # https://docs.python.org/3/howto/logging.html#optimization
    logging._srcfile = None  # noqa: SLF001 - documented there
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    return handler


def _find_reserved(options: StartOptions) -> set[int]:
    """Return the ports at which no API can listen."""
    return {port for port in (options.aws_port, options.debug_port) if port}
