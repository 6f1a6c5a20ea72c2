"""Sends a request octet for octet and reads its response header for header."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Final

from conformance.case import Headers, Request

DEADLINE: Final = 40.0
"""Seconds for a response; more than the 29 that API Gateway gives an integration."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an API is: the host name that requests give it, and where to connect to."""

    host: str
    connect_to: tuple[str, int]
    tls: bool


@dataclass(frozen=True, slots=True)
class Received:
    """What came back, headers in order and casing."""

    status: int
    headers: Headers
    body: bytes


class NoResponseError(Exception):
    """There was no HTTP response; the message says what there was."""


def exchange(address: Address, request: Request, headers: Headers) -> Received:
    """Send the request with these headers, over a connection of its own, and return the response.

    A response without a body is followed by the same request once more: what the server sends of a body that
    must not be there would stand where the second response begins. Raises NoResponseError.
    """
    try:
        with _connect(address) as connection:
            received = _exchange(connection, address, request, headers)
            if received.status in {204, 304} or request.method == "HEAD":
                _exchange(connection, address, request, headers)
            return received
    except (OSError, HTTPException) as error:
        raise NoResponseError(f"{type(error).__name__}: {error}") from error


def _connect(address: Address) -> socket.socket:
    connection = socket.create_connection(address.connect_to, DEADLINE)
    if not address.tls:
        return connection
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context.wrap_socket(connection, server_hostname=address.host)


def _exchange(connection: socket.socket, address: Address, request: Request, headers: Headers) -> Received:
    response = HTTPResponse(connection, method=request.method)
    # A response may come before the whole request has gone, as to a body that is too large.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(encode(address, request, headers))
    response.begin()
    return Received(response.status, tuple(response.getheaders()), response.read())


def encode(address: Address, request: Request, headers: Headers) -> bytes:
    """Return the octets of a request."""
    stage = f"/{request.stage}" if request.stage else ""
    lines = [f"{request.method} {stage}{request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in _complete(address, request, headers)]
    head = "\r\n".join([*lines, "", ""]).encode()
    if request.chunked:
        return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(request.body), request.body)
    return head + request.body


def _complete(address: Address, request: Request, headers: Headers) -> Iterator[tuple[str, str]]:
    given = {name.lower() for name, _ in headers}
    if "host" not in given:
        yield "Host", request.host or address.host
    yield from headers
    if request.chunked:
        yield "Transfer-Encoding", "chunked"
    elif request.body and "content-length" not in given:
        yield "Content-Length", str(len(request.body))
