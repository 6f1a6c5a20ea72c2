"""Every figure of both commits in one table, and what was to become of the earlier one's."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.against import function, running
from benchmarks.against.revision import THIS_COMMIT, check_out
from benchmarks.effort import Effort
from benchmarks.figure import Goal, Measurement, Samples
from benchmarks.refusals import CONNECTIONS
from benchmarks.start import COMMAND, start_in_turns
from benchmarks.throughput import SHARED_CORES

TITLE: Final = "Against an earlier commit"

_METHOD: Final = """\
The earlier commit is checked out, and its environment made by its own makefile. Both
serve the earlier commit's application, at the same time and called in turns; each with its own function's
runtime, over the same number of connections. CPU is the time of the gateway's process, or of all
others of the stage, by /proc, divided by all calls that it has answered. Commands run in a folder where
the stage runs; memory is the proportional set size of all of a stage's processes after the first call.
The function is each commit's own, built by `sam build`, in its own runtime; that it looks for saved
files is the same small part of both."""

_LIMITS: Final = {
    f"{running.GATEWAY_CPU}, {running.AUTHORIZED}": 0.4,
    COMMAND: 0.65,
    "`explain`": 0.3,
    "`token`": 0.6,
    "`users list`": 0.6,
    "`event`": 0.6,
    "`--help`": 0.6,
    running.MEMORY: 0.8,
    function.COLD_START: 1.0,
    function.ADDED: 0.6,
}
"""At most so many times the earlier commit's."""

_OBSTACLES: Final = {
    f"{running.GATEWAY_CPU}, {running.AUTHORIZED}": (
        "what is left is spread thin over Python: half of it asyncio, aiohttp and sockets to the client and"
        " to the function's process, the rest route, checks, event, response and four log lines, a few"
        " hundredths each"
    ),
    COMMAND: (
        "the local AWS and the function's runtime, which start meanwhile, are the same in both; of the"
        " stage's own time half is the import of its modules and of aiohttp's, a fifth boto3's client of"
        " CloudFormation"
    ),
    running.MEMORY: "the processes of the local AWS and of the function are as large as before",
    function.COLD_START: "the spreads of the two overlap",
    function.ADDED: "the handler is the same in both: Powertools' resolver, its log line and its metrics",
}
"""What holds back those of the limits that are missed, where that is known."""

_CALLS: Final = f"{running.AUTHORIZED}, at {CONNECTIONS} connections"
_CALLS_LIMIT: Final = 1.6


def measure(commit: str, folder: Path, effort: Effort) -> Measurement:
    """Measure the earlier commit and this one. Raises RevisionError where the earlier one cannot be run."""
    earlier = check_out(commit, folder / "commit")
    revisions = (earlier, THIS_COMMIT)
    samples = Samples()
    with running.serving(revisions, earlier.template, folder) as served:
        running.measure_memory(samples, served)
        running.measure_calls(samples, served, effort)
        running.measure_commands(samples, served, effort)
    serves = {
        one.name: partial(one.serve, folder / f"start-{number}", earlier.template)
        for number, one in enumerate(revisions)
    }
    start_in_turns(samples, serves, effort)
    function.measure(samples, revisions, folder, effort)
    measured = Measurement(TITLE, _METHOD, samples.figures())
    return Measurement(TITLE, _METHOD, measured.figures, judge(measured, earlier.name))


def judge(measured: Measurement, earlier: str) -> list[Goal]:
    """Compare this commit's figures with the earlier one's."""
    calls = Goal(
        f"{_CALLS}, as a multiple of {earlier}'s",
        measured.ratio(THIS_COMMIT.name, earlier, _CALLS),
        at_least=_CALLS_LIMIT,
        obstacle=SHARED_CORES,
    )
    return [
        calls,
        *(
            Goal(
                f"{quantity}, as a share of {earlier}'s",
                measured.ratio(THIS_COMMIT.name, earlier, quantity),
                at_most=limit,
                obstacle=_OBSTACLES.get(quantity, ""),
            )
            for quantity, limit in _LIMITS.items()
        ),
    ]
