"""A Node.js function that a test writes and runs."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from local_stage.lambda_runtime.function_error import FunctionError
from local_stage.lambda_runtime.runtimes.nodejs import PreparedNodejs
from tests.local.lambda_runtime.running_function import RunningFunction, run_function, write_source

NODE = shutil.which("node")
NEEDS_NODE = pytest.mark.skipif(NODE is None, reason="Node.js is not on the PATH")

CALLBACKS = 22
"""A version whose handlers may take a callback."""


def run(
    folder: Path,
    source: str,
    *events: object,
    version: int = CALLBACKS,
    file: str = "app.js",
    packages: tuple[Path, ...] = (),
    **changes: Any,
) -> tuple[list[Any], list[str]]:
    """Return what the handler answers to the events, errors among them, and the function's own log."""
    write_source(folder, source, file)

    async def invoke() -> tuple[list[Any], list[str]]:
        prepared = PreparedNodejs(Path(NODE or ""), version, packages)
        settings = {"runtime": f"nodejs{version}.x", **changes}
        async with run_function(prepared, folder, None, **settings) as running:
            answers = [await answer(running, event) for event in events]
            return answers, running.texts(platform=False)

    return asyncio.run(invoke())


async def answer(running: RunningFunction, event: object) -> Any:
    try:
        return await running.invoke(event)
    except FunctionError as error:
        return error
