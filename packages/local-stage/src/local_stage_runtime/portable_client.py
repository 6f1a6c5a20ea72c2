"""A client of the Runtime API in Python alone, for platforms for which AWS builds none.

It does what AWS's own does, https://github.com/aws/aws-lambda-python-runtime-interface-client, with the
standard library alone.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Mapping
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Final

from local_stage_runtime import function_logging
from local_stage_runtime.context import LambdaContext
from local_stage_runtime.fault import Fault
from local_stage_runtime.function_logging import log_error, set_up_logging
from local_stage_runtime.handler import Handler, load_handler
from local_stage_runtime.response import encode_response

_ROOT: Final = "/2018-06-01/runtime"
_HERE: Final = os.path.dirname(__file__) + os.sep  # noqa: PTH120 - as the frames have it
_TRACE_VARIABLE: Final = "_X_AMZN_TRACE_ID"
_JSON: Final = "application/json"
_UNHANDLED: Final = (
    "LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code.\r"
)


class RuntimeApiError(Exception):
    """The Runtime API has refused a call: the process is no longer wanted."""


def run(handler_name: str, address: str) -> None:
    """Load the handler and give it one event after the other; exits with 1 where it cannot be loaded."""
    runtime_api = RuntimeApi(address)
    set_up_logging()
    try:
        handler = load_handler(handler_name)
    except Exception as error:  # noqa: BLE001 - whatever a module raises is its init's error
        logging.getLogger().warning(_UNHANDLED)
        described = _describe(error)
        log_error(described)
        runtime_api.post(f"{_ROOT}/init/error", _encode(described), error_type=described["errorType"])
        sys.exit(1)
    while True:
        _invoke(handler, runtime_api)


def _invoke(handler: Handler, runtime_api: RuntimeApi) -> None:
    headers, event = runtime_api.next()
    request_id = function_logging.request_id = headers["lambda-runtime-aws-request-id"]
    os.environ[_TRACE_VARIABLE] = headers.get("lambda-runtime-trace-id", "")
    try:
        response = encode_response(handler(_decode(headers, event), LambdaContext(headers)))
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its caller's error
        described = {**_describe(error), "requestId": request_id}
        log_error(described)
        runtime_api.post(
            f"{_ROOT}/invocation/{request_id}/error", _encode(described), error_type=described["errorType"]
        )
    else:
        runtime_api.post(f"{_ROOT}/invocation/{request_id}/response", response)


class RuntimeApi:
    """The process's end of its Runtime API: one connection that stays open."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(address)

    def next(self) -> tuple[Mapping[str, str], bytes]:
        """Wait for the next invocation and return its headers, their names in lower case, and its event."""
        self._connection.request("GET", f"{_ROOT}/invocation/next")
        response = self._connection.getresponse()
        event = response.read()
        _check(response.status, event)
        return {name.lower(): value for name, value in response.headers.items()}, event

    def post(self, path: str, body: bytes, *, error_type: str | None = None) -> None:
        """Send a response or an error. Raises RuntimeApiError for what is not taken, as what is too large."""
        headers = {"Content-Type": _JSON}
        if error_type is not None:
            headers["Lambda-Runtime-Function-Error-Type"] = error_type
        self._connection.request("POST", path, body, headers)
        response = self._connection.getresponse()
        _check(response.status, response.read())


def _check(status: int, answer: bytes) -> None:
    if not 200 <= status < 300:  # noqa: PLR2004 - RFC 9110, 15.3: Successful
        raise RuntimeApiError(f"{status} {answer.decode(errors='replace')}")


def _decode(headers: Mapping[str, str], event: bytes) -> Any:
    if headers.get("content-type") != _JSON:
        return event
    try:
        return json.loads(event)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def _describe(error: Exception) -> dict[str, Any]:
    """Return the error as Lambda's answer has it; the frames of this package are not the function's."""
    if isinstance(error, Fault):
        return _build_error(error.error_type, error.message, list(error.trace))
    return _build_error(type(error).__name__, str(error), _read_trace(error.__traceback__))


def _build_error(error_type: str, message: str, trace: list[str]) -> dict[str, Any]:
    return {"errorMessage": message, "errorType": error_type, "requestId": "", "stackTrace": trace}


def _read_trace(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)
    while frames and frames[0].filename.startswith(_HERE):
        del frames[0]
    # Without columns, as AWS's client formats them.
    return traceback.format_list(
        [(frame.filename, frame.lineno or 0, frame.name, frame.line) for frame in frames]
    )


def _encode(error: Mapping[str, Any]) -> bytes:
    return json.dumps(error, ensure_ascii=False).encode(errors="replace")
