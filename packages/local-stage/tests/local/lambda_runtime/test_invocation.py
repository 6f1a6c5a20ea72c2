"""What a handler is given, what it gives back, and what is logged around it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from local_stage.lambda_runtime.function_error import (
    EventTooLargeError,
    HandlerError,
    ResponseTooLargeError,
)
from tests.local.lambda_runtime.running_function import run_function

pytestmark = pytest.mark.parametrize("interpreter", ["aws", "portable"], indirect=True)

ECHO = """
    def handler(event, context):
        return {"echo": event}
"""


def test_handler_answers_with_what_it_returns(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, ECHO) as running:
            assert await running.invoke({"name": "大塚", "n": 1.5}) == {"echo": {"name": "大塚", "n": 1.5}}

    asyncio.run(run())


def test_handler_may_stand_in_a_package(interpreter: Path, tmp_path: Path) -> None:
    (tmp_path / "api" / "v1").mkdir(parents=True)
    (tmp_path / "api" / "v1" / "main.py").write_text("def handler(event, context):\n    return __name__\n")

    async def run() -> None:
        async with run_function(interpreter, tmp_path, None, handler="api.v1.main.handler") as running:
            assert await running.invoke() == "api.v1.main"

    asyncio.run(run())


def test_handler_has_as_many_file_descriptors_as_in_lambda(interpreter: Path, tmp_path: Path) -> None:
    source = """
        import resource

        def handler(event, context):
            return resource.getrlimit(resource.RLIMIT_NOFILE)
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            assert await running.invoke() == [1024, 1024]

    asyncio.run(run())


def test_nothing_is_written_into_the_functions_folder(interpreter: Path, tmp_path: Path) -> None:
    (tmp_path / "greeting.py").write_text("TEXT = 'hello'\n")
    source = """
        import greeting

        def handler(event, context):
            return greeting.TEXT
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            assert await running.invoke() == "hello"

    asyncio.run(run())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.py", "greeting.py"]


def test_a_raised_exception_is_reported_with_its_trace(interpreter: Path, tmp_path: Path) -> None:
    source = """
        def handler(event, context):
            raise ValueError("no such greeting")
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            with pytest.raises(HandlerError) as raised:
                await running.invoke(request_id="the-request")
            assert raised.value.error_type == "ValueError"
            assert raised.value.message == "no such greeting"
            assert raised.value.reason.startswith("HelloFunction failed: ValueError: no such greeting (File ")
            assert b'"requestId": "the-request"' in raised.value.payload
            texts = await running.wait_for_text("REPORT")
            assert texts.count("[ERROR] ValueError: no such greeting") == 1
            assert texts.count("Traceback (most recent call last):") == 1
            assert '    raise ValueError("no such greeting")' in texts

    asyncio.run(run())


@pytest.mark.parametrize(
    ("expression", "error_type"),
    [("object()", "Runtime.MarshalError"), ("handler(event, context)", "RecursionError")],
)
def test_what_is_no_json_and_what_never_returns_fail(
    interpreter: Path, tmp_path: Path, expression: str, error_type: str
) -> None:
    source = f"""
        def handler(event, context):
            if event == "good":
                return "good"
            return {expression}
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            with pytest.raises(HandlerError) as raised:
                await running.invoke()
            assert raised.value.error_type == error_type
            assert await running.invoke("good") == "good"

    asyncio.run(run())


def test_a_response_of_six_megabytes_passes_and_a_larger_one_is_refused(
    interpreter: Path, tmp_path: Path
) -> None:
    """The two quotes of the JSON string count; so do the 100 bytes that Lambda adds to its 6 MB."""
    source = """
        def handler(event, context):
            return "x" * event
    """
    limit = 6 * 1024 * 1024 + 100 - 2

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            assert len(await running.invoke(limit)) == limit
            with pytest.raises(ResponseTooLargeError) as raised:
                await running.invoke(limit + 1)
            assert raised.value.error_type == "Function.ResponseSizeTooLarge"
            assert await running.invoke(3) == "xxx"

    asyncio.run(run())


def test_an_event_over_six_megabytes_never_reaches_the_function(interpreter: Path, tmp_path: Path) -> None:
    async def run() -> None:
        async with run_function(interpreter, tmp_path, ECHO) as running:
            with pytest.raises(EventTooLargeError):
                await running.invoke("x" * (6 * 1024 * 1024 + 100))
            assert running.lines == []

    asyncio.run(run())


def test_log_has_the_output_between_lambdas_own_lines(interpreter: Path, tmp_path: Path) -> None:
    source = """
        import logging, sys

        print("while importing")

        def handler(event, context):
            print("to stdout")
            print("to stderr", file=sys.stderr)
            logging.getLogger().warning("to the logger")
            print("without line feed", end="")
            return "said"
    """

    async def run() -> None:
        async with run_function(interpreter, tmp_path, source) as running:
            assert await running.invoke(request_id="one") == "said"
            await running.wait_for_text("REPORT RequestId: one")
            await running.invoke(request_id="two")
            await running.wait_for_text("REPORT RequestId: two")
            assert running.lines[0].text == "while importing"
            assert running.lines[0].request_id is None
            start, stdout, stderr, logged, unfinished, end, report = running.texts("one")
            assert start == "START RequestId: one Version: $LATEST"
            assert (stdout, stderr, unfinished) == ("to stdout", "to stderr", "without line feed")
            assert re.fullmatch(r"\[WARNING\]\t\d{4}-\S+Z\tone\tto the logger", logged)
            assert end == "END RequestId: one"
            assert re.fullmatch(
                r"REPORT RequestId: one\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
                r"Memory Size: 512 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms",
                report,
            )
            assert "Init Duration" not in running.texts("two")[-1]
            assert len(running.lines) == 1 + 7 + 7

    asyncio.run(run())
