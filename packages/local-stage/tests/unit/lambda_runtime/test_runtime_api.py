"""The Runtime API's turns: one invocation out, one answer in, everything else refused as AWS refuses it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from local_stage.lambda_runtime.invocation import Invocation
from local_stage.lambda_runtime.runtime_api import RuntimeApi
from local_stage.lambda_runtime.runtime_connection import PAYLOAD_LIMIT
from tests.unit.lambda_runtime.memory_transport import MemoryTransport

ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:hello"
ROOT = "/2018-06-01/runtime"


class Listener:
    """Keeps what the environment is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bytes]] = []

    def runtime_ready(self) -> None:
        self.told.append(("ready", b""))

    def runtime_lost(self) -> None:
        self.told.append(("lost", b""))

    def runtime_responded(self, response: bytes) -> None:
        self.told.append(("responded", response))

    def runtime_response_too_large(self) -> None:
        self.told.append(("too large", b""))

    def runtime_failed(self, error: bytes) -> None:
        self.told.append(("failed", error))

    def runtime_init_failed(self, error: bytes, error_type: str) -> None:
        self.told.append((f"init failed: {error_type}", error))

    def runtime_writes(self, file: str) -> None:
        self.told.append((f"writes {file}", b""))


class Connection:
    """A process's end of a connection to its Runtime API, without the sockets between them."""

    def __init__(self, api: RuntimeApi) -> None:
        self.transport = MemoryTransport()
        self.connection = api.build_connection()
        self.connection.connection_made(self.transport)

    def get_next(self) -> None:
        self.connection.data_received(f"GET {ROOT}/invocation/next HTTP/1.1\r\n\r\n".encode())

    def post(self, path: str, body: bytes = b"{}", headers: str = "") -> tuple[int, str]:
        """Return the status and the status or errorType of the answer."""
        head = f"POST {ROOT}{path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.connection.data_received(head.encode() + body)
        status, _, answer = self.transport.take_answer()
        values = json.loads(answer)
        return status, values.get("status") or values["errorType"]


class Runtime(Connection):
    """A process's Runtime API and its first connection to it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.listener = Listener()
        self._loop = loop
        self.api = RuntimeApi(self.listener, ARN)
        super().__init__(self.api)

    def send(self, request_id: str) -> tuple[int, dict[str, str], bytes]:
        answer: asyncio.Future[bytes] = self._loop.create_future()
        invocation = Invocation(request_id, "Root=1-2-3;Parent=4;Sampled=0", b'{"n":1}', answer)
        self.api.send(invocation, 1795375200000)
        return self.transport.take_answer()

    @property
    def told(self) -> list[tuple[str, bytes]]:
        return self.listener.told


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    loop = asyncio.new_event_loop()
    yield Runtime(loop)
    loop.close()


def test_next_waits_and_then_gets_the_event_with_lambdas_headers(runtime: Runtime) -> None:
    runtime.get_next()
    assert runtime.told == [("ready", b"")]
    assert runtime.transport.written == b""
    assert runtime.send("r1") == (
        200,
        {
            "Content-Type": "application/json",
            "Content-Length": "7",
            "Lambda-Runtime-Aws-Request-Id": "r1",
            "Lambda-Runtime-Deadline-Ms": "1795375200000",
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-2-3;Parent=4;Sampled=0",
        },
        b'{"n":1}',
    )


def test_response_and_error_reach_the_environment(runtime: Runtime) -> None:
    for request_id, kind, told in (("r1", "response", "responded"), ("r2", "error", "failed")):
        runtime.get_next()
        runtime.send(request_id)
        assert runtime.post(f"/invocation/{request_id}/{kind}", b"body") == (202, "OK")
        assert runtime.told[-1] == (told, b"body")
    assert runtime.api.refused == 0


def test_a_process_that_is_ready_for_a_snapshot_goes_on_at_once(runtime: Runtime) -> None:
    runtime.connection.data_received(f"GET {ROOT}/restore/next HTTP/1.1\r\n\r\n".encode())
    assert runtime.transport.take_answer()[0] == 200
    runtime.get_next()
    assert (runtime.told, runtime.api.refused) == ([("ready", b"")], 0)


def test_an_error_after_the_snapshot_is_one_of_the_init(runtime: Runtime) -> None:
    headers = "Lambda-Runtime-Function-Error-Type: Runtime.AfterRestoreError\r\n"
    assert runtime.post("/restore/error", b"body", headers) == (202, "OK")
    assert runtime.told == [("init failed: Runtime.AfterRestoreError", b"body")]


@pytest.mark.parametrize("kind", ["response", "error"])
def test_answer_for_another_request_is_refused(runtime: Runtime, kind: str) -> None:
    runtime.get_next()
    runtime.send("r1")
    assert runtime.post(f"/invocation/r0/{kind}") == (400, "InvalidRequestID")
    assert runtime.told == [("ready", b"")]
    assert runtime.api.refused == 1
    assert runtime.post(f"/invocation/r1/{kind}") == (202, "OK")


@pytest.mark.parametrize("kind", ["response", "error"])
def test_second_answer_is_refused(runtime: Runtime, kind: str) -> None:
    runtime.get_next()
    runtime.send("r1")
    runtime.post("/invocation/r1/response", b"first")
    assert runtime.post(f"/invocation/r1/{kind}", b"second") == (403, "InvalidStateTransition")
    assert runtime.told == [("ready", b""), ("responded", b"first")]


def test_late_answer_is_refused(runtime: Runtime) -> None:
    runtime.get_next()
    runtime.send("r1")
    runtime.post("/invocation/r1/response", b"first")
    runtime.get_next()
    runtime.send("r2")
    assert runtime.post("/invocation/r1/response", b"late") == (400, "InvalidRequestID")
    assert runtime.post("/invocation/r2/response", b"second") == (202, "OK")


def test_second_answer_while_the_next_is_awaited_is_for_no_request(runtime: Runtime) -> None:
    """With `next` the process has let go of the last request: what a thread still sends is nobody's."""
    runtime.get_next()
    runtime.send("r1")
    runtime.post("/invocation/r1/response", b"first")
    runtime.get_next()
    other = Connection(runtime.api)
    assert other.post("/invocation/r1/response", b"second") == (400, "InvalidRequestID")


def test_answer_before_any_invocation_is_refused(runtime: Runtime) -> None:
    assert runtime.post("/invocation/r1/response") == (400, "InvalidRequestID")


def test_next_before_the_answer_is_refused(runtime: Runtime) -> None:
    runtime.get_next()
    runtime.send("r1")
    runtime.get_next()
    assert runtime.transport.take_answer()[0] == 403
    assert runtime.told == [("ready", b"")]


def test_second_next_is_refused(runtime: Runtime) -> None:
    runtime.get_next()
    second = Connection(runtime.api)
    second.get_next()
    assert second.transport.take_answer()[0] == 403
    assert runtime.send("r1")[0] == 200


def test_response_over_the_limit_is_refused_and_fails_the_invocation(runtime: Runtime) -> None:
    runtime.get_next()
    runtime.send("r1")
    body = b"x" * (PAYLOAD_LIMIT + 1)
    assert runtime.post("/invocation/r1/response", body) == (413, "RequestEntityTooLarge")
    assert runtime.told[-1] == ("too large", b"")


def test_response_at_the_limit_is_taken(runtime: Runtime) -> None:
    runtime.get_next()
    runtime.send("r1")
    assert runtime.post("/invocation/r1/response", b"x" * PAYLOAD_LIMIT) == (202, "OK")


def test_init_error_reaches_the_environment_with_its_type(runtime: Runtime) -> None:
    headers = "Lambda-Runtime-Function-Error-Type: Runtime.ImportModuleError\r\n"
    assert runtime.post("/init/error", b"error", headers) == (202, "OK")
    assert runtime.told == [("init failed: Runtime.ImportModuleError", b"error")]


def test_init_error_after_the_init_is_refused(runtime: Runtime) -> None:
    runtime.get_next()
    runtime.send("r1")
    assert runtime.post("/init/error") == (403, "InvalidStateTransition")


def test_a_file_that_is_about_to_be_written_is_told_at_any_time(runtime: Runtime) -> None:
    body = "/code/größe.txt".encode()
    head = f"POST /local-stage/written-file HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    for _ in range(2):
        other = Connection(runtime.api)
        other.connection.data_received(head.encode() + body)
        assert other.transport.take_answer()[0] == 202
        assert runtime.told[-1] == ("writes /code/größe.txt", b"")
        runtime.get_next()


@pytest.mark.parametrize("path", ["/invocation/r1/other", "/exit/error", "/invocation//response", "/../x"])
def test_other_paths_are_not_found(runtime: Runtime, path: str) -> None:
    runtime.get_next()
    runtime.send("r1")
    assert runtime.post(path) == (404, "NotFound")


@pytest.mark.parametrize(
    "header",
    [
        "Host: evil.example:40000",
        "Host: localhost.evil.example",
        "Origin: http://evil.example",
        "Sec-Fetch-Site: none",
    ],
)
def test_a_web_page_is_refused_even_under_a_name_that_leads_here(runtime: Runtime, header: str) -> None:
    runtime.connection.data_received(f"GET {ROOT}/invocation/next HTTP/1.1\r\n{header}\r\n\r\n".encode())
    status, _, answer = runtime.transport.take_answer()
    assert (status, json.loads(answer)["errorType"]) == (403, "Forbidden")
    assert runtime.listener.told == []


def test_the_address_in_the_environment_is_no_foreign_host(runtime: Runtime) -> None:
    runtime.connection.data_received(
        f"GET {ROOT}/invocation/next HTTP/1.1\r\nHost: 127.0.0.1:40000\r\n\r\n".encode()
    )
    assert runtime.listener.told == [("ready", b"")]


def test_losing_the_connection_that_waits_is_noticed(runtime: Runtime) -> None:
    runtime.get_next()
    runtime.connection.connection_lost(None)
    assert runtime.told == [("ready", b""), ("lost", b"")]


def test_losing_a_connection_that_does_not_wait_is_not(runtime: Runtime) -> None:
    runtime.get_next()
    runtime.send("r1")
    runtime.connection.connection_lost(None)
    assert runtime.told == [("ready", b"")]
