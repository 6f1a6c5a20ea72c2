"""A server that stops answers what it has taken, and tells its clients to send nothing more."""

from __future__ import annotations

import asyncio

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.serving.server import Server
from local_stage.serving.sockets import bind

REQUEST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"


class Held:
    """A handler that answers when it is let go."""

    def __init__(self) -> None:
        self.taken = asyncio.Event()
        self.let_go = asyncio.Event()

    async def handle(self, request: HttpRequest) -> HttpResponse:
        self.taken.set()
        await self.let_go.wait()
        return HttpResponse(200, body=request.body)


async def drain() -> bytes:
    """Stop a server amid a request, and return all that comes back to its client."""
    held = Held()
    server = Server(held.handle)
    with bind(0) as sock:
        await server.start(sock)
        reader, writer = await asyncio.open_connection(*sock.getsockname())
        writer.write(REQUEST)
        await held.taken.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)  # it has begun
        held.let_go.set()
        await stopping
        received = await reader.read()
        writer.close()
    return received


def test_the_last_answer_on_a_connection_says_that_it_is_the_last() -> None:
    """A client that sent another request after it would not learn what became of that."""
    head, _, body = asyncio.run(drain()).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 200 OK"
    assert b"Connection: close" in lines
    assert body == b"hello"
