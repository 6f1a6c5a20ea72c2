"""Node.js functions are held to what Python's are: faults, reload, concurrency, and a debugger."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from local_stage.lambda_runtime.function_error import (
    FunctionCrashError,
    FunctionInitError,
    FunctionMemoryError,
    FunctionStoppedError,
    FunctionUnavailableError,
)
from local_stage.lambda_runtime.runtimes.nodejs import NodejsRuntime, PreparedNodejs
from local_stage.lambda_runtime.runtimes.runtime import Workspace
from local_stage.serving.sockets import find_free_port
from tests.local.lambda_runtime.inspector_client import inspecting
from tests.local.lambda_runtime.running_function import (
    RunningFunction,
    build_settings,
    run_function,
    write_source,
)
from tests.processes import is_running

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js is not on the PATH")

HARMED = """
    const {{ spawn }} = require("node:child_process");
    exports.handler = async (event) => {{
      if (event === "harm") {{ {harm}; await new Promise((resolve) => setTimeout(resolve, 5000)); }}
      return [event, process.pid];
    }};
"""


@asynccontextmanager
async def running_node(
    folder: Path, source: str, *, version: int = 22, file: str = "app.js", **options: Any
) -> AsyncIterator[RunningFunction]:
    """Run a Node.js function of this source, in as many environments as `concurrency` says."""
    write_source(folder, source, file)
    prepared = PreparedNodejs(Path(NODE or ""), version)
    async with run_function(prepared, folder, None, runtime=f"nodejs{version}.x", **options) as running:
        yield running


@pytest.mark.parametrize(
    ("harm", "how"),
    [
        ("process.exit(1)", "Runtime exited with error: exit status 1"),
        ("process.exit()", "Runtime exited without providing a reason"),
        ("process.kill(process.pid, 'SIGKILL')", "Runtime exited with error: signal: killed"),
        ("process.abort()", "Runtime exited with error: signal: aborted"),
    ],
)
def test_a_process_that_ends_is_a_crash_and_is_replaced(tmp_path: Path, harm: str, how: str) -> None:
    async def run() -> None:
        async with running_node(tmp_path, HARMED.format(harm=harm)) as running:
            with pytest.raises(FunctionCrashError, match=how):
                await running.invoke("harm")
            assert (await running.invoke("good"))[0] == "good"

    asyncio.run(run())


def test_more_memory_than_the_function_has_is_a_crash(tmp_path: Path) -> None:
    source = HARMED.format(harm="globalThis.block = Buffer.alloc(300 * 1024 * 1024, 1)")

    async def run() -> None:
        async with running_node(tmp_path, source, memory_size=256) as running:
            with pytest.raises(FunctionMemoryError):
                await running.invoke("harm")
            assert (await running.invoke("good"))[0] == "good"

    asyncio.run(run())


def test_megabytes_of_output_without_line_feed_block_nothing(tmp_path: Path) -> None:
    source = "exports.handler = async () => { process.stdout.write('x'.repeat(3 * 1024 * 1024)); return 1; };"

    async def run() -> None:
        async with running_node(tmp_path, source) as running:
            assert await running.invoke() == 1
            await running.wait_for_log(lambda texts: sum(map(len, texts)) >= 3 * 1024 * 1024)

    asyncio.run(run())


def test_a_process_killed_while_it_waits_is_replaced(tmp_path: Path) -> None:
    async def run() -> None:
        async with running_node(tmp_path, HARMED.format(harm="")) as running:
            _, pid = await running.invoke("first")
            os.kill(pid, signal.SIGKILL)
            again, other = await running.invoke("again")
            assert (again, other != pid) == ("again", True)

    asyncio.run(run())


def test_neither_a_process_that_ignores_sigterm_nor_its_children_outlive_the_stop(tmp_path: Path) -> None:
    source = """
        const { spawn } = require("node:child_process");
        process.on("SIGTERM", () => {});
        exports.handler = async () => [process.pid, spawn("sleep", ["60"], { detached: true }).pid];
    """

    async def run() -> list[int]:
        async with running_node(tmp_path, source) as running:
            pids: list[int] = await running.invoke()
            return pids

    pids = asyncio.run(run())
    assert len(pids) == 2
    assert not [pid for pid in pids if is_running(pid)]


def test_many_at_once_each_get_their_own_answer(tmp_path: Path) -> None:
    source = "exports.handler = async (event, context) => [event, context.awsRequestId, process.pid];"

    async def run() -> None:
        async with running_node(tmp_path, source, concurrency=3) as running:
            answers = await asyncio.gather(*(running.invoke(n, f"request-{n}") for n in range(30)))
            assert [answer[:2] for answer in answers] == [[n, f"request-{n}"] for n in range(30)]
            assert len({answer[2] for answer in answers}) <= 3
            assert running.function.refused_calls == 0

    asyncio.run(run())


@pytest.mark.parametrize(
    ("file", "export"), [("app.js", "exports.handler ="), ("app.mjs", "export const handler =")]
)
def test_each_save_is_seen_by_the_next_invocation_and_a_broken_one_until_it_is_mended(
    tmp_path: Path, file: str, export: str
) -> None:
    async def run() -> None:
        async with running_node(tmp_path, f"{export} async () => 'old';", file=file) as running:
            assert await running.invoke() == "old"
            write_source(tmp_path, f"{export} async () => 'new';", file)
            assert await running.invoke() == "new"
            write_source(tmp_path, f"{export} =>", file)
            with pytest.raises(FunctionInitError, match=r"Runtime\.UserCodeSyntaxError"):
                await running.invoke()
            write_source(tmp_path, f"{export} async () => 'mended';", file)
            assert await running.invoke() == "mended"

    asyncio.run(run())


def test_what_runs_during_a_save_ends_on_the_old_code(tmp_path: Path) -> None:
    source = """
        const fs = require("node:fs");
        exports.handler = async (event) => {
          console.log("waiting");
          while (event && !fs.existsSync(event)) { await new Promise((resolve) => setTimeout(resolve, 5)); }
          return "old";
        };
    """

    async def run() -> None:
        async with running_node(tmp_path / "code", source, concurrency=2) as running:
            old = asyncio.create_task(running.invoke(str(tmp_path / "open")))
            await running.wait_for_text("waiting")
            write_source(tmp_path / "code", "exports.handler = async () => 'new';", "app.js")
            assert await running.invoke() == "new"
            (tmp_path / "open").touch()
            assert await old == "old"

    asyncio.run(run())


def test_stopping_fails_what_runs(tmp_path: Path) -> None:
    source = """
        exports.handler = async () => {
          console.log("begun");
          await new Promise(() => setTimeout(() => {}, 1e6));
        };
    """

    async def run() -> None:
        async with running_node(tmp_path, source) as running:
            invocation = asyncio.create_task(running.invoke())
            await running.wait_for_text("begun")
            await running.function.stop()
            with pytest.raises(FunctionStoppedError):
                await invocation

    asyncio.run(run())


@pytest.mark.parametrize("version", [22, 24])
def test_a_debugger_stops_in_the_handler_and_sees_its_variables(tmp_path: Path, version: int) -> None:
    source = """\
exports.handler = async (event) => {
  const greeting = `hello ${event}`;
  return greeting;
};
"""

    async def run() -> None:
        port = find_free_port(0, "--debug")
        async with running_node(tmp_path, source, version=version, debug_port=port, timeout=1) as running:
            await running.function.start()
            texts = await running.wait_for_text("Debugger listening on ws://")
            address = next(found[0] for text in texts if (found := re.search(r"ws://\S+", text)))
            async with inspecting(address) as debugger:
                await debugger.call("Debugger.enable")
                url = (tmp_path / "app.js").as_uri()
                await debugger.call("Debugger.setBreakpointByUrl", lineNumber=2, url=url)
                await debugger.call("Runtime.runIfWaitingForDebugger")
                await debugger.wait_for_stop()
                await debugger.call("Debugger.resume")
                invocation = asyncio.create_task(running.invoke("world"))
                frame = await debugger.wait_for_stop()
                assert (frame["functionName"], frame["location"]["lineNumber"]) == ("exports.handler", 2)
                seen = await debugger.call(
                    "Debugger.evaluateOnCallFrame", callFrameId=frame["callFrameId"], expression="greeting"
                )
                assert seen["result"]["value"] == "hello world"
                await debugger.call("Debugger.resume")
                assert await invocation == "hello world"

    asyncio.run(run())


def prepare(folder: Path, version: int, **environment: str) -> PreparedNodejs:
    settings = build_settings(folder, runtime=f"nodejs{version}.x", environment=environment)
    return asyncio.run(NodejsRuntime().prepare(settings, Workspace(folder / "cache", print)))


@pytest.mark.parametrize(("version", "expected"), [(22, "Runtime.UserCodeSyntaxError"), (24, "module")])
def test_a_file_without_a_type_is_a_module_only_from_nodejs_24_on(
    tmp_path: Path, version: int, expected: str
) -> None:
    """Lambda starts older ones without what Node.js itself does by default."""
    code = tmp_path / "code"
    write_source(code, "export const handler = async () => 'module';", "app.js")

    async def run(prepared: PreparedNodejs) -> Any:
        async with run_function(prepared, code, None, runtime=f"nodejs{version}.x") as running:
            try:
                return await running.invoke()
            except FunctionInitError as error:
                return error.error_type

    assert asyncio.run(run(prepare(code, version))) == expected


@pytest.mark.parametrize(("version", "brought"), [(16, "aws-sdk"), (22, "@aws-sdk/client-s3")])
def test_the_sdk_that_the_code_names_is_that_of_the_runtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, brought: str
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    source = "require('aws-sdk'); require('@aws-sdk/client-s3'); exports.handler = async () => 1;"
    write_source(tmp_path / "code", source, "app.js")
    settings, said = build_settings(tmp_path / "code", runtime=f"nodejs{version}.x"), list[str]()
    with pytest.raises(FunctionUnavailableError, match="npm"):
        asyncio.run(NodejsRuntime().prepare(settings, Workspace(tmp_path / "cache", said.append)))
    assert f"Installing the AWS SDK for HelloFunction, once: {brought}" in said
