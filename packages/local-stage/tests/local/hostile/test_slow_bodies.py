"""Nobody keeps a request open by sending its body slowly, brokenly or not at all."""

from __future__ import annotations

import asyncio

import pytest

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.serving.server import Server
from local_stage.serving.sockets import bind

DEADLINE = 0.1
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"

BODIES: dict[str, tuple[bytes, ...]] = {
    "nothing of it": (HEAD + b"Content-Length: 5\r\n\r\n",),
    "a part of it": (HEAD + b"Content-Length: 5\r\n\r\nhell",),
    "a part of a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhell",),
    "no last chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",),
    "a broken chunk after the head": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n"),
    "a broken chunk after a good one": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"zz\r\n",
    ),
    "a chunk that is too long for a number": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        b"f" * 40 + b"\r\n",
    ),
}


class Unreached:
    """A handler that no request may reach."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []

    async def handle(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        return HttpResponse(200)


async def send(handler: Unreached, pieces: tuple[bytes, ...]) -> bytes:
    """Send the pieces, each after the one before has been read, and return what comes back until the end."""
    server = Server(handler.handle, body_deadline=DEADLINE, lingering_time=DEADLINE)
    with bind(0) as sock:
        await server.start(sock)
        try:
            reader, writer = await asyncio.open_connection(*sock.getsockname())
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            received = await reader.read()
            writer.close()
        finally:
            await server.stop()
    return received


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_not_whole_in_time_is_refused(name: str) -> None:
    handler = Unreached()
    received = asyncio.run(send(handler, BODIES[name]))
    assert received.split(b"\r\n")[0] in {b"HTTP/1.1 408 Request Timeout", b"HTTP/1.0 400 Bad Request"}
    assert handler.requests == []
