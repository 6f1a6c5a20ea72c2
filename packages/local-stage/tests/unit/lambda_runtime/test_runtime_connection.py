"""HTTP/1.1 as the runtime interface clients speak it, in whatever pieces it arrives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.lambda_runtime.runtime_connection import (
    PAYLOAD_LIMIT,
    RuntimeConnection,
    RuntimeRequest,
)
from tests.unit.lambda_runtime.memory_transport import MemoryTransport

NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUser-Agent: x\r\n\r\n"


class Client:
    """The client's end of a connection whose server answers each request with 202."""

    def __init__(self, *, answers: bool = True) -> None:
        self.requests: list[RuntimeRequest] = []
        self.transport = MemoryTransport()
        self.lost = False
        self.connection = RuntimeConnection(self._handle, lambda _: None, lambda _: self._lose())
        self.connection.connection_made(self.transport)
        self._answers = answers

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.connection.data_received(piece)

    def _handle(self, connection: RuntimeConnection, request: RuntimeRequest) -> None:
        self.requests.append(request)
        if self._answers:
            connection.respond_status(202)

    def _lose(self) -> None:
        self.lost = True


def post(body: bytes, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in (f"Content-Length: {len(body)}", *headers))
    return f"POST /path HTTP/1.1\r\n{lines}\r\n".encode() + body


def test_request_is_read_with_its_headers_and_body() -> None:
    client = Client()
    client.send(post(b"body", "Content-Type:application/json", "X-Empty:"))
    headers = {"content-length": "4", "content-type": "application/json", "x-empty": ""}
    assert client.requests == [RuntimeRequest("POST", "/path", headers, b"body")]
    assert client.transport.take_answer() == (
        202,
        {"Content-Type": "application/json", "Content-Length": "16"},
        b'{"status":"OK"}\n',
    )


@given(st.lists(st.integers(min_value=1, max_value=20), min_size=1))
def test_pieces_do_not_matter(sizes: list[int]) -> None:
    chunks = b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
    chunked = b"POST /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    stream = NEXT + post(b"first\r\n\r\n") + chunked + post(b"") + post(b"last")
    client = Client()
    start = 0
    while start < len(stream):
        size = sizes[start % len(sizes)]
        client.send(stream[start : start + size])
        start += size
    assert [request.body for request in client.requests] == [b"", b"first\r\n\r\n", b"abcde", b"", b"last"]


def test_a_request_waits_until_the_one_before_is_answered() -> None:
    client = Client(answers=False)
    client.send(post(b"one") + post(b"two"))
    assert [request.body for request in client.requests] == [b"one"]


def test_client_that_expects_to_be_asked_for_the_body_is_asked() -> None:
    client = Client()
    client.send(b"POST /path HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    assert client.transport.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert client.requests == []
    client.send(b"body")
    assert client.requests[0].body == b"body"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_read_to_its_end_and_not_kept(*, chunked: bool) -> None:
    client = Client()
    size = PAYLOAD_LIMIT + 1_000_000
    if chunked:
        client.send(b"POST /path HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", f"{size:x}\r\n".encode())
    else:
        client.send(f"POST /path HTTP/1.1\r\nContent-Length: {size}\r\n\r\n".encode())
    for _ in range(size // 1000):
        client.send(b"x" * 1000)
    client.send(b"x" * (size % 1000), b"\r\n0\r\n\r\n" if chunked else b"", NEXT)
    assert len(client.requests[0].body) == PAYLOAD_LIMIT + 1
    assert client.requests[1].method == "GET"


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello from print()\r\n\r\n",
        b"GET /path HTTP/1.0\r\n\r\n",
        b"\x16\x03\x01\x02 /path HTTP/1.1\r\n\r\n",  # as TLS begins
        b"GET /path HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST /path HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /path HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /path HTTP/1.1\r\nContent-Length: \r\n\r\n",
        b"POST /path HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"x" * (2 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_request_closes_the_connection(garbage: bytes) -> None:
    client = Client()
    client.send(garbage)
    assert client.transport.aborted
    assert client.requests == []


def test_what_is_sent_while_the_answer_is_out_is_bounded() -> None:
    client = Client(answers=False)
    client.send(NEXT)
    for _ in range(33):
        client.send(b"x" * 65536)
    assert client.transport.aborted


@given(st.binary())
def test_no_bytes_break_the_connection(data: bytes) -> None:
    client = Client()
    client.send(data)
    assert client.requests == [] or not client.transport.aborted
