"""What a handler finds around it: its context, and the environment of its process."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from pathlib import Path

import pytest

from tests.local.lambda_runtime.running_function import ARN, TRACE_HEADER, run_function

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)


def test_context_is_complete(interpreter: Path, tmp_path: Path) -> None:
    source = """
        def handler(event, context):
            return {
                "aws_request_id": context.aws_request_id,
                "function_name": context.function_name,
                "function_version": context.function_version,
                "invoked_function_arn": context.invoked_function_arn,
                "memory_limit_in_mb": context.memory_limit_in_mb,
                "log_group_name": context.log_group_name,
                "log_stream_name": context.log_stream_name,
                "identity": context.identity.cognito_identity_id,
                "client_context": context.client_context,
                "remaining": context.get_remaining_time_in_millis(),
            }
    """

    async def run() -> None:
        started = time.strftime("%Y/%m/%d", time.gmtime())
        async with run_function(interpreter, tmp_path, source, timeout=7, memory_size=256) as running:
            context = await running.invoke(request_id="the-request")
            remaining = context.pop("remaining")
            assert 0 < remaining <= 7000
            stream = context.pop("log_stream_name")
            days = "|".join({started, time.strftime("%Y/%m/%d", time.gmtime())})  # midnight may lie between
            assert re.fullmatch(rf"({days})/\[\$LATEST\][0-9a-f]{{32}}", stream)
            assert stream == running.lines[0].log_stream
            assert context == {
                "aws_request_id": "the-request",
                "function_name": "hello-api-hello",
                "function_version": "$LATEST",
                "invoked_function_arn": ARN,
                "memory_limit_in_mb": "256",
                "log_group_name": "/aws/lambda/hello-api-hello",
                "identity": None,
                "client_context": None,
            }

    asyncio.run(run())


def test_a_function_that_is_invoked_by_an_alias_is_told_so(interpreter: Path, tmp_path: Path) -> None:
    """The alias is in the ARN; context, environment, log stream and START name the version."""
    source = """
        import os

        def handler(event, context):
            return [
                context.invoked_function_arn,
                context.function_name,
                context.function_version,
                os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
                context.log_stream_name,
                os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
            ]
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, qualifier="live", version="7") as running:
            *told, stream, same_stream = await running.invoke(request_id="one")
            assert told == [f"{ARN}:live", "hello-api-hello", "7", "7"]
            assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[7\][0-9a-f]{32}", stream)
            assert stream == same_stream == running.lines[0].log_stream
            assert running.texts("one")[0] == "START RequestId: one Version: 7"

    asyncio.run(run())


@pytest.mark.rule("function.environment")
def test_environment_is_lambdas_and_nothing_else(interpreter: Path, tmp_path: Path) -> None:
    source = """
        import os

        def handler(event, context):
            return dict(os.environ)
    """

    async def run() -> None:
        async with run_function(
            interpreter,
            tmp_path,
            source,
            environment={"GREETING": "hello"},
            local_aws={"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
        ) as running:
            environment = await running.invoke()
            assert re.fullmatch(r"127\.0\.0\.1:\d+", environment.pop("AWS_LAMBDA_RUNTIME_API"))
            assert environment.pop("_X_AMZN_TRACE_ID") == TRACE_HEADER
            assert environment.pop("AWS_LAMBDA_LOG_STREAM_NAME") == running.lines[0].log_stream
            packages = str(interpreter.parent.parent / "lib" / "python3.13" / "site-packages")
            libraries = f"{sys.base_prefix}/lib:/lib64:/usr/lib64:{packages}:{packages}/lib"
            assert environment == {
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_DEFAULT_REGION": "ap-northeast-1",
                "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
                "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
                "AWS_LAMBDA_FUNCTION_NAME": "hello-api-hello",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
                "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/hello-api-hello",
                "AWS_REGION": "ap-northeast-1",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_SESSION_TOKEN": "test",
                "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
                "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
                "GREETING": "hello",
                "HOME": "/home/sbx_user1051",
                "LAMBDA_RUNTIME_DIR": packages,
                "LAMBDA_TASK_ROOT": str(tmp_path),
                "LANG": "en_US.UTF-8",
                "LC_CTYPE": "C.UTF-8",
                "LD_LIBRARY_PATH": f"{libraries}:{tmp_path}:{tmp_path}/lib:/opt/lib",
                "PATH": f"{interpreter.parent}:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
                "PYTHONPATH": packages,
                "PWD": str(tmp_path),
                "SHLVL": "0",
                "TZ": ":UTC",
                "_AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1",
                "_AWS_XRAY_DAEMON_PORT": "2000",
                "_HANDLER": "app.handler",
            }

    asyncio.run(run())


@pytest.mark.rule("function.initialization-type")
def test_a_published_version_with_snap_start_is_told_so_and_runs(interpreter: Path, tmp_path: Path) -> None:
    """AWS's own runtime says then that it is ready for a snapshot, and waits until it is restored."""
    source = """
        import os

        def handler(event, context):
            return os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, version="1", snap_start=True) as running:
            assert await running.invoke() == "snap-start"

    asyncio.run(run())


def test_traced_function_is_told_that_it_is_sampled(interpreter: Path, tmp_path: Path) -> None:
    source = """
        import os

        def handler(event, context):
            return os.environ["_X_AMZN_TRACE_ID"]
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source, tracing=True) as running:
            assert await running.invoke() == TRACE_HEADER.replace("Sampled=0", "Sampled=1")

    asyncio.run(run())


def test_developers_own_variables_and_packages_stay_outside(interpreter: Path, tmp_path: Path) -> None:
    """The tests' environment has variables and the package pytest; the function sees neither."""
    source = """
        import importlib.util, os, sys

        def handler(event, context):
            return [
                sorted(set(event) & set(os.environ)),
                importlib.util.find_spec("pytest") is not None,
                [path for path in sys.path if "site-packages" in path],
                os.path.exists(os.path.expanduser("~")),
            ]
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            own = running.launch.build_environment("", "").keys() | {"LC_CTYPE"}
            names = sorted(os.environ.keys() - own)
            assert "PYTEST_CURRENT_TEST" in names
            packages = str(interpreter.parent.parent / "lib" / "python3.13" / "site-packages")
            leaked, has_pytest, paths, has_home = await running.invoke(names)
            assert leaked == []
            assert has_pytest is False
            assert set(paths) == {packages}
            assert has_home is False

    asyncio.run(run())
