"""Reads what a function's process writes to stdout and stderr, line by line, without ever blocking it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

LINE_LIMIT = 256 * 1024
"""Bytes after which a line without line feed is cut, as CloudWatch Logs cuts an event."""

_PIPE_CAPACITY = 64 * 1024
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


class OutputReader:
    """The reading end of a pipe, which the event loop empties.

    Gives `emit` each line without its line feed. Holds at most LINE_LIMIT bytes.
    """

    def __init__(self, descriptor: int, emit: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._emit = emit
        self._partial = b""
        self._open = True
        self._loop = asyncio.get_running_loop()
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._read)

    def drain(self) -> None:
        """Read what is in the pipe now and emit it all, an unfinished line too.

        What a process wrote before it sent its response is in the pipe when the response arrives, so after
        this call an invocation's output is complete.
        """
        if self._open:
            self._read()
        if self._partial:
            partial, self._partial = self._partial, b""
            self._emit_event(partial)

    def close(self) -> None:
        """Drain and let go of the pipe, even if a process still holds its other end."""
        self.drain()
        self._stop()

    def _stop(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)

    def _read(self) -> None:
        try:
            chunk = os.read(self._descriptor, _PIPE_CAPACITY)
        except BlockingIOError:
            return
        if not chunk:
            self._stop()
            return
        *events, self._partial = (self._partial + chunk).split(b"\n")
        for event in events:
            self._emit_event(event)
        if len(self._partial) >= LINE_LIMIT:
            partial, self._partial = self._partial, b""
            self._emit_event(partial)

    def _emit_event(self, event: bytes) -> None:
        """Emit an event's lines: AWS's runtime interface client ends a traceback's by carriage returns."""
        for line in event.decode(errors="replace").rstrip("\r").split("\r"):
            text = line.lstrip(_NO_BREAK_SPACE)
            self._emit(" " * (len(line) - len(text)) + text)
