"""What processes there are, which belong to which, and where they listen, as Linux tells in /proc."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PATIENCE = 60.0
"""Seconds after which a condition that does not come about fails the test."""
POLL_INTERVAL = 0.02
PR_SET_CHILD_SUBREAPER = 36
TCP_LISTEN = "0A"


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when the condition is true; for what no event tells, as another process's end."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the condition has not come about"
        time.sleep(POLL_INTERVAL)


def is_running(pid: int) -> bool:
    """Say whether a process of this id runs; one that has ended and is not yet reaped does not."""
    return _state(pid) not in {None, "Z", "X"}


def descendants(pid: int) -> set[int]:
    """Return the ids of everything that a process started, and what they started in turn."""
    children = _children(pid)
    return children.union(*map(descendants, children))


def command_line(pid: int) -> str:
    """Return a process's arguments, or nothing where it has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def listening_addresses(pid: int) -> set[tuple[str, int]]:
    """Return host and port of every TCP socket on which a process listens; IPv6 hosts in hexadecimal."""
    sockets = _open_sockets(pid)
    return {address for inode, address in _listening_sockets() if inode in sockets}


@contextlib.contextmanager
def nothing_left_running() -> Iterator[None]:
    """Fail unless everything that is started meanwhile, however deep, has ended soon afterwards.

    Orphans become children of this process (prctl(2), PR_SET_CHILD_SUBREAPER), so none can hide.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = _children(os.getpid())
    yield
    deadline = time.monotonic() + PATIENCE
    while left := {pid for pid in _children(os.getpid()) - before if not _reap(pid)}:
        assert time.monotonic() < deadline, f"left running: {[command_line(pid) for pid in left]}"
        time.sleep(POLL_INTERVAL)


def _reap(pid: int) -> bool:
    """Take the status of an orphan that has ended, and say whether it has."""
    return os.waitpid(pid, os.WNOHANG)[0] == pid


def _state(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None


def _children(pid: int) -> set[int]:
    children: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children.update(map(int, task.read_text().split()))
    return children


def _open_sockets(pid: int) -> set[str]:
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            kind, _, rest = str(descriptor.readlink()).partition(":[")
            if kind == "socket":
                inodes.add(rest.removesuffix("]"))
    return inodes


def _listening_sockets() -> Iterator[tuple[str, tuple[str, int]]]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            (
                _,
                local,
                _,
                state,
                *_,
            ) = fields = line.split()
            if state == TCP_LISTEN:
                yield fields[9], _parse_address(local)


def _parse_address(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    is_ipv4 = len(host) == 8
    return (socket.inet_ntoa(struct.pack("<L", int(host, 16))) if is_ipv4 else host), int(port, 16)


def processes_in(folder: Path) -> set[int]:
    """Return the ids of the processes that run in this folder or below it, or have it in their arguments."""
    return {pid for pid in _all_processes() if str(folder) in command_line(pid) or _is_in(pid, folder)}


def _all_processes() -> set[int]:
    return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()}


def _is_in(pid: int, folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(folder)
    return False


def count_open_files(pid: int) -> int:
    """Return how many files, sockets among them, a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
