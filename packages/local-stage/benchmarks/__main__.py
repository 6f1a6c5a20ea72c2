"""The whole run: `python -m benchmarks` for figures that stand, `--quick` to see that all of it runs."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks import cold_start, kinds, memory, refusals, scale, sources, start, suites, throughput, warm
from benchmarks.against import comparison
from benchmarks.against.revision import LAST_RELEASE, RevisionError
from benchmarks.effort import FULL, QUICK, Effort
from benchmarks.figure import Measurement
from benchmarks.function_run import open_bench
from benchmarks.load import LoadError
from benchmarks.machine import read_foreign_load, read_machine
from benchmarks.peers import PACKAGE, REPOSITORY, build, everybody
from benchmarks.plots import plot_calls, plot_cold_start
from benchmarks.renewed_report import renew_report
from benchmarks.report import Circumstances, write_goals, write_report, write_table
from benchmarks.subjects import build_subjects
from tests.stage_process import StageProcessError

CALLS_PLOT: Final = "benchmarks-calls.svg"
COLD_START_PLOT: Final = "benchmarks-cold-start.svg"
PAUSE: Final = 2.0
"""Seconds before and after each measurement, in which nothing of ours runs and others are looked at."""


class Run:
    """One run of the measurements, one after the other. `commit` is the earlier one that is compared with."""

    def __init__(self, effort: Effort, commit: str) -> None:
        self._effort = effort
        self._commit = commit
        self._built_template: Path | None = None
        self.is_whole = True
        self.measured: list[Measurement] = []
        self.foreign_load: list[float] = []

    def measure(self, parts: Sequence[str], folder: Path) -> None:
        """Measure these parts of `PARTS`, with temporary files in the folder."""
        self.is_whole = {*parts} == PARTS.keys()
        self._pause()
        for part in parts:
            _say(part)
            own = folder / part
            own.mkdir()
            PARTS[part](self, own)
            self._pause()

    def measure_function(self, folder: Path) -> None:
        """Time the Hello function in its own runtime."""
        asyncio.run(self._measure_function(folder, self._build(folder).parent / "HelloFunction"))

    async def _measure_function(self, folder: Path, hello: Path) -> None:
        subjects = build_subjects(folder / "subjects", hello)
        async with open_bench() as bench:
            self._take(await cold_start.measure(bench, subjects, folder, self._effort))
            self._take(await warm.measure(bench, subjects, self._effort))

    def measure_calls(self, folder: Path) -> None:
        """Call the stage and its peers, and have them refuse."""
        with everybody(folder / "peers", self._build(folder)) as peers:
            self._take(throughput.measure(peers, self._effort))
            self._take(refusals.measure(peers, self._effort))

    def compare(self, folder: Path) -> None:
        """Compare with the earlier commit."""
        self._take(comparison.measure(self._commit, folder, self._effort))

    def measure_start(self, folder: Path) -> None:
        """Start, and save."""
        self._take(start.measure(folder, self._effort))

    def measure_scale(self, folder: Path) -> None:
        """Start large applications beside small ones."""
        self._take(scale.measure_functions(folder, self._effort))
        self._take(scale.measure_routes(self._effort))
        self._take(scale.measure_users(folder, self._effort))

    def measure_kinds(self, folder: Path) -> None:
        """Call every kind of API, authorizer and function."""
        self._take(kinds.measure(folder, self._effort))

    def measure_sources(self, folder: Path) -> None:
        """Look at what event sources cost."""
        self._take(sources.measure(folder, self._effort))

    def measure_memory(self, folder: Path) -> None:
        """Look at what many calls leave."""
        self._take(memory.measure(folder, self._effort))

    def measure_tests(self, folder: Path) -> None:
        """Run the tests of the earlier commit and of this one."""
        self._take(suites.measure(self._commit, folder, self._effort))

    def _build(self, folder: Path) -> Path:
        if self._built_template is None:
            self._built_template = build(folder / "built", REPOSITORY / "template.yaml")
        return self._built_template

    def _pause(self) -> None:
        self.foreign_load.append(read_foreign_load(PAUSE))

    def _take(self, measurement: Measurement) -> None:
        self.measured.append(measurement)
        _say("\n".join(["", measurement.title, *write_table(measurement.figures), ""]))
        goals = write_goals(measurement.goals) if measurement.goals else ()
        _say("\n".join([*goals, "", *measurement.notes]))


PARTS: Final[Mapping[str, Callable[[Run, Path], None]]] = {
    "function": Run.measure_function,
    "calls": Run.measure_calls,
    "against": Run.compare,
    "start": Run.measure_start,
    "scale": Run.measure_scale,
    "kinds": Run.measure_kinds,
    "sources": Run.measure_sources,
    "memory": Run.measure_memory,
    "tests": Run.measure_tests,
}
"""What can be measured, in this order."""


def main() -> None:
    """Measure, print, and write the document and its plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few minutes; the figures do not stand")
    parser.add_argument(
        "--against",
        default=LAST_RELEASE,
        metavar="COMMIT",
        help=f"the earlier commit that is compared with ({LAST_RELEASE}, the last release)",
    )
    parser.add_argument(
        "--only",
        choices=PARTS,
        action="append",
        help="measure this part alone, and leave the others in the document; may be repeated",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="where benchmarks.md and its plots go (docs; a quick run writes none unless told where)",
    )
    options = parser.parse_args()
    # Compiled Python is kept, as it is on a developer's machine: or else each command would compile all anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    effort = QUICK if options.quick else FULL
    run = Run(effort, options.against)
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            run.measure(options.only or tuple(PARTS), Path(folder))
        except (LoadError, RevisionError, StageProcessError) as error:
            # A stage's whole log stands in the error; its last words say why.
            sys.exit(f"{type(error).__name__}: …{str(error)[-2000:]}")
    output = options.output or (None if options.quick else PACKAGE / "docs")
    if output is not None:
        file = output / "benchmarks.md"
        _write(file, run, Circumstances(began, read_machine(), effort, run.foreign_load))
        _say(f"written: {os.path.relpath(file)}")


def _write(file: Path, run: Run, circumstances: Circumstances) -> None:
    """Write the document and the plots of what was measured; where some parts were, the others stay."""
    file.parent.mkdir(parents=True, exist_ok=True)
    plots = {throughput.TITLE: (CALLS_PLOT, plot_calls), cold_start.TITLE: (COLD_START_PLOT, plot_cold_start)}
    for measurement in run.measured:
        if measurement.title in plots:
            name, plot = plots[measurement.title]
            (file.parent / name).write_text(plot(measurement), encoding="utf-8")
    names = {title: name for title, (name, _) in plots.items()}
    if run.is_whole or not file.exists():
        report = write_report(run.measured, circumstances, names)
    else:
        report = renew_report(file.read_text(encoding="utf-8"), run.measured, circumstances, names)
    file.write_text(report, encoding="utf-8")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
