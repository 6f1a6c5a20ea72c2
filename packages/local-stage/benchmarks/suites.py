"""How long the tests take, with all that has to be installed for them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.against.revision import THIS_COMMIT, RevisionError, own_environment
from benchmarks.effort import Effort
from benchmarks.figure import Figure, Goal, Measurement
from benchmarks.peers import REPOSITORY

TITLE: Final = "Tests"
DAILY: Final = "`make test`"
EVERYTHING: Final = "`.ci/run`"
DAILY_LIMIT: Final = 1 / 3
"""Of the time of the last release."""
EVERYTHING_LIMIT: Final = 900.0
"""Seconds, whatever has been added."""

_METHOD: Final = """\
A new clone of each commit runs `make test`, with which its environments are built; that of this commit
then runs `.ci/run`, which is everything that has to hold before a change lands. Tests are as many as
each commit has; those of the earlier commit's `make test` were all that it had. CPU is that of all
processes, user and system."""
_OBSTACLE: Final = (
    "nearly all of it is CPU, on every core: some thousand processes are started, a stage with its local AWS "
    "takes 3.6 s from start to end, and most of what is asserted is asserted of processes that really run"
)


def measure(commit: str, folder: Path, effort: Effort) -> Measurement:
    """Run the tests of both commits. Raises RevisionError where one fails."""
    earlier, this = f"commit {commit}", THIS_COMMIT.name
    daily = ("make", "test", f"ARGS={effort.tests}")
    clone = _clone("HEAD", folder / "this")
    figures = _time(this, DAILY, clone, daily)
    if not effort.tests:
        figures += _time(this, EVERYTHING, clone, (".ci/run",))
    figures += _time(earlier, DAILY, _clone(commit, folder / "earlier"), daily)
    return Measurement(TITLE, _METHOD, figures, judge(figures, earlier))


def judge(figures: Sequence[Figure], earlier: str) -> list[Goal]:
    """Compare this commit's times with the earlier commit's, and with what they may be."""
    measured = Measurement(TITLE, "", figures)
    everything = measured.find(THIS_COMMIT.name, EVERYTHING)
    share = measured.ratio(THIS_COMMIT.name, earlier, DAILY)
    return [
        Goal(
            f"{DAILY} in a new clone, as a share of {earlier}'s",
            share,
            at_most=DAILY_LIMIT,
            obstacle=_OBSTACLE,
        ),
        Goal(
            f"{EVERYTHING} in a clone",
            everything.median if everything else None,
            at_most=EVERYTHING_LIMIT,
            unit="s",
            obstacle=_OBSTACLE,
        ),
    ]


def _clone(commit: str, folder: Path) -> Path:
    _run(REPOSITORY, "git", "clone", "--quiet", "--no-checkout", str(REPOSITORY), str(folder))
    _run(folder, "git", "checkout", "--quiet", "--detach", commit)
    return folder


def _time(subject: str, quantity: str, folder: Path, command: Sequence[str]) -> list[Figure]:
    began, before = time.perf_counter(), _read_cpu_of_children()
    _run(folder, *command)
    seconds, cpu = time.perf_counter() - began, _read_cpu_of_children() - before
    return [Figure(subject, quantity, "s", (seconds,)), Figure(subject, f"{quantity}, CPU", "s", (cpu,))]


def _read_cpu_of_children() -> float:
    """Return the CPU seconds of all that this process has started and that has ended."""
    times = os.times()
    return times.children_user + times.children_system


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(  # noqa: S603 - fixed commands
        command, cwd=folder, env=own_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RevisionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
