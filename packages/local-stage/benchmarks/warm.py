"""Warm invocations: what Powertools costs in each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Final

from benchmarks.effort import Effort
from benchmarks.figure import Figure, Measurement
from benchmarks.function_run import Bench, Subject
from benchmarks.load import percentile

TITLE: Final = "Warm invocation"
ROUNDS: Final = 3

_METHOD: Final = """\
One environment, one invocation after the other, from handing over the event until the answer is
there: the Runtime API, AWS's runtime interface client and the handler, without the gateway."""

SPLIT: Final = (
    "Profiled apart from this run, on a machine with two cores: on Python 3.12 and newer AWS's client waits"
    " for each invocation in a new thread, so that the main one hears signals, which is 0.2 ms of every"
    " figure here. The Hello handler itself takes 0.13 ms of CPU: 0.05 the resolver with its middleware and"
    " CORS, 0.03 its log line, 0.02 each the logger's context and the metrics, 0.01 reading the caller."
)


async def measure(bench: Bench, subjects: Sequence[Subject], effort: Effort) -> Measurement:
    """Invoke each subject again and again, in three rounds."""
    middles, tails = (defaultdict[str, list[float]](list) for _ in range(2))
    for _ in range(ROUNDS):
        for subject in subjects:
            times = await bench.time_warm(subject, effort.warm_invocations)
            middles[subject.name].append(median(times))
            tails[subject.name].append(percentile(times, 0.99))
    figures = [
        Figure(name, quantity, "ms", tuple(samples[name]))
        for quantity, samples in (("p50", middles), ("p99", tails))
        for name in samples
    ]
    return Measurement(TITLE, _METHOD, figures, notes=[SPLIT])
