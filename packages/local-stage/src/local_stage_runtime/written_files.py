"""Tells the stage which files of its own folder a function writes: on Lambda that folder is read-only."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

WRITTEN_FILE_PATH: Final = "/local-stage/written-file"

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS: Final[Mapping[str, tuple[tuple[int, int | None], ...]]] = {
    "open": ((0, None),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.link": ((1, 3),),
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "os.utime": ((0, 3),),
}
"""Which arguments of an audit event are paths, and which are the folders' descriptors that they start from.

https://docs.python.org/3.13/library/audit_events.html
"""
_OF_LINKS: Final = frozenset({"os.link", "os.remove", "os.rename", "os.symlink"})
"""Events of a link itself, not of what it leads to."""
_OF_WHAT_IS_THERE: Final = frozenset(
    {"os.chmod", "os.chown", "os.remove", "os.rmdir", "os.truncate", "os.utime"}
)
_NO_CONTENT: Final = frozenset({"os.chmod", "os.chown", "os.mkdir", "os.rmdir"})
"""Events by which no file gets another content: what is saved there later is the developer's."""
_SQLITE_FILES: Final = ("", "-journal", "-wal", "-shm")
"""What SQLite writes for a database, by the ends of the names: https://sqlite.org/tempfiles.html"""
_PATIENCE: Final = 1.0
"""Seconds; the stage answers in less than one of their thousandths."""


def watch_written_files(folder: str, address: str) -> None:
    """Tell the Runtime API at this address, once for each file, before a file in the folder is written.

    Where only the folder's order changes, or who may do what, the path ends in a separator. Audit events see
    what Python itself opens, and `sqlite3`, in every thread and forked child; what another extension module
    or another program opens they do not see.
    """
    roots = tuple({_start_from(-1, folder) + os.sep, os.path.realpath(folder) + os.sep})
    told: set[str] = set()

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _PATHS and event != "sqlite3.connect":
            return
        # Whatever goes wrong here must not keep the function from its file.
        try:
            for path in _find_written(event, arguments):
                real_path = _resolve(event, path)
                if path.startswith(roots) or real_path.startswith(roots):
                    _tell_once(real_path + os.sep * (event in _NO_CONTENT))
        except Exception:  # noqa: BLE001, S110 - as above
            pass

    def _tell_once(path: str) -> None:
        if path not in told:
            told.add(path)
            _tell(address, path)

    sys.addaudithook(look)


def _find_written(event: str, arguments: tuple[Any, ...]) -> Iterator[str]:
    """Yield the absolute paths that are written in this event; links are not followed."""
    if event == "sqlite3.connect":
        yield from _find_database(os.fsdecode(arguments[0]))
    elif event != "open" or arguments[2] & _WRITING:
        for position, of_folder in _PATHS[event]:
            path = arguments[position]
            if not isinstance(path, int):
                absolute = _start_from(-1 if of_folder is None else arguments[of_folder], os.fsdecode(path))
                if _may_happen(event, absolute):
                    yield absolute


def _may_happen(event: str, path: str) -> bool:
    """Return whether anything is written: what fails on every system is no difference to Lambda."""
    is_there = os.path.lexists(path)
    return not is_there if event == "os.mkdir" else is_there or event not in _OF_WHAT_IS_THERE


def _start_from(folder: int, path: str) -> str:
    if folder != -1 and not os.path.isabs(path):  # noqa: PTH117 - pathlib would be imported for it
        path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)  # noqa: PTH118 - as above
    return os.path.abspath(path)  # noqa: PTH100 - as above; nor are links followed


def _resolve(event: str, path: str) -> str:
    if event not in _OF_LINKS:
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 - as above


def _find_database(name: str) -> Iterator[str]:
    """Yield the files of a database that is opened for writing, by its path or URI.

    Source: https://sqlite.org/uri.html
    """
    if name.startswith("file:"):
        from urllib.parse import parse_qs, unquote, urlsplit  # noqa: PLC0415 - few need it

        uri = urlsplit(name)
        options = parse_qs(uri.query)
        if options.get("mode") in (["ro"], ["memory"]) or "immutable" in options:
            return
        name = unquote(uri.path)
    if name and name != ":memory:":
        for end in _SQLITE_FILES:
            yield _start_from(-1, name) + end


def _tell(address: str, path: str) -> None:
    # Imported with the first file, so that no start waits for it.
    import socket  # noqa: PLC0415

    host, _, port = address.rpartition(":")
    body = os.fsencode(path)
    head = f"POST {WRITTEN_FILE_PATH} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((host, int(port)), _PATIENCE) as connection:
        connection.sendall(head.encode() + body)
        connection.recv(1)  # the stage knows it before the file changes
