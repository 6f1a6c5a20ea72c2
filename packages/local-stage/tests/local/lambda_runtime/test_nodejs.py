"""Node.js functions: our client of the Runtime API behaves as AWS's two do, of Node.js 22 and of 24."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_stage.lambda_runtime.function_error import (
    FunctionCrashError,
    FunctionError,
    FunctionInitError,
    FunctionTimeoutError,
    HandlerError,
)
from tests.local.lambda_runtime.nodejs_function import CALLBACKS, NEEDS_NODE, run

pytestmark = NEEDS_NODE

ASYNC = 24
BOTH = pytest.mark.parametrize("version", [CALLBACKS, ASYNC])


def fail(
    folder: Path, source: str, version: int = CALLBACKS, **changes: Any
) -> tuple[FunctionError, list[str]]:
    (error,), log = run(folder, source, None, version=version, **changes)
    assert isinstance(error, FunctionError)
    return error, log


def described(error: FunctionError) -> tuple[str, str]:
    payload = json.loads(error.payload)
    return payload["errorType"], payload["errorMessage"]


@BOTH
@pytest.mark.parametrize(
    ("file", "export"), [("app.js", "exports.handler ="), ("app.mjs", "export const handler ="),
                         ("app.cjs", "exports.handler =")]
)  # fmt: skip
def test_an_async_handler_answers_event_after_event(
    tmp_path: Path, version: int, file: str, export: str
) -> None:
    source = f"{export} async (event) => ({{ got: event }});"
    answers, _ = run(tmp_path, source, 1, "two", version=version, file=file)
    assert answers == [{"got": 1}, {"got": "two"}]


def test_a_callback_waits_for_what_the_handler_left_behind(tmp_path: Path) -> None:
    source = """
        exports.handler = (event, context, callback) => {
          context.callbackWaitsForEmptyEventLoop = event === 1;
          setTimeout(() => console.log("later"), 50);
          callback(null, "now");
        };
    """
    answers, log = run(tmp_path, source, 1)
    assert answers == ["now"]
    assert [line.rpartition("\t")[2] for line in log] == ["later"]
    assert run(tmp_path, source.replace("50", "60000"), 0)[0] == ["now"]


@pytest.mark.parametrize(
    ("version", "expected"), [(CALLBACKS, None), (ASYNC, "plain")], ids=["as before 24", "from 24 on"]
)
def test_a_plain_value_is_the_response_only_from_nodejs_24_on(
    tmp_path: Path, version: int, expected: str | None
) -> None:
    assert run(tmp_path, "exports.handler = () => 'plain';", 1, version=version)[0] == [expected]


def test_a_callback_handler_is_refused_from_nodejs_24_on(tmp_path: Path) -> None:
    error, _ = fail(tmp_path, "exports.handler = (event, context, callback) => callback(null, 1);", ASYNC)
    assert isinstance(error, FunctionInitError)
    assert described(error)[0] == "Runtime.CallbackHandlerDeprecated"


@BOTH
def test_an_error_is_reported_with_type_message_and_place(tmp_path: Path, version: int) -> None:
    error, log = fail(tmp_path, "exports.handler = async () => { throw new TypeError('bad'); };", version)
    assert isinstance(error, HandlerError)
    assert described(error) == ("TypeError", "bad")
    assert f"({tmp_path}/app.js:1:" in error.reason
    assert "\tERROR\tInvoke Error \t{" in log[0]


@BOTH
@pytest.mark.parametrize(
    ("thrown", "expected"), [("'text'", ("string", "text")), ("{a: 1}", ("object", "[object Object]"))]
)
def test_what_is_thrown_may_be_no_error(
    tmp_path: Path, version: int, thrown: str, expected: tuple[str, str]
) -> None:
    error, _ = fail(tmp_path, f"exports.handler = async () => {{ throw {thrown}; }};", version)
    assert described(error) == expected


@pytest.mark.parametrize(
    ("version", "error_type"), [(CALLBACKS, "Error"), (ASYNC, "Runtime.JSONStringifyError")]
)
def test_a_response_without_a_form_in_json_is_an_error(tmp_path: Path, version: int, error_type: str) -> None:
    error, _ = fail(tmp_path, "exports.handler = async () => 1n;", version)
    assert described(error) == (error_type, "Unable to stringify response body")


@BOTH
@pytest.mark.parametrize(
    ("source", "error_type", "message"),
    [
        ("require('absent');", "Runtime.ImportModuleError", "Error: Cannot find module 'absent'"),
        ("exports.other = 1;", "Runtime.HandlerNotFound", "app.handler is undefined or not exported"),
        ("exports.handler = 1;", "Runtime.HandlerNotFound", "app.handler is not a function"),
        ("const a = => 1;", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token '=>'"),
        ("throw new RangeError('far');", "RangeError", "far"),
    ],
)
def test_what_keeps_a_module_from_loading_is_named(
    tmp_path: Path, version: int, source: str, error_type: str, message: str
) -> None:
    error, _ = fail(tmp_path, source, version)
    assert isinstance(error, FunctionInitError)
    assert (error.error_type, error.message.partition("\n")[0]) == (error_type, message)


@BOTH
@pytest.mark.parametrize("handler", ["app", "../app.handler"])
def test_a_malformed_handler_name_is_named(tmp_path: Path, version: int, handler: str) -> None:
    error, _ = fail(tmp_path, "exports.handler = 1;", version, handler=handler)
    assert error.error_type == "Runtime.MalformedHandlerName"


def test_a_handler_may_be_deep_in_a_folder_and_in_an_export(tmp_path: Path) -> None:
    source = "exports.api = { get: async () => 7 };"
    assert run(tmp_path, source, 1, file="src/users.js", handler="src/users.api.get")[0] == [7]


@pytest.mark.parametrize(
    ("statement", "error_type"),
    [
        ("Promise.reject(new Error('lost'))", "Runtime.UnhandledPromiseRejection"),
        ("setTimeout(() => { throw new Error('thrown later'); }, 1)", "Error"),
    ],
)
def test_what_nobody_catches_ends_the_process_and_the_next_one_answers(
    tmp_path: Path, statement: str, error_type: str
) -> None:
    source = f"""
        exports.handler = async (event) => {{
          if (event) {{ {statement}; await new Promise((resolve) => setTimeout(resolve, 200)); }}
          return "well";
        }};
    """
    answers, _ = run(tmp_path, source, 1, 0)
    assert isinstance(answers[0], HandlerError)
    assert described(answers[0])[0] == error_type
    assert answers[1] == "well"


@BOTH
def test_a_process_that_exits_is_a_crash(tmp_path: Path, version: int) -> None:
    error, _ = fail(tmp_path, "exports.handler = async () => process.exit(3);", version)
    assert isinstance(error, FunctionCrashError)
    assert "exit status 3" in error.message


@BOTH
def test_a_handler_that_never_ends_times_out(tmp_path: Path, version: int) -> None:
    source = "exports.handler = async () => { for (;;) { } };"
    assert isinstance(fail(tmp_path, source, version, timeout=1)[0], FunctionTimeoutError)


def test_timers_stand_still_between_invocations(tmp_path: Path) -> None:
    """As in Lambda, whose process is frozen: what fires late fires in the next invocation."""
    source = """
        let ticks = 0;
        exports.handler = async (event) => {
          if (event) { setTimeout(() => { ticks += 1; }, 1); }
          return ticks;
        };
    """
    assert run(tmp_path, source, 1, 0)[0] == [0, 0]


@BOTH
def test_context_and_environment_are_lambdas(tmp_path: Path, version: int) -> None:
    source = """
        exports.handler = async (event, context) => ({
          context, left: context.getRemainingTimeInMillis(), env: process.env,
        });
    """
    (told,), _ = run(tmp_path, source, 1, version=version)
    assert told["context"]["functionName"] == "hello-api-hello"
    assert told["context"]["memoryLimitInMB"] == "512"
    assert 0 < told["left"] <= 10_000
    assert told["env"]["AWS_EXECUTION_ENV"] == f"AWS_Lambda_nodejs{version}.x"
    assert told["env"]["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert told["env"]["NODE_PATH"].startswith(f"/opt/nodejs/node{version}/node_modules:/opt/nodejs/")


def test_a_line_of_the_log_has_lambdas_form(tmp_path: Path) -> None:
    _, log = run(tmp_path, "exports.handler = async () => { console.warn('a %s', 1, '\\nb'); };", 1)
    assert [*log[0].split("\t")[1:], *log[1:]] == ["request-1", "WARN", "a 1 ", "b"]


def test_a_json_log_leaves_out_what_is_below_its_level(tmp_path: Path) -> None:
    source = "exports.handler = async () => { console.log('no'); console.error({ a: 1 }); };"
    _, log = run(tmp_path, source, 1, log_format="JSON", log_level="ERROR")
    (line,) = map(json.loads, log)
    assert {"level": "ERROR", "requestId": "request-1", "message": {"a": 1}}.items() <= line.items()
