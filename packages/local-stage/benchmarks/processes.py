"""Memory and CPU time of a process and of all that it has started, as the kernel counts them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.load import Job, Load, run_load

SETTLING: Final = 0.3
"""Seconds after a load in which what a stage writes behind its responses is written."""
TICK: Final = 1 / os.sysconf("SC_CLK_TCK")
"""Seconds of one tick, in which the kernel counts CPU time."""


def read_memory(pid: int) -> float:
    """Return the proportional set size of a process and all below it, in MB. Source: proc_pid_smaps(5)."""
    return sum(_read_share(process) for process in find_tree(pid)) / 1000


def read_cpu(pid: int) -> float:
    """Return the CPU seconds of one process, user and system. Source: proc_pid_stat(5)."""
    return _read_ticks(pid)[0] * TICK


def read_tree_cpu(pid: int) -> float:
    """Return the CPU seconds of a process and all that it has started, also of those that have ended."""
    return sum(sum(_read_ticks(process)) for process in find_tree(pid)) * TICK


def count_cpu(job: Job, pid: int) -> tuple[Load, float, float]:
    """Run a load, and return it with the CPU milliseconds of a response: of the process, and of its tree."""
    own, everything = read_cpu(pid), read_tree_cpu(pid)
    load = run_load(job)
    time.sleep(SETTLING)
    own, everything = read_cpu(pid) - own, read_tree_cpu(pid) - everything
    return load, 1000 * own / load.responses, 1000 * everything / load.responses


def find_tree(pid: int) -> Iterator[int]:
    """Yield a process and all that it and its children have started."""
    yield pid
    for child in [process for process, parent in _read_parents() if parent == pid]:
        yield from find_tree(child)


def parse_ticks(stat: str) -> tuple[int, int]:
    """Return the ticks of a process, and of its children that have ended, from its /proc/PID/stat.

    The second field is the program's name, in which a parenthesis may stand.
    """
    fields = stat.rpartition(")")[2].split()
    own_user, own_system, user, system = map(int, fields[11:15])
    return own_user + own_system, user + system


def _read_ticks(pid: int) -> tuple[int, int]:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return parse_ticks(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace"))
    return 0, 0


def _read_parents() -> Iterator[tuple[int, int]]:
    """Yield each process with its parent. Source: proc_pid_stat(5)."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
                yield int(folder.name), int(stat.rpartition(")")[2].split()[1])


def _read_share(pid: int) -> float:
    """Return kilobytes of 1,000 bytes; none of a process that has ended meanwhile."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1.024
    return 0.0
