"""Cold starts: a new environment until its first answer, against a bare handler and `sam init`'s app."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.effort import Effort
from benchmarks.figure import Figure, Goal, Measurement
from benchmarks.function_run import Bench, Subject
from benchmarks.subjects import BARE_HANDLER, HELLO, SAM_INIT
from tests.deploy.built_artifact import zip_like_sam

TITLE: Final = "Cold start"
RUNTIME: Final = "interpreter and runtime client"
IMPORT: Final = "import"
FIRST: Final = "first invocation"
TOTAL: Final = "total"
ZIP: Final = "zip"
PARTS: Final = (RUNTIME, IMPORT, FIRST)

_METHOD: Final = """\
A new process with AWS's runtime interface client, on a whole core; Lambda gives a function of 256 MB
a part of one, so there everything takes longer, in the same proportions. As in Lambda no bytecode
is written. The files are in the page cache. What the bare handler takes until it asks for its first
event counts as interpreter and runtime client; what others take longer, as their import. Sizes are
of the archive that `sam deploy` uploads."""


async def measure(bench: Bench, subjects: Sequence[Subject], folder: Path, effort: Effort) -> Measurement:
    """Start each subject anew, in turns."""
    inits, firsts = (defaultdict[str, list[float]](list) for _ in range(2))
    for _ in range(effort.cold_starts):
        for subject in subjects:
            cold = await bench.time_cold_start(subject)
            inits[subject.name].append(cold.init)
            firsts[subject.name].append(cold.first_invocation)
    runtime = Figure(BARE_HANDLER, RUNTIME, "ms", tuple(inits[BARE_HANDLER]))
    figures = []
    for number, subject in enumerate(subjects):
        init, first = inits[subject.name], firsts[subject.name]
        figures += [
            Figure(subject.name, RUNTIME, "ms", (runtime.median,)),
            Figure(subject.name, IMPORT, "ms", tuple(max(0.0, value - runtime.median) for value in init)),
            Figure(subject.name, FIRST, "ms", tuple(first)),
            Figure(subject.name, TOTAL, "ms", tuple(map(sum, zip(init, first, strict=True)))),
            Figure(subject.name, ZIP, "MB", (_zip_size(subject, folder / f"{number}.zip"),)),
        ]
    notes = [subject.note for subject in subjects if subject.note]
    return Measurement(TITLE, _METHOD, figures, _judge(Measurement(TITLE, _METHOD, figures)), notes)


def _zip_size(subject: Subject, file: Path) -> float:
    return len(zip_like_sam(subject.folder, file)) / 1e6


def _judge(measured: Measurement) -> list[Goal]:
    size = measured.find(HELLO, ZIP)
    return [
        Goal(
            "the Hello function's cold start, as a share of the sam init app's",
            measured.ratio(HELLO, SAM_INIT, TOTAL),
            at_most=0.4,
        ),
        Goal("the Hello function's zip", size.median if size else None, at_most=2.5, unit="MB"),
    ]
