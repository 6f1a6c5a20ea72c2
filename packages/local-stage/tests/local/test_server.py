"""The server turns bytes into plain requests and back, on loopback alone, and says where it cannot listen."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.errors import StartError
from local_stage.serving.server import LINGERING_TIME, PAYLOAD_LIMIT, Server
from local_stage.serving.sockets import bind, find_free_port, reserve_port

TAKEN: Final = "127.0.0.1 does not give it (Address already in use); pass another one, or 0 for a free one"


class Answering:
    """A server that keeps the requests it gets and gives them all one answer."""

    def __init__(self, answer: HttpResponse | None = None, *, lingering_time: float = LINGERING_TIME) -> None:
        self.answer = answer or HttpResponse(200)
        self.lingering_time = lingering_time
        self.requests: list[HttpRequest] = []

    def send(self, *requests: bytes) -> bytes:
        """Return everything that comes back on one connection."""
        return asyncio.run(self._serve(lambda address: exchange(address, b"".join(requests))))

    async def _serve(self, use: Callable[[tuple[str, int]], Awaitable[bytes]]) -> bytes:
        server = Server(self._handle, lingering_time=self.lingering_time)
        with bind(0) as sock:
            await server.start(sock)
            try:
                return await use(sock.getsockname())
            finally:
                await server.stop()

    async def _handle(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        return self.answer


async def answer_nothing(_: HttpRequest) -> HttpResponse:
    return HttpResponse(200)


async def exchange(address: tuple[str, int], sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(sent)
    received = await reader.read()
    writer.close()
    return received


def get(target: str, *headers: bytes, method: str = "GET") -> bytes:
    lines = (
        f"{method} {target} HTTP/1.1".encode(),
        b"Host: localhost",
        b"Connection: close",
        *headers,
        b"",
        b"",
    )
    return b"\r\n".join(lines)


def only(requests: list[HttpRequest]) -> HttpRequest:
    (request,) = requests
    return request


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/dev/hello", "/dev/hello", ""),
        ("/dev//a%2Fb/%E3%81%82/?a=%20&a=+b&c", "/dev//a%2Fb/%E3%81%82/", "a=%20&a=+b&c"),
        ("/dev/../hello/./", "/dev/../hello/./", ""),
        ("/dev/a?b?c", "/dev/a", "b?c"),
        ("/", "/", ""),
    ],
)
def test_path_and_query_arrive_as_they_were_sent(target: str, path: str, query: str) -> None:
    server = Answering()
    server.send(get(target))
    request = only(server.requests)
    assert (request.path, request.query) == (path, query)


def test_headers_arrive_in_order_and_casing_with_every_repetition() -> None:
    server = Answering()
    server.send(get("/", b"x-b: 1", b"X-A: 2", b"x-b:  3 "))
    assert only(server.requests).headers[2:] == (("x-b", "1"), ("X-A", "2"), ("x-b", "3"))


def test_a_body_arrives_whole_however_it_is_sent() -> None:
    server = Answering()
    server.send(get("/", b"Transfer-Encoding: chunked", method="POST"), b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    server.send(get("/", b"Content-Length: 5", method="POST"), b"abcde")
    assert [request.body for request in server.requests] == [b"abcde", b"abcde"]


def test_a_body_of_ten_megabytes_arrives() -> None:
    server = Answering()
    server.send(get("/", b"Content-Length: %d" % PAYLOAD_LIMIT, method="POST"), b"x" * PAYLOAD_LIMIT)
    assert len(only(server.requests).body) == PAYLOAD_LIMIT


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (b"Content-Length: %d" % (PAYLOAD_LIMIT + 1), b"x" * (PAYLOAD_LIMIT + 1)),
        (b"Content-Length: 99999999999", b""),
        (b"Transfer-Encoding: chunked", b"a00001\r\n" + b"x" * (PAYLOAD_LIMIT + 1) + b"\r\n0\r\n\r\n"),
    ],
    ids=["sent", "announced", "chunked"],
)
def test_a_larger_body_is_turned_away_in_plain_text_before_any_api_sees_it(
    framing: bytes, body: bytes
) -> None:
    server = Answering(lingering_time=LINGERING_TIME if body else 0.1)
    received = server.send(get("/", framing, method="POST"), body)
    head, _, text = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert (b"x-amzn" in head, text) == (False, b"HTTP content length exceeded 10485760 bytes.")
    assert server.requests == []


def test_a_connection_is_kept_alive_and_says_so() -> None:
    server = Answering(HttpResponse(200, [("Connection", "keep-alive")]))
    received = server.send(b"GET /1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: alone\r\n\r\n", get("/2"))
    assert [request.path for request in server.requests] == ["/1", "/2"]
    assert [line for line in received.split(b"\r\n") if line.startswith(b"Connection")] == [
        b"Connection: keep-alive",
        b"Connection: close",
    ]


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS", "PATCH", "PURGE", "TRACE"])
def test_any_verb_arrives(method: str) -> None:
    server = Answering()
    server.send(get("/dev/hello", method=method))
    assert only(server.requests).method == method


def test_the_answer_is_sent_as_it_is_and_names_no_software() -> None:
    headers = [("Content-Type", "text/plain"), ("x-b", "1"), ("X-B", "2"), ("Date", "today")]
    received = Answering(HttpResponse(418, headers, b"short")).send(get("/"))
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 418 I'm a Teapot",
        b"Content-Type: text/plain",
        b"x-b: 1",
        b"X-B: 2",
        b"Date: today",
        b"Content-Length: 5",
        b"Connection: close",
    ]
    assert body == b"short"


def test_a_head_request_gets_no_body() -> None:
    received = Answering(HttpResponse(200, [], b"hidden")).send(get("/", method="HEAD"))
    assert b"Content-Length: 6" in received
    assert received.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "broken",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX A: b\r\n\r\n",
        b"no http\r\n\r\n",
    ],
)
def test_what_is_no_http_never_reaches_the_stage(broken: bytes) -> None:
    server = Answering()
    assert b" 400 Bad Request\r\n" in server.send(broken)
    assert server.requests == []


def test_requests_under_way_have_their_answers_when_the_server_stops() -> None:
    async def run() -> bytes:
        arrived, release = asyncio.Event(), asyncio.Event()

        async def handle(_: HttpRequest) -> HttpResponse:
            arrived.set()
            await release.wait()
            return HttpResponse(200, [], b"at last")

        server = Server(handle)
        with bind(0) as sock:
            await server.start(sock)
            asking = asyncio.ensure_future(exchange(sock.getsockname(), get("/")))
            await arrived.wait()
            stopping = asyncio.ensure_future(server.stop())
            await asyncio.wait([stopping], timeout=0.1)
            assert not stopping.done()
            release.set()
            await stopping
            return await asking

    assert asyncio.run(run()).endswith(b"at last")


def test_a_stopped_server_takes_nothing_more() -> None:
    async def run() -> int:
        server = Server(answer_nothing)
        with bind(0) as sock:
            port = int(sock.getsockname()[1])
            await server.start(sock)
            await server.stop()
        return port

    port = asyncio.run(run())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_only_loopback_is_listened_to() -> None:
    async def run(address: tuple[str, int]) -> bytes:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", address[1])
        return b""

    asyncio.run(Answering()._serve(run))  # noqa: SLF001 - a step within this file


def test_a_free_port_is_found_for_0() -> None:
    port = find_free_port(0, "--aws-port")
    assert find_free_port(port, "--aws-port") == port


def test_a_reserved_port_is_only_for_the_server_that_names_it() -> None:
    with reserve_port(0, "--aws-port") as port:
        with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
            other.bind(("127.0.0.1", port))
        for _ in range(2):  # as the local AWS, which is started again where it dies
            with bind(port) as server:
                server.listen()
                socket.create_connection(("127.0.0.1", port)).close()


@pytest.mark.parametrize("option", ["--port", "--aws-port"])
def test_a_port_that_is_taken_is_named_with_its_option(option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError) as caught:
            find_free_port(port, option)
    assert str(caught.value) == f"{option} {port}: {TAKEN}"


def test_a_port_that_another_stage_took_while_this_one_started_is_named() -> None:
    """Both could bind it, since neither listened yet; the second to listen is refused."""

    async def run() -> None:
        first, second = Server(answer_nothing), Server(answer_nothing)
        with bind(0) as sock, bind(sock.getsockname()[1]) as late:
            port = sock.getsockname()[1]
            await first.start(sock)
            try:
                with pytest.raises(StartError) as caught:
                    await second.start(late)
            finally:
                await first.stop()
                await second.stop()
            assert str(caught.value) == f"--port {port}: {TAKEN}"

    asyncio.run(run())
