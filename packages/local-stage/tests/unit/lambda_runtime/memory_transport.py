"""A transport without a socket: it keeps what is written and knows whether it was closed."""

from __future__ import annotations

import asyncio
from typing import override


class MemoryTransport(asyncio.Transport):
    """What a connection wrote, as bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    @override
    def abort(self) -> None:
        self.aborted = True

    def take_answer(self) -> tuple[int, dict[str, str], bytes]:
        """Return the status, headers and body of the one answer written since the last call."""
        head, _, body = self.written.partition(b"\r\n\r\n")
        self.written = b""
        status_line, *lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        assert len(body) == int(headers["Content-Length"])
        return int(status_line.split()[1]), headers, body
