"""The functions' log in a file: the stage writes it while it runs, and another command reads it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import FileIO
from json.encoder import encode_basestring_ascii as _encode
from pathlib import Path
from typing import Final

from local_stage.lambda_runtime.function_log import LogLine
from local_stage.state import touch_for_owner

logger: Final = logging.getLogger("local_stage")

FUNCTIONS_LOG: Final = "functions.log"
EARLIER: Final = "functions.log.1"
SIZE_LIMIT: Final = 5 * 1024 * 1024
"""Bytes after which the file replaces `functions.log.1`: at most twice as many are kept."""

WAITING_TIME: Final = 0.02
"""Seconds that a function's line may wait for those that come after it; a request's waits for nothing."""


class LogFile:
    """Appends whole lines to a file, for its owner alone; they can be read as soon as they are written.

    Where the file cannot be written, lines are lost and the stage goes on; one warning says so, until the
    file can be written again. A line that was cut off, by a full disk or the end of a stage, stays a line.
    """

    def __init__(self, file: Path, *, earlier: Path | None = None, size_limit: int = 0) -> None:
        """Append to `file`. Beyond `size_limit` bytes the file replaces `earlier`, where that is given."""
        self._file = file
        self._earlier = earlier
        self._size_limit = size_limit
        self._stream: FileIO | None = None
        self._size = 0
        self._is_torn = False
        self._has_failed = False

    def open(self) -> FileIO:
        """Make the file now and not at the first line. Raises OSError where that is not possible."""
        if self._stream is None:
            self._stream = FileIO(touch_for_owner(self._file), "a+")
            self._is_torn = _ends_within_a_line(self._stream)
            self._size = self._stream.tell()
        return self._stream

    def write(self, lines: str) -> None:
        """Append lines, each with its line feed."""
        try:
            self._write(lines.encode("utf-8", "backslashreplace"))
        except OSError as error:
            if not self._has_failed:
                logger.warning("%s cannot be written: %s", self._file.name, error.strerror)
            self._has_failed = True
        else:
            self._has_failed = False

    def close(self) -> None:
        """Let go of the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _write(self, content: bytes) -> None:
        stream = self.open()
        if self._is_torn:
            content = b"\n" + content
        try:
            while content:
                written = stream.write(content)
                self._size += written
                content = content[written:]
        finally:
            self._is_torn = bool(content) and _ends_within_a_line(stream)
        if self._earlier is not None and self._size > self._size_limit:
            self.close()
            self._file.replace(self._earlier)


def _ends_within_a_line(stream: FileIO) -> bool:
    end = stream.seek(0, os.SEEK_END)
    return end > 0 and os.pread(stream.fileno(), 1, end - 1) != b"\n"


@dataclass(frozen=True, slots=True)
class LoggedLine:
    """A line of a function's log, and the time in Unix seconds at which it was complete."""

    time: float
    line: LogLine


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """The id of a client's request, as its response had it, and the id of the invocation that it caused."""

    client_request_id: str
    request_id: str


type Logged = LoggedLine | LoggedRequest


class InvocationLog:
    """The log file, one JSON object a line, for its owner alone.

    Lines are written together: before the response that they belong to, or else a little later.
    """

    def __init__(
        self, state_folder: Path, *, clock: Callable[[], float] = time.time, size_limit: int = SIZE_LIMIT
    ) -> None:
        self._file = LogFile(
            state_folder / FUNCTIONS_LOG, earlier=state_folder / EARLIER, size_limit=size_limit
        )
        self._clock = clock
        self._pending: list[str] = []
        self._is_timed = False

    def write_line(self, line: LogLine) -> None:
        """Write a line of a function's log."""
        # Put together by hand, in a tenth of the time: `JSONEncoder` makes a new encoder for each object.
        origin = _describe_origin(line.function, line.log_stream, line.request_id)
        platform = "true" if line.platform else "false"
        self._pending.append(
            f'{{"time":{self._clock():.3f},{origin},"text":{_encode(line.text)},"platform":{platform}}}\n'
        )
        if not self._is_timed:
            self._is_timed = True
            asyncio.get_running_loop().call_later(WAITING_TIME, self._flush_in_time)

    def write_request(self, client_request_id: str, request_id: str) -> None:
        """Write which invocation a client's request came to, and that before its response is sent."""
        ids = f'"client_request_id":{_encode(client_request_id)},"request_id":{_encode(request_id)}'
        self._pending.append(f"{{{ids}}}\n")
        self.flush()

    def close(self) -> None:
        """Write what is pending and let go of the file."""
        self.flush()
        self._file.close()

    def _flush_in_time(self) -> None:
        self._is_timed = False
        self.flush()

    def flush(self) -> None:
        """Write the lines that still wait for others."""
        lines, self._pending = self._pending, []
        if lines:
            self._file.write("".join(lines))


@lru_cache(maxsize=16)  # An invocation has several lines.
def _describe_origin(function: str, log_stream: str, request_id: str | None) -> str:
    of = "null" if request_id is None else _encode(request_id)
    return f'"function":{_encode(function)},"log_stream":{_encode(log_stream)},"request_id":{of}'


class InvocationLogReader:
    """Reads the log file from its beginning; a later call of `read` gives the lines since then."""

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
        """Yield the lines since the last call, at first all. Raises OSError for an unreadable file."""
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
    """Return the content of a line, or None for a line that was cut off."""
    try:
        fields = json.loads(text)
        if "client_request_id" in fields:
            return LoggedRequest(**fields)
        at = float(fields.pop("time"))
        return LoggedLine(at, LogLine(**fields))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
