r"""Bytes over a socket, as no HTTP library would send them, and the answers to them, read to the letter.

with Connection(address) as connection:
    connection.send(b"GET /dev/hello HTTP/1.1\r\n...")
    answer = connection.receive()
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.figures import FIGURES, REQUESTS

TIMEOUT = 60.0
"""Seconds without a byte, after which a test fails."""

type Address = tuple[str, int]
type Headers = Iterable[tuple[str | bytes, str | bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `headers` in order and as sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(default=b"")

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Connection:
    """A connection on which anything can be sent."""

    def __init__(self, address: Address) -> None:
        self._socket = socket.create_connection(address, timeout=TIMEOUT)
        self._reader = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._reader.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes; that the other end has closed shows when its answers are read."""
        FIGURES[REQUESTS] += 1
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(data)

    def wait_for(self, text: bytes) -> None:
        """Return when exactly these bytes have come."""
        assert self._reader.read(len(text)) == text

    def receive(self, method: str = "GET") -> Answer | None:
        """Return the next answer, or None where the other end has closed the connection instead."""
        try:
            status_line = self._reader.readline()
            if not status_line:
                return None
            version, status, _ = status_line.decode("ascii").split(" ", 2)
            assert version.startswith("HTTP/")
            headers = tuple(self._read_headers())
            body = b"" if method == "HEAD" else self._reader.read(_length_of(headers))
            return Answer(int(status), headers, body)
        except ConnectionResetError:
            return None

    def _read_headers(self) -> Iterator[tuple[str, str]]:
        while (line := self._reader.readline()) != b"\r\n":
            name, _, value = line.decode("latin-1").removesuffix("\r\n").partition(": ")
            yield name, value


def _length_of(headers: Iterable[tuple[str, str]]) -> int:
    """Return the Content-Length; every answer with a body has one, and only one."""
    lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
    assert len(lengths) < 2
    return sum(lengths)


def exchange(address: Address, data: bytes, method: str = "GET") -> Answer | None:
    """Send bytes on a connection of their own and return the first answer; None where there was none."""
    with Connection(address) as connection:
        connection.send(data)
        return connection.receive(method)


def exchange_all(address: Address, data: bytes) -> list[Answer]:
    """Send bytes and return every answer until the other end closes, as the last request has to ask it to."""
    with Connection(address) as connection:
        connection.send(data)
        return list(_until_closed(connection))


def build(
    method: str | bytes,
    target: str | bytes,
    headers: Headers = (),
    body: bytes = b"",
    *,
    host: str | None = "127.0.0.1",
    protocol: str = "HTTP/1.1",
) -> bytes:
    """Return a request's bytes; nothing in it is checked or mended."""
    lines = [b" ".join((_bytes(method), _bytes(target), protocol.encode()))]
    lines += [f"Host: {host}".encode()] if host is not None else []
    lines += [_bytes(name) + b": " + _bytes(value) for name, value in headers]
    if body:
        lines.append(f"Content-Length: {len(body)}".encode())
    return b"\r\n".join((*lines, b"", body))


def _until_closed(connection: Connection) -> Iterator[Answer]:
    while (answer := connection.receive()) is not None:
        yield answer


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
