"""Starts the template's functions: interpreter, requirements and one warm execution environment each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from local_stage.errors import StartError
from local_stage.lambda_runtime.function_log import LogLine
from local_stage.lambda_runtime.function_process import Launch
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.lambda_function import LambdaFunction
from local_stage.lambda_runtime.process_guard import ProcessGuard
from local_stage.lambda_runtime.requirements import install_requirements, make_interpreter

RUNTIME_REQUIREMENTS: Final = Path(__file__).parent.parent / "requirements" / "runtime.txt"
"""The lock of AWS's runtime interface client."""

logger: Final = logging.getLogger("local_stage.functions")


async def start_functions(
    stack: AsyncExitStack,
    functions: Iterable[FunctionSettings],
    *,
    cache_folder: Path,
    aws_endpoint_url: str,
    concurrency: int | None,
) -> dict[str, LambdaFunction]:
    """Return the functions by ARN, each with one environment that is ready or has said in the log why not.

    What `stack` unwinds stops every process of theirs. Raises StartError where a requirement cannot be
    installed.
    """
    guard = ProcessGuard()
    try:
        await guard.start()
    except OSError as error:
        raise StartError(f"no POSIX shell to guard the functions' processes: {error}") from None
    stack.push_async_callback(guard.stop)
    interpreter = await make_interpreter(RUNTIME_REQUIREMENTS, cache_folder, logger.info)
    started = {}
    for settings in functions:
        launch = Launch(
            settings,
            interpreter,
            guard,
            requirements_folder=await install_requirements(settings, cache_folder, logger.info),
            local_aws={"AWS_ENDPOINT_URL": aws_endpoint_url},
        )
        function = LambdaFunction(launch, log=log_function_line, concurrency=concurrency)
        stack.push_async_callback(function.stop)
        started[settings.arn] = function
    await asyncio.gather(*(function.start() for function in started.values()))
    return started


def log_function_line(line: LogLine) -> None:
    """Put a line of a function's log into the stage's own."""
    logger.info("[%s] %s", line.function, line.text)
