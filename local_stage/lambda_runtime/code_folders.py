"""A function's folders: has anything in them changed since the running code was read?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

type _State = frozenset[tuple[str, int, int, int]]


class WrittenFiles:
    """Files, or folders with all in them, that functions write; by their real paths."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._folders: dict[str, bool] = {}

    def __len__(self) -> int:
        """Return how many have been told."""
        return len(self._paths)

    def add(self, path: str) -> None:
        """Count a file, or a folder, as written by a function."""
        self._paths.add(path)
        self._folders.clear()

    def hold(self, file: str) -> bool:
        """Return whether a function has written this file."""
        return file in self._paths or self._hold_folder(file.rpartition(os.sep)[0])

    def _hold_folder(self, folder: str) -> bool:
        held = self._folders.get(folder)
        if held is None:
            held = self._folders[folder] = bool(folder) and self.hold(folder)
        return held


class CodeFolders:
    """The files of some folders by path, inode, size and time of change.

    Python's bytecode, editors' swap and backup files, hidden folders and what functions themselves have
    written do not count. Each call looks at every file anew, so that the first request after a save is served
    by the new code whatever the folders hold. On a laptop's core that takes 0.3 ms for 100 files, 3.5 ms for
    1,000 and 16 ms for 4,000.
    """

    def __init__(self, folders: Sequence[Path], written_files: WrittenFiles) -> None:
        self._folders = [os.path.realpath(folder) for folder in folders]
        self._written_files = written_files
        self._known = 0
        self._state = self._look()

    def has_changed(self) -> bool:
        """Return whether anything has changed since the last call that said so."""
        state = self._look()
        if len(self._written_files) != self._known:
            self._known = len(self._written_files)
            self._state = self._leave_out(self._state)
        if state == self._state:
            return False
        self._state = state
        return True

    def _look(self) -> _State:
        return self._leave_out(frozenset(chain.from_iterable(map(read_state, self._folders))))

    def _leave_out(self, state: _State) -> _State:
        """Return the state without what functions have written."""
        if not len(self._written_files):
            return state
        return frozenset(entry for entry in state if not self._written_files.hold(entry[0]))


def read_state(folder: str) -> Iterator[tuple[str, int, int, int]]:
    """Yield path, inode, size in bytes and time of change in nanoseconds of each file that counts."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = entry.name
        if entry.is_dir():
            if not name.startswith(".") and name != "__pycache__" and not entry.is_symlink():
                yield from read_state(entry.path)
        elif not name.endswith((".pyc", ".swp", "~")):
            try:
                status = entry.stat()
            except OSError:
                continue
            yield entry.path, status.st_ino, status.st_size, status.st_mtime_ns
