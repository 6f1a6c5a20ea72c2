"""The stage's HTTP server: sockets and bytes on one side, plain requests and answers on the other."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, override

from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.http_exceptions import (
    BadHttpMethod,
    BadStatusLine,
    HttpProcessingError,
    InvalidURLError,
    LineTooLong,
)

from local_stage.api_gateway.http_message import (
    HEADER_LIMIT,
    HEADERS_TOO_LARGE,
    HttpRequest,
    HttpResponse,
)
from local_stage.serving.sockets import HOST, refuse_port
from local_stage.serving.wire_response import WireResponse

SHUTDOWN_DEADLINE: Final = 30.0
"""Seconds that requests under way have when the stage stops; one more than an integration may take."""

BODY_DEADLINE: Final = 30.0
"""Seconds that a request's body may take to come, however slowly or brokenly it is sent."""
LINGERING_TIME: Final = 10.0
"""Seconds in which what still comes of a refused body is thrown away, so that its client can read why."""
PAYLOAD_LIMIT: Final = 10 * 1024 * 1024
"""Bytes of a request's body.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""
LINE_LIMIT: Final = 65_536
"""Bytes of the request line, and of each header, that are read before the request is given up."""

OPEN_FILES: Final = 10_240
"""How many files the stage may have open, a client's connection being one; the usual limit is 1,024."""

_VERSIONS: Final = frozenset({HttpVersion10, HttpVersion11})
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_TOO_LARGE: Final = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
_TOO_LONG: Final = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
_TEXTS: Final = {
    _TOO_LARGE: HEADERS_TOO_LARGE,
    _TOO_LONG: f"HTTP content length exceeded {PAYLOAD_LIMIT} bytes.",
}

logger: Final = logging.getLogger(__name__)

type Handle = Callable[[HttpRequest], Awaitable[HttpResponse]]


class Server:
    """Serves one handler on one socket."""

    def __init__(
        self, handle: Handle, *, body_deadline: float = BODY_DEADLINE, lingering_time: float = LINGERING_TIME
    ) -> None:
        self._handle = handle
        self._body_deadline = body_deadline
        self._lingering_time = lingering_time
        self._runner: web.ServerRunner | None = None
        self._stopping = False

    async def start(self, sock: socket.socket) -> None:
        """Listen; requests are answered from now on.

        Raises StartError where another process has begun to listen on the port since it was bound.
        """
        _raise_open_files_limit()
        connections = _Connections(self._answer, self._lingering_time)
        self._runner = web.ServerRunner(connections, shutdown_timeout=SHUTDOWN_DEADLINE)
        await self._runner.setup()
        try:
            await web.SockSite(self._runner, sock, backlog=1024).start()
        except OSError as error:
            raise refuse_port("--port", sock.getsockname()[1], error) from None

    async def stop(self) -> None:
        """Accept nothing more and return when the requests under way have their answers."""
        self._stopping = True
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> WireResponse:
        if request.version not in _VERSIONS:
            return _turn_away(HTTPStatus.BAD_REQUEST, "neither HTTP/1.1 nor HTTP/1.0")
        if sum([len(value) for _, value in request.raw_headers]) > HEADER_LIMIT:
            return _turn_away(_TOO_LARGE, f"the headers' values have more than {HEADER_LIMIT} bytes together")
        try:
            body = await self._read_body(request) if request.body_exists else b""
        except TimeoutError:
            why = f"the body is not whole after {self._body_deadline:g} s, or not framed as its headers say"
            return _turn_away(HTTPStatus.REQUEST_TIMEOUT, why)
        if body is None:
            return _turn_away(_TOO_LONG, f"the body has more than {PAYLOAD_LIMIT} bytes")
        response = await self._handle(_from_aiohttp(request, body))
        # aiohttp drops what comes behind an Upgrade or a stop: nobody shall wait for an answer to it.
        is_last = self._stopping or not request.keep_alive or _asks_for_upgrade(request)
        return WireResponse(response, is_last=is_last)

    async def _read_body(self, request: web.BaseRequest) -> bytes | None:
        async with asyncio.timeout(self._body_deadline):
            return await _read_body(request)


def _raise_open_files_limit() -> None:
    """Let connections that only stay open, as a browser's, keep nobody out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _asks_for_upgrade(request: web.BaseRequest) -> bool:
    """Say whether this is an Upgrade, which Connection has to name too (RFC 9110, 7.8)."""
    return "Upgrade" in request.headers and "upgrade" in request.headers.get("Connection", "").lower()


class _Connections(web.Server):
    """Makes a connection of its own for every client."""

    def __init__(
        self, answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], lingering_time: float
    ) -> None:
        super().__init__(answer)
        self._lingering_time = lingering_time

    @override
    def __call__(self) -> _Connection:
        # A compressed body goes to the function as it came: API Gateway decompresses only on demand.
        return _Connection(
            self,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type] # aiohttp takes None, its annotation does not say so
            max_line_size=LINE_LIMIT,
            max_field_size=LINE_LIMIT,
            auto_decompress=False,
            lingering_time=self._lingering_time,
        )


class _Connection(web.RequestHandler):
    """Turns away what is no HTTP.

    aiohttp itself would quote the bytes it cannot read, a token among them, to the client and to the log.
    """

    __slots__ = ()

    @override
    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if request.writer.output_size > 0 or isinstance(exc, ConnectionError):
            raise ConnectionError("nobody is there any more for another answer")
        if isinstance(exc, LineTooLong):
            return _turn_away(_TOO_LARGE, f"the request line or a header has more than {LINE_LIMIT} bytes")
        if isinstance(exc, HttpProcessingError | web.RequestPayloadError):
            return _turn_away(HTTPStatus.BAD_REQUEST, _describe(exc))
        logger.error("the server itself has failed", exc_info=exc)
        return _turn_away(HTTPStatus.INTERNAL_SERVER_ERROR, "a fault of the local stage itself")


def _describe(error: HttpProcessingError | web.RequestPayloadError) -> str:
    """Say what is wrong in words of our own: aiohttp's quote the request."""
    match error:
        case BadHttpMethod():
            return "no HTTP; call http://, not https://, with a method that HTTP has"
        case InvalidURLError():
            return "the request target is no path"
        case BadStatusLine():
            return "the request line is not of the form `GET /path HTTP/1.1`"
        case web.RequestPayloadError():
            return "the body is not framed as its headers say"
    return "a header is not of the form `Name: value`, is there twice, or contradicts another"


def _turn_away(status: HTTPStatus, reason: str) -> WireResponse:
    """Log why, and return the answer that is given before any API is looked for; the connection ends with it.

    Recorded for a body that is too large: plain text, no ids
    (https://github.com/koki-develop/lgtm-generator/issues/10). The texts of 400 and 408, and the status 431
    beside its recorded text, are unverified.
    """
    logger.warning("%d: %s", status, reason)
    text = _TEXTS.get(status, status.phrase)
    headers = [("Content-Type", "text; charset=utf-8"), ("Connection", "close")]
    return WireResponse(HttpResponse(status, headers, text.encode()), is_last=True)


async def _read_body(request: web.BaseRequest) -> bytes | None:
    """Return the body, or None as soon as it shows itself to be too large."""
    if (request.content_length or 0) > PAYLOAD_LIMIT:
        return None
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(_CONTINUE)
        request.writer.output_size = 0  # nothing of the answer itself has been sent
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > PAYLOAD_LIMIT:
            return None
    return bytes(body)


def _from_aiohttp(request: web.BaseRequest, body: bytes) -> HttpRequest:
    path, _, query = request.raw_path.partition("?")
    return HttpRequest(
        method=request.method,
        path=path,
        query=query,
        # RFC 9110, 5.5: a field value is bytes; what is no UTF-8 becomes lone surrogates, as in the path.
        headers=tuple(
            [
                (name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape"))
                for name, value in request.raw_headers
            ]
        ),
        body=body,
        source_ip=request.remote or HOST,
        protocol=f"HTTP/{request.version.major}.{request.version.minor}",
    )
