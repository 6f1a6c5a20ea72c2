"""The Runtime API of one execution environment: next, response, error, init error and restore.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. How it refuses calls out of turn is
read in AWS's own emulator, https://github.com/aws/aws-lambda-runtime-interface-emulator.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import Protocol

from local_stage.lambda_runtime.invocation import Invocation
from local_stage.lambda_runtime.runtime_connection import PAYLOAD_LIMIT, RuntimeConnection, RuntimeRequest

_ROOT = "/2018-06-01/runtime"
_ANSWER_PATH = re.compile(rf"{_ROOT}/invocation/(?P<request_id>[^/]+)/(?P<kind>response|error)")
_INIT_ERROR_PATHS = frozenset({f"{_ROOT}/init/error", f"{_ROOT}/restore/error"})
"""What a hook raises before or after a snapshot is an error of the init."""

_WRITTEN_FILE_PATH = "/local-stage/written-file"
"""A call of ours, not of Lambda's: `local_stage_runtime/written_files.py` sends it."""

_HOST = "127.0.0.1"
_BROWSERS_HEADERS = frozenset({"origin", "sec-fetch-site"})
_ERROR_TYPE_HEADER = "lambda-runtime-function-error-type"


class RuntimeListener(Protocol):
    """What an execution environment learns from its process's calls, each at most once in its turn."""

    def runtime_ready(self) -> None:
        """Take note: the process waits for its next invocation, so its init or its last one is over."""

    def runtime_lost(self) -> None:
        """Take note: the process waited for an invocation and closed the connection."""

    def runtime_responded(self, response: bytes) -> None:
        """Take the handler's response."""

    def runtime_response_too_large(self) -> None:
        """Take note: the handler's response exceeds PAYLOAD_LIMIT and was refused."""

    def runtime_failed(self, error: bytes) -> None:
        """Take the error with which the handler failed: JSON with errorType, errorMessage and stackTrace."""

    def runtime_init_failed(self, error: bytes, error_type: str) -> None:
        """Take the error with which the handler's module failed to load."""

    def runtime_writes(self, file: str) -> None:
        """Take note, at any time: the process is about to write this file of the function's own folder."""


class RuntimeApi:
    """A server on a loopback port of its own: a process that calls its own address speaks for no other.

    Like Lambda's it asks for no credential. But Lambda's is reached from inside its environment alone, this
    one by every program of the machine, other users' too: one that has the port may take an event or answer.

    It hands out one invocation at a time and takes one answer for it. A call out of turn, for another request
    id or after the answer was given, is refused as AWS does and counted in `refused`.
    """

    def __init__(self, listener: RuntimeListener, function_arn: str) -> None:
        self.refused = 0
        self._listener = listener
        self._function_arn = function_arn
        self._connections: set[RuntimeConnection] = set()
        self._server: asyncio.Server | None = None
        self._waiting: RuntimeConnection | None = None
        self._sent: RuntimeConnection | None = None
        self._initialised = False
        self._request_id: str | None = None
        self._answered = True

    async def listen(self) -> str:
        """Open the port and return what AWS_LAMBDA_RUNTIME_API has to hold, `127.0.0.1:<port>`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.build_connection, _HOST, 0)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    def close(self) -> None:
        """Close the port and every connection."""
        self._waiting = None
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.close()

    def is_waiting(self) -> bool:
        """Return whether the process waits for an invocation and is still there to take it."""
        return self._waiting is not None and self._waiting.is_quiet()

    def was_taken(self) -> bool:
        """Return whether a process that has ended read the invocation that was sent last."""
        return self._sent is not None and not self._sent.was_reset()

    def send(self, invocation: Invocation, deadline_ms: int) -> None:
        """Hand an invocation to the process, which has to be waiting for one; the deadline is Unix time."""
        connection, self._waiting = self._waiting, None
        assert connection is not None  # noqa: S101 - the environment sends only when it was told `runtime_ready`
        self._sent = connection
        self._request_id = invocation.request_id
        self._answered = False
        connection.respond(
            200,
            invocation.event,
            f"Lambda-Runtime-Aws-Request-Id: {invocation.request_id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {self._function_arn}\r\n"
            f"Lambda-Runtime-Trace-Id: {invocation.trace_header}\r\n",
        )

    def build_connection(self) -> RuntimeConnection:
        """Build the protocol of a new connection."""
        return RuntimeConnection(self._handle, self._connections.add, self._forget)

    def _forget(self, connection: RuntimeConnection) -> None:
        self._connections.discard(connection)
        if connection is self._waiting:
            self._waiting = None
            self._listener.runtime_lost()

    def _handle(self, connection: RuntimeConnection, request: RuntimeRequest) -> None:
        if _is_from_a_page(request):
            self._refuse(connection, 403, "Forbidden", "The call is not from a function's process")
        elif request.method == "GET" and request.path == f"{_ROOT}/invocation/next":
            self._next(connection)
        elif request.method == "POST" and (match := _ANSWER_PATH.fullmatch(request.path)):
            self._take_answer(connection, request, match["request_id"], match["kind"])
        elif request.method == "GET" and request.path == f"{_ROOT}/restore/next":
            # There is no snapshot here: a process that is ready for one has been restored at once.
            connection.respond_status(200)
        elif request.method == "POST" and request.path in _INIT_ERROR_PATHS:
            self._take_init_error(connection, request)
        elif request.method == "POST" and request.path == _WRITTEN_FILE_PATH:
            self._listener.runtime_writes(os.fsdecode(request.body))
            connection.respond_status(202)
        else:
            self._refuse(connection, 404, "NotFound", "404 page not found")

    def _next(self, connection: RuntimeConnection) -> None:
        if not self._answered or self._waiting is not None:
            self._refuse_turn(connection)
            return
        self._initialised = True
        self._waiting = connection
        self._request_id = None
        self._listener.runtime_ready()

    def _take_answer(
        self, connection: RuntimeConnection, request: RuntimeRequest, request_id: str, kind: str
    ) -> None:
        if request_id != self._request_id:
            self._refuse(connection, 400, "InvalidRequestID", "Invalid request ID")
            return
        if self._answered:
            self._refuse_turn(connection)
            return
        self._answered = True
        if len(request.body) > PAYLOAD_LIMIT:
            message = f"Exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes)."
            self._refuse(connection, 413, "RequestEntityTooLarge", message)
            self._listener.runtime_response_too_large()
            return
        connection.respond_status(202)
        take = self._listener.runtime_responded if kind == "response" else self._listener.runtime_failed
        take(request.body)

    def _take_init_error(self, connection: RuntimeConnection, request: RuntimeRequest) -> None:
        if self._initialised:
            self._refuse_turn(connection)
            return
        self._initialised = True
        connection.respond_status(202)
        self._listener.runtime_init_failed(
            request.body, request.headers.get(_ERROR_TYPE_HEADER, "Runtime.Unknown")
        )

    def _refuse_turn(self, connection: RuntimeConnection) -> None:
        self._refuse(
            connection, 403, "InvalidStateTransition", "The call is not allowed in the runtime's state"
        )

    def _refuse(self, connection: RuntimeConnection, status: int, error_type: str, message: str) -> None:
        self.refused += 1
        connection.refuse(status, error_type, message)


def _is_from_a_page(request: RuntimeRequest) -> bool:
    """Say whether a browser asks, for a page that would read events under a name that leads here."""
    host = request.headers.get("host", _HOST).partition(":")[0]
    return host != _HOST or not _BROWSERS_HEADERS.isdisjoint(request.headers)
