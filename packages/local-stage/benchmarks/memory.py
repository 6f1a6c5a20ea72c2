"""Memory of the whole local stage: its own process, the local AWS, the function's environments, the guard."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.callers import sign_in
from benchmarks.effort import Effort
from benchmarks.figure import Figure, Goal, Measurement
from benchmarks.load import Job, Load, run_load
from benchmarks.peers import GREETING, LOCAL_STACK, STAGE, local_stage
from benchmarks.processes import read_memory

TITLE: Final = "Memory"
CONNECTIONS: Final = 8
GROWTH_LIMIT: Final = 1.05
"""Times; what counts as no growth. Python's allocator gives memory back in large pieces only."""

TRACE_IDS: Final = (
    "only the function's environments grow, by 0.14 kB with each invocation, a bare handler's as well: "
    "the runtime sets _X_AMZN_TRACE_ID anew each time, as on Lambda, "
    "and the C library keeps every value that a variable has had"
)
"""The GNU C Library's setenv(3) frees no value, since somebody may still hold a pointer to it."""

_METHOD: Final = """\
Proportional set size (a page that several processes share counts in parts) of all processes of a
stage: the gateway's own, the local AWS, the function's two environments and the guard's shell. At
rest is after the first call. Growth is counted from the first tenth of the calls on, when all
environments are up and caches are full."""


def measure(folder: Path, effort: Effort) -> Measurement:
    """Call a stage that many times, and look at its memory at rest, after a tenth, and at the end."""
    with local_stage(folder) as stage:
        authorization = sign_in(LOCAL_STACK, stage.aws_endpoint_url)
        url = f"{stage.api_url}/hello"
        call(url, authorization, 1)
        at_rest = read_memory(stage.pid)
        call(url, authorization, effort.calls // 10)
        early = read_memory(stage.pid)
        call(url, authorization, effort.calls - effort.calls // 10)
        late = read_memory(stage.pid)
    quantities = ("at rest", f"after {effort.calls // 10:,} calls", f"after {effort.calls:,} calls")
    figures = [
        Figure(STAGE, quantity, "MB", (megabytes,))
        for quantity, megabytes in zip(quantities, (at_rest, early, late), strict=True)
    ]
    text = f"{quantities[2]}, as a multiple of {quantities[1]}"
    goal = Goal(text, late / early, at_most=GROWTH_LIMIT, obstacle=TRACE_IDS)
    return Measurement(TITLE, _METHOD, figures, [goal])


def call(url: str, authorization: str, count: int) -> int:
    """Call at least that many times, in turns of some seconds; return how often."""
    called = 0
    seconds = 0.2
    while called < count:
        load = _run(url, authorization, seconds)
        called += load.calls
        seconds = max(0.2, min(30.0, (count - called) / load.rate))
    return called


def _run(url: str, authorization: str, seconds: float) -> Load:
    return run_load(Job(url, CONNECTIONS, seconds, 200, GREETING, (authorization,), warm_up=0.0))
