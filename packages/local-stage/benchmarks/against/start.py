"""Both commits start the same application, in turns: from the command to the first authorized response."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.against.revision import Revision
from benchmarks.effort import Effort
from benchmarks.figure import Samples
from benchmarks.start import Starts


def measure(
    samples: Samples, revisions: Sequence[Revision], template: Path, folder: Path, effort: Effort
) -> None:
    """Start each commit's stage anew, as often as the effort says."""
    starts = {
        revision.name: Starts(partial(revision.serve, folder / f"start-{number}", template))
        for number, revision in enumerate(revisions)
    }
    for _ in range(effort.starts):
        for name, one in starts.items():
            one.measure(samples, name)
