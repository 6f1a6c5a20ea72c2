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
    return Measurement(TITLE, _METHOD, figures)
