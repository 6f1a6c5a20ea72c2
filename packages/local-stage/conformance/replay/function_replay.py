"""Runs what was recorded of functions: their environment, their context, and what Lambda says of errors."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from conformance.replay.facts import Fact, flatten, follow
from conformance.replay.recording import FOLDER, Entry
from local_stage.lambda_runtime.function_error import FunctionError
from local_stage.lambda_runtime.function_log import LogLine
from local_stage.lambda_runtime.function_settings import FunctionSettings
from local_stage.lambda_runtime.functions import Functions
from tests.stage_process import CACHE

_HANDLERS: Final = {
    "raise": "asked.raise_",
    "exit": "asked.leave",
    "fail_at_import": "fails.handler",
    "exit_at_import": "leaves.handler",
}
_REQUEST_ID: Final = "0a1b2c3d-0000-4000-8000-000000000000"
_TRACE: Final = (
    "Root=1-67891233-abcdef012345678912345678;Parent=0123456789abcdef;Sampled=0;Lineage=1:0a1b2c3d:0"
)
_PATIENCE: Final = 60.0
"""Seconds in which the end of a log has to come."""
_PREFIX: Final = "arn:aws:lambda:ap-northeast-1:123456789012:function:"


class _Log:
    """The lines of one invocation; `has_report` is set when Lambda has said the last of them."""

    def __init__(self) -> None:
        self.lines: list[LogLine] = []
        self.has_report = asyncio.Event()

    def take(self, line: LogLine) -> None:
        self.lines.append(line)
        if line.platform and line.text.startswith("REPORT "):
            self.has_report.set()

    def clear(self) -> None:
        self.lines.clear()
        self.has_report.clear()


def run_functions(entries: Sequence[Entry], folder: Path) -> Mapping[str, list[Fact]]:
    """Return the facts of each entry by its key, with what the functions here have in their places."""
    return asyncio.run(_run(entries, folder))


async def _run(entries: Sequence[Entry], folder: Path) -> Mapping[str, list[Fact]]:
    log = _Log()
    functions = Functions(
        cache_folder=CACHE,
        layers_folder=folder / "layers",
        aws_endpoint_url="http://127.0.0.1:4566",
        log=log.take,
        concurrency=1,
    )
    await functions.start()
    try:
        return {entry.key: list(await _find_facts(entry, functions, log)) for entry in entries}
    finally:
        await functions.stop()


async def _find_facts(entry: Entry, functions: Functions, log: _Log) -> Iterator[Fact]:
    asked = entry.asked
    settings = _settings(asked, re.sub(r"\W+", "-", entry.key))
    running = await functions.run([settings])
    log.clear()
    event = json.dumps(asked.get("event", {})).encode()
    try:
        result = await running[settings.invoked_arn].invoke(
            event, request_id=_REQUEST_ID, trace_header=_TRACE
        )
    except FunctionError as error:
        result = error.payload
    payload = json.loads(result)
    found = {**(payload if isinstance(payload, dict) else {}), "payload": payload}
    if "environment" in found:
        found["variables"] = sorted(found["environment"])
        found["environment"] = _as_on_lambda(found["environment"])
    if "log" in entry.recorded:
        async with asyncio.timeout(_PATIENCE):
            await log.has_report.wait()
    found["log"] = [line.text for line in log.lines if line.request_id is not None]
    return (Fact(place, wanted, follow(found, place.split("/"))) for place, wanted in flatten(entry.recorded))


def _settings(asked: Mapping[str, Any], name: str) -> FunctionSettings:
    return FunctionSettings(
        logical_id=name,
        name=name,
        arn=f"{_PREFIX}{name}",
        code_folder=FOLDER / "function",
        handler=_HANDLERS.get(asked["does"], f"asked.{asked['does']}"),
        runtime=asked["runtime"],
        timeout=asked.get("timeout", 10),
        memory_size=asked.get("memory", 128),
        environment=asked.get("variables", {}),
        reserved_concurrency=asked.get("reserved_concurrency"),
    )


def _as_on_lambda(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with the folders of this machine called as they are on Lambda."""
    folders = {
        environment["LAMBDA_TASK_ROOT"]: "/var/task",
        environment["LAMBDA_RUNTIME_DIR"]: "/var/runtime",
        environment["PATH"].partition(":")[0]: "/var/lang/bin",
    }
    told = dict(environment)
    for name, value in told.items():
        for folder, on_lambda in folders.items():
            value = value.replace(folder, on_lambda)  # noqa: PLW2901 - one folder after the other
        told[name] = value
    return told
