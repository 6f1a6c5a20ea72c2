"""How much memory a process holds, and the watchdog that looks at it now and then."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

_INTERVAL = 0.1
"""Seconds between two looks."""


class Watchdog:
    """Calls `look` now and then until it has seen enough, and `time_out` when the time is over."""

    def __init__(self, look: Callable[[], bool], time_out: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._look = look
        self._time_out = time_out
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        """Look from now on, until `seconds` are over or it is stopped."""
        now = self._loop.time()
        self._deadline = deadline = now + seconds
        if self._timer is None or self._timer.when() > deadline:
            self._wait(now, deadline)

    def stop(self) -> None:
        """Look no more."""
        # The timer runs out, or serves the next start: each invocation would set one of its own.
        self._deadline = None

    def _wait(self, now: float, deadline: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(min(deadline, now + _INTERVAL), self._check)

    def _check(self) -> None:
        self._timer = None
        if (deadline := self._deadline) is None:
            return
        now = self._loop.time()
        if now >= deadline:
            self._deadline = None
            self._time_out()
        elif not self._look():
            self._wait(now, deadline)


_SIZE = 64 * 1024
"""Bytes of one reading: the kernel hands over whole lines."""
_TOUCHED = 1024
"""kB that a process may take between two looks at the same memory."""


def measure_memory(pid: int) -> int | None:
    """Return the MB that a process has held at most, or holds now with its descendants if that is more.

    A page that processes share counts once, as in Lambda's environments: what a child shares since its fork
    is no memory of its own. None where no /proc tells, or the process has ended.

    Source: `VmHWM` in proc_pid_status(5), `Pss` in proc_pid_smaps(5), proc_tid_children(5)
    """
    memory = _find_size(_read(f"/proc/{pid}/status"), b"VmHWM:")
    if memory is None:
        return None
    if children := _find_children(pid):
        memory = max(memory, _add_up(pid, children))
    return memory // 1024


def _add_up(pid: int, children: list[int]) -> int:
    """Return the kB of a process and its descendants together."""
    rollup = _read(f"/proc/{pid}/smaps_rollup")
    memory = _find_size(rollup, b"Pss:") or 0
    found = [(child, rollup) for child in children]
    while found:
        pid, parents_rollup = found.pop()
        rollup = _read(f"/proc/{pid}/smaps_rollup")
        if not _is_the_same(rollup, parents_rollup):
            memory += _find_size(rollup, b"Pss:") or 0
        found.extend((child, rollup) for child in _find_children(pid))
    return memory


def _is_the_same(rollup: bytes, parents_rollup: bytes) -> bool:
    """Say whether a child still has its parent's memory: after vfork(2), until it runs its program.

    That both reach from the same address to the same is so after fork(2) too; as much in use is then chance.
    """
    if rollup.partition(b" ")[0] != parents_rollup.partition(b" ")[0]:
        return False
    return abs((_find_size(rollup, b"Rss:") or 0) - (_find_size(parents_rollup, b"Rss:") or 0)) < _TOUCHED


def _find_children(pid: int) -> list[int]:
    """Return the ids of what any thread of a process started and has not ended."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - for each invocation: Path takes far longer
    except OSError:
        return []
    return [
        int(child) for thread in threads for child in _read(f"/proc/{pid}/task/{thread}/children").split()
    ]


def _find_size(text: bytes, name: bytes) -> int | None:
    """Return the kB that stand behind a name."""
    start = text.find(name)
    return int(text[start + len(name) :].split(None, 1)[0]) if start >= 0 else None


def _read(file: str) -> bytes:
    """Return what a file of /proc says; nothing where its process has ended, or is another user's."""
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(descriptor, _SIZE)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
