"""The stage's HTTP server: sockets and bytes on one side, plain requests and answers on the other."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.stage import PAYLOAD_LIMIT
from local_stage.errors import StartError

HOST: Final = "127.0.0.1"
SHUTDOWN_DEADLINE: Final = 30.0
"""Seconds that requests under way have when the stage stops; one more than an integration may take."""

type Handle = Callable[[HttpRequest], Awaitable[HttpResponse]]


def bind(port: int, option: str = "--port") -> socket.socket:
    """Return a socket bound to the port on loopback, not yet listening; port 0 takes a free one.

    Raises StartError, naming the command line's option, where the port is taken.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
    except OSError as error:
        sock.close()
        raise _refuse(option, port, error) from None
    return sock


def find_free_port(port: int, option: str) -> int:
    """Return the port if it is free, or any free one for 0.

    Raises StartError, naming the command line's option, where it is taken.
    """
    with bind(port, option) as sock:
        return int(sock.getsockname()[1])


def _refuse(option: str, port: int, error: OSError) -> StartError:
    why = f"{HOST} does not give it ({error.strerror}); pass another one, or 0 for a free one"
    return StartError(f"{option} {port}: {why}")


class Server:
    """Serves one handler on one socket."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        application = web.Application()
        application.router.add_route("*", "/{target:.*}", self._answer)
        application.on_response_prepare.append(_remove_server_header)
        self._runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=SHUTDOWN_DEADLINE
        )

    async def start(self, sock: socket.socket) -> None:
        """Listen; requests are answered from now on.

        Raises StartError where another process has begun to listen on the port since it was bound.
        """
        await self._runner.setup()
        try:
            await web.SockSite(self._runner, sock, backlog=1024).start()
        except OSError as error:
            raise _refuse("--port", sock.getsockname()[1], error) from None

    async def stop(self) -> None:
        """Accept nothing more and return when the requests under way have their answers."""
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await _read_body(request) if request.body_exists else b""
        return _to_aiohttp(await self._handle(_from_aiohttp(request, body)))


async def _read_body(request: web.Request) -> bytes:
    """Return the body, or as much of one that is too large as shows that it is."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > PAYLOAD_LIMIT:
            break
    return bytes(body)


def _from_aiohttp(request: web.Request, body: bytes) -> HttpRequest:
    path, _, query = request.raw_path.partition("?")
    return HttpRequest(
        method=request.method,
        path=path,
        query=query,
        headers=tuple((_text(name), _text(value)) for name, value in request.raw_headers),
        body=body,
        source_ip=request.remote or HOST,
        protocol=f"HTTP/{request.version.major}.{request.version.minor}",
    )


def _text(header: bytes) -> str:
    # RFC 9110, 5.5: a field value is bytes; those that are no UTF-8 become lone surrogates, as in the path.
    return header.decode("utf-8", "surrogateescape")


def _to_aiohttp(response: HttpResponse) -> web.Response:
    answer = web.Response(status=response.status, body=response.body)
    answer.headers.clear()
    for name, value in response.headers:
        answer.headers.add(name, value)
    return answer


async def _remove_server_header(_: web.Request, response: web.StreamResponse) -> None:
    # aiohttp names itself; API Gateway does not.
    response.headers.popall("Server", None)
