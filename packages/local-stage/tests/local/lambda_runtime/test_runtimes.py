"""Which interpreter runs a function: the version that the template names, else the nearest one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from local_stage.lambda_runtime.function_error import FunctionInitError, FunctionUnavailableError
from local_stage.lambda_runtime.function_log import LogLine
from local_stage.lambda_runtime.function_settings import Build
from local_stage.lambda_runtime.functions import Functions, PreparingFunction
from local_stage.lambda_runtime.requirements import Python, make_interpreter
from local_stage.lambda_runtime.runtimes.interpreters import Interpreter, choose_nearest, find_interpreters
from local_stage.lambda_runtime.runtimes.provided import ProvidedRuntime
from local_stage.lambda_runtime.runtimes.python import (
    MANAGED,
    RUNTIME_REQUIREMENTS,
    PreparedPython,
    PythonRuntime,
)
from local_stage.lambda_runtime.runtimes.registry import find_runtime
from local_stage.lambda_runtime.runtimes.runtime import RuntimeRefusedError, Workspace
from tests.local.lambda_runtime.running_function import (
    build_settings,
    run_function,
    write_source,
)

VERSION = """
    import os, sys

    def handler(event, context):
        client = type(context).__module__.split(".")[0]
        return [*sys.version_info[:2], os.environ["AWS_EXECUTION_ENV"], client]
"""
BOOTSTRAP = f"""\
#!{sys.executable}
import os, urllib.request
root = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(root + "next") as answer:
        request_id, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], answer.read()
    urllib.request.urlopen(root + request_id + "/response", b'{{"got": ' + event + b"}}").read()
"""


async def find_python(minor: int) -> Python:
    """Return this machine's own Python of a version; skips the test without one."""
    names, managed = [f"python3.{minor}"], [f".pyenv/versions/3.{minor}.*/bin/python3"]
    for found in await find_interpreters(names, managed, 2):
        if found.version == (3, minor):
            return Python(found.program, found.version)
    pytest.skip(f"Python 3.{minor} is not on this machine")


async def ask_version(folder: Path, prepared: PreparedPython, minor: int) -> Any:
    """Return Python's version, Lambda's name of it and the runtime client, as a function sees them."""
    write_source(folder, VERSION)
    async with run_function(prepared, folder, None, runtime=f"python3.{minor}") as running:
        return await running.invoke()


def test_a_function_runs_in_the_very_version_that_the_template_names(tmp_path: Path, cache: Path) -> None:
    said: list[str] = []

    async def run() -> Any:
        await find_python(8)
        settings = build_settings(tmp_path, runtime="python3.8")
        prepared = await PythonRuntime().prepare(settings, Workspace(cache, said.append))
        return await ask_version(tmp_path, prepared, 8)

    assert asyncio.run(run()) == [3, 8, "AWS_Lambda_python3.8", "awslambdaric"]
    assert not [line for line in said if "is not here" in line]


@pytest.mark.parametrize("minor", [9, 10, 11, 12])
def test_awss_client_runs_a_function_in_each_version(tmp_path: Path, cache: Path, minor: int) -> None:
    """Without the libraries of Lambda's runtime: installing boto3 takes three times as long as all else."""

    async def run() -> Any:
        python = await find_python(minor)
        interpreter = await make_interpreter([RUNTIME_REQUIREMENTS], cache, print, python)
        return await ask_version(tmp_path, PreparedPython(interpreter, python=python), minor)

    assert asyncio.run(run()) == [3, minor, f"AWS_Lambda_python3.{minor}", "awslambdaric"]


@pytest.mark.parametrize(
    ("wanted", "found"), [((3, 10), (3, 10)), ((3, 9), (3, 10)), ((3, 12), (3, 13)), ((3, 14), (3, 13))]
)
def test_the_nearest_version_is_the_next_higher_one_or_else_the_highest(
    wanted: tuple[int, int], found: tuple[int, int]
) -> None:
    there = [Interpreter(version, Path("python")) for version in ((3, 8), (3, 10), (3, 13))]
    nearest = choose_nearest(there, wanted)
    assert nearest is not None
    assert nearest.version == found


def test_a_program_that_is_no_interpreter_is_not_taken_for_one(tmp_path: Path) -> None:
    program = tmp_path / "python3.9"
    program.write_text("#!/bin/sh\nexit 127\n")
    program.chmod(0o755)
    assert asyncio.run(find_interpreters([str(program)], [], 2)) == []


@pytest.mark.parametrize(
    "place",
    [
        ".pyenv/versions/3.9.1/bin/python3",
        ".local/share/uv/python/cpython-3.9.1-linux-x86_64-gnu/bin/python3",
        ".asdf/installs/python/3.9.1/bin/python3",
    ],
)
def test_what_version_managers_keep_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    program = tmp_path / place
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho Python 3.9.1\n")
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    found = asyncio.run(find_interpreters([], MANAGED, 2))
    assert found == [Interpreter((3, 9), program)]


@pytest.mark.parametrize("name", ["java21", "ruby3.3", "dotnet8", "python2.7", "nodejs", ""])
def test_a_runtime_that_is_not_run_locally_is_named(tmp_path: Path, name: str) -> None:
    settings = build_settings(tmp_path, runtime=name)
    with pytest.raises(FunctionUnavailableError, match=f"the runtime {name} is not run locally"):
        asyncio.run(find_runtime(name).prepare(settings, Workspace(tmp_path, print)))


def test_a_function_that_cannot_run_fails_every_invocation_with_the_reason(tmp_path: Path) -> None:
    lines: list[LogLine] = []
    functions = Functions(
        cache_folder=tmp_path / "cache",
        layers_folder=tmp_path / "layers",
        aws_endpoint_url="http://127.0.0.1:1",
        log=lines.append,
    )

    async def run() -> None:
        await functions.start()
        try:
            settings = build_settings(tmp_path, runtime="java21")
            (function,) = (await functions.run([settings])).values()
            await function.invoke(b"{}", request_id="request", trace_header="trace")
        finally:
            await functions.stop()

    with pytest.raises(
        FunctionInitError, match=r"HelloFunction failed to start: .*java21 is not run locally"
    ):
        asyncio.run(run())


def test_what_takes_long_to_build_keeps_no_api_from_starting(tmp_path: Path) -> None:
    source, door = tmp_path / "source", tmp_path / "door"
    source.mkdir()
    (source / "bootstrap").write_text(BOOTSTRAP)
    (source / "bootstrap").chmod(0o755)
    (source / "Makefile").write_text(
        f"build-HelloFunction:\n\tread _ <{door}\n\tcp bootstrap $(ARTIFACTS_DIR)/\n"
    )
    os.mkfifo(door)
    functions = Functions(
        cache_folder=tmp_path / "cache",
        layers_folder=tmp_path / "layers",
        aws_endpoint_url="http://127.0.0.1:1",
        log=print,
        patience=0.01,
    )

    async def run() -> bytes:
        await functions.start()
        try:
            settings = build_settings(
                source, runtime="provided.al2023", build=Build(tmp_path / "sam", "makefile")
            )
            (function,) = (await functions.run([settings])).values()
            assert isinstance(function, PreparingFunction)
            call = asyncio.create_task(function.invoke(b"1", request_id="request", trace_header="trace"))
            await asyncio.to_thread(door.write_text, "open\n")
            return await call
        finally:
            await functions.stop()

    assert json.loads(asyncio.run(run())) == {"got": 1}


def test_a_template_without_a_function_has_none_to_prepare(tmp_path: Path) -> None:
    functions = Functions(
        cache_folder=tmp_path / "cache",
        layers_folder=tmp_path / "layers",
        aws_endpoint_url="http://127.0.0.1:1",
        log=print,
    )
    assert asyncio.run(functions.run([])) == {}


def test_a_program_of_the_functions_own_speaks_the_runtime_api(tmp_path: Path) -> None:
    (tmp_path / "bootstrap").write_text(BOOTSTRAP)
    (tmp_path / "bootstrap").chmod(0o755)

    async def run() -> Any:
        settings = build_settings(tmp_path, runtime="provided.al2023")
        prepared = await ProvidedRuntime().prepare(settings, Workspace(tmp_path, print))
        async with run_function(prepared, tmp_path, None, runtime="provided.al2023") as running:
            return await running.invoke("event")

    assert asyncio.run(run()) == {"got": "event"}


def test_only_the_very_version_will_do_where_that_is_asked_for(tmp_path: Path) -> None:
    settings = build_settings(tmp_path, runtime="python3.15")
    with pytest.raises(RuntimeRefusedError, match=r"HelloFunction\.Runtime: python3\.15 is not on"):
        asyncio.run(PythonRuntime().prepare(settings, Workspace(tmp_path, print, is_strict=True)))


def test_a_program_that_was_not_built_is_asked_for(tmp_path: Path) -> None:
    assert not os.access(tmp_path / "bootstrap", os.X_OK)
    settings = build_settings(tmp_path, runtime="provided.al2023")
    with pytest.raises(FunctionUnavailableError, match="build the function first"):
        asyncio.run(ProvidedRuntime().prepare(settings, Workspace(tmp_path, print)))
