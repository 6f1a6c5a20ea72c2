"""A function's folders: has anything in them changed since the running code was read?"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Final

from local_stage.lambda_runtime.change_notices import ChangeNotices
from local_stage.lambda_runtime.pip import PipError
from local_stage.lambda_runtime.requirements import find_includes

_CHEAP = 0.001
LOOK_AGAIN: Final = 0.2
"""Seconds after which the files are looked at though the kernel has noticed nothing; it may miss some."""

type _Entry = tuple[str, int, int, int]
type _State = frozenset[_Entry]


class WrittenFiles:
    """Files, or folders with all in them, that functions write; by their real paths."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._folders: dict[str, bool] = {}

    def __len__(self) -> int:
        """Return how many have been told."""
        return len(self._paths)

    def add(self, path: str) -> None:
        """Count a file, or a folder, as written by a function.

        Where the path ends in a separator nothing in it was: what is saved there is the developer's.
        """
        if path.endswith(os.sep):
            return
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

    So count the files that a requirements.txt among them includes, wherever they lie. Python's bytecode,
    editors' swap and backup files, hidden folders and what functions themselves have written do not count.
    Each look is at every file, so that the first request after a save is served by the new code whatever the
    folders hold. On a laptop's core that takes 0.3 ms for 100 files, 3.5 ms for 1,000 and 16 ms for 4,000;
    `is_costly` says that the last one took more than a millisecond. `changed_file` is one of those that the
    last change is of. With the kernel's notices nobody need look while the folders are still, but every
    `look_again` seconds.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        written_files: WrittenFiles,
        notices: ChangeNotices | None = None,
        look_again: float = LOOK_AGAIN,
    ) -> None:
        self._folders = [os.path.realpath(folder) for folder in folders]
        self.written_files = written_files
        self._notices = notices
        self._look_again = look_again
        self._watched: set[str] = set()
        self._noticed = 0
        self._looked_at = 0.0
        self._known = 0
        self.is_costly = False
        self.changed_file = ""
        self._included = self._find_included()
        self._state = self._look()

    def is_still(self) -> bool:
        """Return whether nothing was noticed since the last look, which is not long ago."""
        notices = self._notices
        return (
            notices is not None
            and notices.count() == self._noticed
            and time.monotonic() - self._looked_at < self._look_again
            and notices.are_given(self._watched)
        )

    def has_changed(self) -> bool:
        """Return whether anything has changed since the last call that said so."""
        if self.is_still():
            return False
        state = self._look()
        if len(self.written_files) != self._known:
            self._known = len(self.written_files)
            self._state = self._leave_out(self._state)
        if state == self._state:
            return False
        self.changed_file = min(state ^ self._state)[0]
        self._included = self._find_included()
        self._state = self._look()
        return True

    def _look(self) -> _State:
        self._looked_at, begun = time.monotonic(), time.thread_time()
        if self._notices is not None:
            self._noticed = self._notices.count()
        state = self._read()
        while self._notices is not None and self._notices.watch(self._watched):
            # Between the reading and the watch something may have been saved.
            state = self._read()
        state = self._leave_out(state)
        # What a busy machine adds to it is no cost of the look.
        self.is_costly = time.thread_time() - begun > _CHEAP
        return state

    def _read(self) -> _State:
        """Read the files, and note the folders that they lie in."""
        folders: set[str] = set()
        states = (read_state(folder, self.written_files.hold, folders) for folder in self._folders)
        state = frozenset(chain(*states, _read_files(self._included)))
        files = chain(self._included, (entry[0] for entry in state))
        self._watched = folders.union(file.rpartition(os.sep)[0] for file in files)
        return state

    def _find_included(self) -> list[str]:
        included: list[str] = []
        for folder in self._folders:
            # Who installs them says what is wrong with them; until then those that were found count.
            with suppress(PipError, OSError):
                for file in find_includes(Path(folder, "requirements.txt"), set()):
                    included.append(os.path.realpath(file))  # noqa: PERF401 - what was found must stay
        return included

    def _leave_out(self, state: _State) -> _State:
        """Return the state without what functions have written."""
        if not len(self.written_files):
            return state
        return frozenset(entry for entry in state if not self.written_files.hold(entry[0]))


def read_state(
    folder: str, is_left_out: Callable[[str], bool] = lambda _: False, found: set[str] | None = None
) -> Iterator[_Entry]:
    """Yield path, inode, size in bytes and time of change in nanoseconds of each file that counts.

    Links are followed, as by a build: what they lead to counts by its real path, once, and so does the link.
    One to a folder that it lies in itself is not followed; no package could be built of it. Nor is one for
    whose path `is_left_out`. The folders that are read are added to `found`; what is there is not read again.
    """
    seen: set[str] = set() if found is None else found
    folders = [os.path.realpath(folder)]
    while folders:
        folder = folders.pop()
        if folder in seen:
            continue
        seen.add(folder)
        for entry in _list(folder):
            if entry.is_symlink():
                if not is_left_out(entry.path):
                    yield from _read_link(Path(entry.path), folders)
            elif entry.is_dir():
                if _is_code_folder(entry.name):
                    folders.append(entry.path)
            elif _is_code_file(entry.name):
                try:
                    status = entry.stat()
                except OSError:
                    continue
                yield entry.path, status.st_ino, status.st_size, status.st_mtime_ns


def _list(folder: str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(folder))
    except OSError:
        return []


def _read_files(files: Sequence[str]) -> Iterator[_Entry]:
    for file in files:
        with suppress(OSError, ValueError):
            status = os.stat(file)  # noqa: PTH116 - paths as text
            yield file, status.st_ino, status.st_size, status.st_mtime_ns


def _read_link(link: Path, folders: list[str]) -> Iterator[_Entry]:
    """Yield a link and the file that it leads to; a folder is added to those still to be read."""
    is_folder = link.is_dir()
    # Emacs marks the file that it edits by a link whose name begins so.
    if link.name.startswith(".#") or not (_is_code_folder if is_folder else _is_code_file)(link.name):
        return
    target = os.path.realpath(link)
    with suppress(OSError):
        status = link.lstat()
        yield str(link), status.st_ino, status.st_size, status.st_mtime_ns
        if not is_folder:
            status = link.stat()
            yield target, status.st_ino, status.st_size, status.st_mtime_ns
        elif not link.is_relative_to(target):
            folders.append(target)


def _is_code_folder(name: str) -> bool:
    return not name.startswith(".") and name != "__pycache__"


def _is_code_file(name: str) -> bool:
    return not name.endswith((".pyc", ".swp", "~"))
