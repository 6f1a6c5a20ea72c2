"""A function's folder: has anything in it changed since the running code was read?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

_CHEAP = 0.001
_SHARE = 20

type _State = frozenset[tuple[str, int, int, int]]


class CodeFolder:
    """The files of a folder by path, inode, size and time of change.

    Python's bytecode, editors' swap and backup files and hidden folders do not count. Each call looks anew,
    so that the first request after a save is served by the new code; only where a look takes more than a
    millisecond, looks are spaced so that they take a twentieth of the time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next_look = 0.0
        self._state = self._look()

    def has_changed(self) -> bool:
        """Return whether anything has changed since the last call that said so."""
        if time.monotonic() < self._next_look:
            return False
        state = self._look()
        if state == self._state:
            return False
        self._state = state
        return True

    def _look(self) -> _State:
        begun = time.monotonic()
        state = frozenset(_read_state(str(self._folder)))
        now = time.monotonic()
        if now - begun > _CHEAP:
            self._next_look = now + _SHARE * (now - begun)
        return state


def _read_state(folder: str) -> Iterator[tuple[str, int, int, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = entry.name
        if entry.is_dir():
            if not name.startswith(".") and name != "__pycache__" and not entry.is_symlink():
                yield from _read_state(entry.path)
        elif not name.endswith((".pyc", ".swp", "~")):
            try:
                status = entry.stat()
            except OSError:
                continue
            yield entry.path, status.st_ino, status.st_size, status.st_mtime_ns
