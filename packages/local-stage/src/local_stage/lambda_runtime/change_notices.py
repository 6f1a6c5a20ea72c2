"""The kernel's notices of what happens in folders: one read tells that nothing has changed in any of them."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

_MODIFY, _ATTRIB, _CLOSE_WRITE = 0x2, 0x4, 0x8
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF = 0x400, 0x800
_CHANGES: Final = (
    _MODIFY | _ATTRIB | _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF
)
"""What inotify(7) tells of a folder and of the files in it; reading them is no change."""

_READ: Final = 64 * 1024


class ChangeNotices:
    """Counts the notices of changes in folders, without what lies deeper in them.

    A notice is there when the call that has made the change returns, so that a question after a save learns
    of it. There are none where the kernel has no inotify, nor of what another machine changes, or a program
    that has mapped a file into its memory: these changes are found by a look at the files.
    """

    def __init__(self) -> None:
        self._inotify = _Inotify.open()
        self._numbers: dict[str, int] = {}
        self._watched: set[str] = set()
        self._count = 0

    def count(self) -> int:
        """Return a number that has grown if there was any notice since the last call."""
        if self._inotify is not None and self._inotify.has_noticed():
            # One of the folders may be gone, and another one in its place.
            self._watched.clear()
            self._count += 1
        return self._count

    def watch(self, folders: Iterable[str]) -> bool:
        """Ask for notices of these folders too; return whether one of them was not watched before."""
        has_new = False
        for folder in folders:
            if folder in self._watched or (number := self._add(folder)) < 0:
                continue
            self._watched.add(folder)
            has_new = has_new or self._numbers.get(folder) != number
            self._numbers[folder] = number
        return has_new

    def are_given(self, folders: AbstractSet[str]) -> bool:
        """Return whether all of these folders are watched."""
        return folders <= self._watched

    def _add(self, folder: str) -> int:
        return -1 if self._inotify is None else self._inotify.watch(folder)

    def close(self) -> None:
        """Ask for no more notices."""
        if self._inotify is not None:
            self._inotify.close()
            self._inotify = None
            self._watched.clear()


class _Inotify:
    """The calls of inotify(7), which Python's standard library does not have."""

    def __init__(self, library: ctypes.CDLL, descriptor: int) -> None:
        self._library = library
        self._descriptor = descriptor

    @classmethod
    def open(cls) -> _Inotify | None:
        """Return a new instance, None where the kernel has none or gives no more of them."""
        library = ctypes.CDLL(None)
        if not hasattr(library, "inotify_init1"):
            return None
        descriptor = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        return None if descriptor < 0 else cls(library, descriptor)

    def watch(self, folder: str) -> int:
        """Watch a folder and return its number, another one for each; less than 0 where it cannot be."""
        return int(self._library.inotify_add_watch(self._descriptor, os.fsencode(folder), _CHANGES))

    def has_noticed(self) -> bool:
        """Return whether there was a notice since the last call."""
        has_noticed = False
        while True:
            try:
                has_noticed = bool(os.read(self._descriptor, _READ)) or has_noticed
            except BlockingIOError:
                return has_noticed

    def close(self) -> None:
        os.close(self._descriptor)
