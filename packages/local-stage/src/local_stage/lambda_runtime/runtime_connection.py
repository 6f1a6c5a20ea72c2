"""One HTTP/1.1 connection from a function's process to its Runtime API.

A lean protocol instead of a web framework: a call of the runtime interface client costs the stage half the
time.
"""

from __future__ import annotations

import asyncio
import json
import re
import select
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import override

PAYLOAD_LIMIT = 6 * 1024 * 1024 + 100
"""Bytes of a response (or an event): 6 MB and the 100 bytes that Lambda adds.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+) HTTP/1\.1", re.ASCII)
_HEAD_LIMIT = 2 * 1024 * 1024
"""The client reports a stack trace in a header, up to 1 MB of it."""

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_REASONS = {
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    413: "Request Entity Too Large",
}


class MalformedRequestError(Exception):
    """What came over the connection is not an HTTP/1.1 request."""


@dataclass(slots=True)
class RuntimeRequest:
    """A complete request; `body` holds at most PAYLOAD_LIMIT + 1 bytes, whatever was sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class RuntimeConnection(asyncio.Protocol):
    """Reads requests one after the other, gives each to `handle`, and writes what `handle` answers."""

    def __init__(
        self,
        handle: Callable[[RuntimeConnection, RuntimeRequest], None],
        opened: Callable[[RuntimeConnection], None],
        lost: Callable[[RuntimeConnection], None],
    ) -> None:
        self._handle = handle
        self._opened = opened
        self._lost = lost
        self._buffer = bytearray()
        self._head: tuple[str, str, Mapping[str, str]] | None = None
        self._body: _Body | None = None
        self._answered = True
        self._was_reset = False
        self._transport: asyncio.Transport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - create_server makes no other
        self._transport = transport
        self._opened(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._was_reset = isinstance(exc, ConnectionError)
        self._lost(self)

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            self._read_requests()
        except MalformedRequestError:
            self.close()

    def close(self) -> None:
        """Close at once; what is not yet written is lost."""
        self._transport.abort()

    def is_quiet(self) -> bool:
        """Return whether the other end is open and has sent nothing more: the event loop may not know yet."""
        if self._buffer:
            return False
        sock = self._transport.get_extra_info("socket")
        if sock is None:
            return True
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLIN)
        return not poll.poll(0)

    def was_reset(self) -> bool:
        """Return whether the other end is gone and has not read all that was sent to it.

        A process that ends with unread data in its socket resets the connection: RFC 1122, 4.2.2.13.
        """
        if self._was_reset:
            return True
        sock = self._transport.get_extra_info("socket")
        return sock is not None and sock.fileno() >= 0 and _has_failed(sock)

    def respond(self, status: int, body: bytes, headers: str = "") -> None:
        """Answer the request that was handled last; `headers` are lines that end in CR LF."""
        head = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{headers}\r\n"
        )
        self._transport.write(head.encode() + body)
        self._answered = True

    def respond_status(self, status: int) -> None:
        """Answer that a call was taken, as the Runtime API does."""
        self.respond(status, b'{"status":"OK"}\n')

    def refuse(self, status: int, error_type: str, message: str) -> None:
        """Answer a call that is not taken, as the Runtime API does."""
        self.respond(status, json.dumps({"errorMessage": message, "errorType": error_type}).encode() + b"\n")

    def _read_requests(self) -> None:
        while self._answered:
            if self._body is None and not self._read_head():
                return
            if self._body is None or not self._body.read(self._buffer):
                return
            request = self._end_request(self._body)
            self._handle(self, request)
        if len(self._buffer) > _HEAD_LIMIT:
            raise MalformedRequestError

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _HEAD_LIMIT:
                raise MalformedRequestError
            return False
        head = bytes(self._buffer[:end])
        self._head = _parse_known_head(head) if head.startswith(b"GET ") else _parse_head(head)
        headers = self._head[2]
        del self._buffer[: end + 4]
        if "chunked" in headers.get("transfer-encoding", "").lower():
            self._body = _ChunkedBody()
        else:
            self._body = _SizedBody(_parse_size(headers.get("content-length", "0"), 10))
        if headers.get("expect", "").lower() == "100-continue":
            self._transport.write(_CONTINUE)
        return True

    def _end_request(self, body: _Body) -> RuntimeRequest:
        assert self._head is not None  # noqa: S101 - a body is only read after its head
        request = RuntimeRequest(*self._head, bytes(body.content))
        self._head = self._body = None
        self._answered = False
        return request


class _Body:
    """A request's body while it arrives; it keeps no more than tells that it is too large."""

    def __init__(self) -> None:
        self.content = bytearray()

    def read(self, buffer: bytearray) -> bool:
        """Take what belongs to the body off the buffer; return whether the body is complete."""
        raise NotImplementedError

    def _keep(self, buffer: bytearray, size: int) -> None:
        self.content += buffer[: min(size, PAYLOAD_LIMIT + 1 - len(self.content))]
        del buffer[:size]


class _SizedBody(_Body):
    def __init__(self, size: int) -> None:
        super().__init__()
        self._missing = size

    @override
    def read(self, buffer: bytearray) -> bool:
        size = min(self._missing, len(buffer))
        self._keep(buffer, size)
        self._missing -= size
        return self._missing == 0


class _ChunkedBody(_Body):
    """RFC 9112, 7.1: chunks, then trailers up to an empty line."""

    def __init__(self) -> None:
        super().__init__()
        self._missing = 0
        self._trailers = False

    @override
    def read(self, buffer: bytearray) -> bool:
        while True:
            size = min(self._missing, len(buffer))
            self._keep(buffer, size)
            self._missing -= size
            if self._missing or (line := self._take_line(buffer)) is None:
                return False
            if self._trailers and not line:
                return True
            if line and not self._trailers:
                self._missing = _parse_size(line.split(b";")[0].decode("latin-1"), 16)
                self._trailers = self._missing == 0

    @staticmethod
    def _take_line(buffer: bytearray) -> bytes | None:
        end = buffer.find(b"\r\n")
        if end < 0:
            if len(buffer) > _HEAD_LIMIT:
                raise MalformedRequestError
            return None
        line = bytes(buffer[:end])
        del buffer[: end + 2]
        return line


def _has_failed(sock: socket.socket) -> bool:
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


@lru_cache(maxsize=8)
def _parse_known_head(head: bytes) -> tuple[str, str, Mapping[str, str]]:
    """Return what `_parse_head` does: each process asks for its next invocation in the same words."""
    return _parse_head(head)


def _parse_head(head: bytes) -> tuple[str, str, Mapping[str, str]]:
    request_line, *lines = head.decode("latin-1").split("\r\n")
    asked = _REQUEST_LINE.fullmatch(request_line)
    if asked is None:
        raise MalformedRequestError
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise MalformedRequestError
        headers[name.lower()] = value.strip()
    return asked[1], asked[2], headers


def _parse_size(digits: str, base: int) -> int:
    if not digits.strip().isalnum():
        raise MalformedRequestError
    try:
        return int(digits, base)
    except ValueError as error:
        raise MalformedRequestError from error
