"""On what, and under which other load, the figures were taken."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """What a reader needs to compare the figures with other ones. Memory is in GB."""

    processor: str
    cores: int
    memory: float
    system: str
    python: str


def read_machine() -> Machine:
    """Read what machine this is; of its name and its user nothing."""
    return Machine(
        processor=_read_processor(),
        cores=os.cpu_count() or 1,
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
    )


def read_foreign_load(seconds: float) -> float:
    """Return how many cores other processes keep busy, on average over so many seconds.

    Called when nothing of ours runs, so that what is busy is not ours. Source: `cpu` in proc_stat(5).
    """
    before = _read_busy()
    time.sleep(seconds)
    return (_read_busy() - before) / seconds


def _read_busy() -> float:
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, interrupts, soft_interrupts, steal, *_ = map(int, fields)
    ticks = user + nice + system + interrupts + soft_interrupts + steal
    return ticks / os.sysconf("SC_CLK_TCK")


def _read_processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or "unknown"
