"""What the functions log, in a file: written while the stage runs, read by another command."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Final

from local_stage.lambda_runtime.function_log import LogLine
from local_stage.log.log_file import LogFile

FUNCTIONS_LOG: Final = "functions.log"
EARLIER: Final = "functions.log.1"

SIZE_LIMIT: Final = 5 * 1024 * 1024
"""Bytes after which the file becomes the earlier one, and that one goes: twice as many are kept at most."""

_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class LoggedLine:
    """A line of a function's log, and the time in Unix seconds at which it was complete."""

    time: float
    line: LogLine


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A client's request, by the id that its answer bore, and the invocation that it came to."""

    client_request_id: str
    request_id: str


type Logged = LoggedLine | LoggedRequest


class InvocationLog:
    """The log file, one JSON object a line, for its owner alone.

    What comes together is written together, at once after the event that brought it.
    """

    def __init__(
        self, state_folder: Path, *, clock: Callable[[], float] = time.time, size_limit: int = SIZE_LIMIT
    ) -> None:
        self._file = LogFile(
            state_folder / FUNCTIONS_LOG, earlier=state_folder / EARLIER, size_limit=size_limit
        )
        self._clock = clock
        self._pending: list[str] = []

    def write_line(self, line: LogLine) -> None:
        """Write a line of a function's log."""
        self._add(
            {
                "time": round(self._clock(), 3),
                "function": line.function,
                "log_stream": line.log_stream,
                "request_id": line.request_id,
                "text": line.text,
                "platform": line.platform,
            }
        )

    def write_request(self, client_request_id: str, request_id: str) -> None:
        """Write which invocation a client's request came to."""
        self._add({"client_request_id": client_request_id, "request_id": request_id})

    def close(self) -> None:
        """Write what is pending and let go of the file."""
        self._flush()
        self._file.close()

    def _add(self, fields: dict[str, Any]) -> None:
        if not self._pending:
            asyncio.get_running_loop().call_soon(self._flush)
        self._pending.append(_encode(fields) + "\n")

    def _flush(self) -> None:
        lines, self._pending = self._pending, []
        if lines:
            self._file.write("".join(lines))


class InvocationLogReader:
    """Reads the log file from its beginning, and then again and again what has come since."""

    def __init__(self, state_folder: Path) -> None:
        self.file = state_folder / FUNCTIONS_LOG
        self._earlier = state_folder / EARLIER
        self._stream: FileIO | None = None
        self._partial = b""

    @property
    def has_read(self) -> bool:
        """Whether there was a file at all."""
        return self._stream is not None

    def read(self) -> Iterator[Logged]:
        """Yield what is new; what was there already comes first. OSError where a file cannot be read."""
        if self._stream is None:
            yield from self._read_file(self._earlier)
            yield from self._read_file(self.file)
        else:
            yield from self._read_on(self._stream)
            if self._has_been_replaced(self._stream):
                yield from self._read_on(self._stream)
                yield from self._read_file(self.file)

    def close(self) -> None:
        """Let go of the file."""
        if self._stream is not None:
            self._stream.close()

    def _read_file(self, file: Path) -> Iterator[Logged]:
        if not file.exists():
            return
        self.close()
        self._partial = b""
        self._stream = FileIO(file)
        yield from self._read_on(self._stream)

    def _read_on(self, stream: FileIO) -> Iterator[Logged]:
        *lines, self._partial = (self._partial + stream.readall()).split(b"\n")
        for line in lines:
            logged = _parse(line)
            if logged is not None:
                yield logged

    def _has_been_replaced(self, stream: FileIO) -> bool:
        try:
            return not os.path.samestat(self.file.stat(), os.fstat(stream.fileno()))
        except FileNotFoundError:
            return False


def _parse(text: bytes) -> Logged | None:
    """Return what a line says; None for one that was cut off."""
    try:
        fields = json.loads(text)
        if "client_request_id" in fields:
            return LoggedRequest(**fields)
        at = float(fields.pop("time"))
        return LoggedLine(at, LogLine(**fields))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
