"""Tells the stage which files of its own folder a function writes: on Lambda that folder is read-only."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, Final

WRITTEN_FILE_PATH: Final = "/local-stage/written-file"

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS: Final[Mapping[str, tuple[int, ...]]] = {
    "open": (0,),
    "os.link": (1,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.utime": (0,),
}
"""Which arguments of an audit event are paths: https://docs.python.org/3.13/library/audit_events.html"""
_PATIENCE: Final = 1.0
"""Seconds; the stage answers in less than one of their thousandths."""


def watch_written_files(folder: str, address: str) -> None:
    """Tell the Runtime API at this address, once for each file, before a file in the folder is written.

    Audit events see what Python itself opens, in every thread and forked child; what an extension module or
    another program opens they do not see.
    """
    root = os.path.realpath(folder) + os.sep
    told: set[str] = set()

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        positions = _PATHS.get(event)
        if positions is None or (event == "open" and not arguments[2] & _WRITING):
            return
        # Whatever goes wrong here must not keep the function from its file.
        try:
            for position in positions:
                path = arguments[position]
                if not isinstance(path, int):
                    _look_at(os.path.realpath(os.fsdecode(path)))
        except Exception:  # noqa: BLE001, S110 - as above
            pass

    def _look_at(path: str) -> None:
        if path.startswith(root) and path not in told:
            told.add(path)
            _tell(address, path)

    sys.addaudithook(look)


def _tell(address: str, path: str) -> None:
    # Imported with the first file, so that no start waits for it.
    import socket  # noqa: PLC0415

    host, _, port = address.rpartition(":")
    body = os.fsencode(path)
    head = f"POST {WRITTEN_FILE_PATH} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((host, int(port)), _PATIENCE) as connection:
        connection.sendall(head.encode() + body)
        connection.recv(1)  # the stage knows it before the file changes
