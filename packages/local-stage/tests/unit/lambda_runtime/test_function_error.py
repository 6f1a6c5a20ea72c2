"""What the developer's log is told of a failure, and what Lambda's Invoke would answer."""

from __future__ import annotations

import json

import pytest

from local_stage.lambda_runtime.function_error import (
    FunctionInitError,
    FunctionMemoryError,
    FunctionThrottledError,
    FunctionTimeoutError,
    HandlerError,
    describe_exit,
)


def test_handlers_error_names_its_place() -> None:
    payload = json.dumps(
        {
            "errorMessage": "no table",
            "errorType": "ValueError",
            "requestId": "r",
            "stackTrace": [
                '  File "/app.py", line 3, in handler\n    load()\n',
                '  File "/db.py", line 9, in load\n',
            ],
        }
    ).encode()
    error = HandlerError("HelloFunction", payload)
    assert error.reason == 'HelloFunction failed: ValueError: no table (File "/db.py", line 9, in load)'
    assert (error.error_type, error.message, error.payload) == ("ValueError", "no table", payload)


@pytest.mark.parametrize("payload", [b"", b"no json", b"[]", b"{}", b'{"stackTrace": "none"}', b"\xff"])
def test_handlers_error_of_another_shape_is_an_error_all_the_same(payload: bytes) -> None:
    assert HandlerError("HelloFunction", payload).reason.startswith("HelloFunction failed: ")


def test_lambdas_own_errors_are_payloads_of_type_and_message() -> None:
    error = FunctionTimeoutError("HelloFunction", "r", 3)
    assert json.loads(error.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: r Error: Task timed out after 3.00 seconds",
    }


def test_memory_error_says_what_was_used_and_allowed() -> None:
    error = FunctionMemoryError("HelloFunction", "r", 301, 256)
    assert error.reason == "HelloFunction used 301 MB of its 256 MB; raise its MemorySize"
    assert error.message == "RequestId: r Error: Runtime exited with error: signal: killed"


def test_throttled_error_names_the_property() -> None:
    error = FunctionThrottledError("HelloFunction", 2)
    assert error.reason == "HelloFunction was throttled: its ReservedConcurrentExecutions is 2"


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (0, "Runtime exited without providing a reason"),
        (1, "Runtime exited with error: exit status 1"),
        (-9, "Runtime exited with error: signal: killed"),
        (-63, "Runtime exited with error: signal: real-time signal 29"),
    ],
)
def test_exit_is_described_in_lambdas_words(status: int, description: str) -> None:
    assert describe_exit(status) == description


def test_an_invocation_that_waited_for_an_environment_is_named_in_its_error() -> None:
    error = FunctionInitError.exited("hello", 0).of_request("r-1")
    expected = "RequestId: r-1 Error: Runtime exited without providing a reason"
    assert json.loads(error.payload)["errorMessage"] == expected


def test_what_the_runtime_reports_of_its_init_names_no_invocation() -> None:
    payload = b'{"errorMessage": "no", "errorType": "Exception", "requestId": "", "stackTrace": []}'
    error = FunctionInitError.read("hello", "Exception", payload)
    assert error.of_request("r-1").payload == payload


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        (
            "Unable to import module 'app': No module named 'requests'",
            "; the function's requirements.txt lacks the package that has requests; add it, ",
        ),
        (
            "No module named 'yaml.loader'",
            "; the function's requirements.txt lacks the package that has yaml; ",
        ),
        (
            "Unable to import module 'other': No module named 'other'",
            "; Handler names a file that CodeUri does not have: other.py",
        ),
        ("Unable to import module 'app': No module named 'boto3'", "; Lambda's Python has boto3: here it"),
        ("division by zero", ""),
    ],
)
def test_of_a_missing_module_it_is_said_what_to_do(message: str, advice: str) -> None:
    payload = json.dumps({"errorType": "Runtime.ImportModuleError", "errorMessage": message}).encode()
    reason = FunctionInitError.read("hello", "Runtime.ImportModuleError", payload).reason
    assert reason.startswith(f"hello failed to start: Runtime.ImportModuleError: {message}{advice}")
    assert HandlerError("hello", payload).message == message
