"""A log in a file of the state folder, which may be on a full disk and must never be in an answer's way."""

from __future__ import annotations

import logging
import os
from io import FileIO
from pathlib import Path
from typing import Final

from local_stage.state import touch_for_owner

logger: Final = logging.getLogger("local_stage")


class LogFile:
    """Appends whole lines to a file, for its owner alone; they can be read as soon as they are written.

    A file that cannot be written loses lines and hurts nobody: the developer is told once, until it can be
    written again. A line that was cut off, by a full disk or an earlier stage's end, stays a line of its own.
    """

    def __init__(self, file: Path, *, earlier: Path | None = None, size_limit: int = 0) -> None:
        """Append to `file`. Beyond so many bytes it becomes `earlier`, if that is given, and begins anew."""
        self._file = file
        self._earlier = earlier
        self._size_limit = size_limit
        self._stream: FileIO | None = None
        self._is_torn = False
        self._has_failed = False

    def open(self) -> FileIO:
        """Make the file now and not at the first line. Raises OSError where that is not possible."""
        if self._stream is None:
            self._stream = FileIO(touch_for_owner(self._file), "a+")
            self._is_torn = _ends_within_a_line(self._stream)
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
                content = content[stream.write(content) :]
        finally:
            self._is_torn = bool(content) and _ends_within_a_line(stream)
        if self._earlier is not None and stream.tell() > self._size_limit:
            self.close()
            self._file.replace(self._earlier)


def _ends_within_a_line(stream: FileIO) -> bool:
    end = stream.seek(0, os.SEEK_END)
    return end > 0 and os.pread(stream.fileno(), 1, end - 1) != b"\n"
