"""The whole run: `python -m benchmarks` for figures that stand, `--quick` to see that all of it runs."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks import cold_start, memory, refusals, start, throughput, warm
from benchmarks.effort import FULL, QUICK, Effort
from benchmarks.figure import Measurement
from benchmarks.function_run import open_bench
from benchmarks.load import LoadError
from benchmarks.machine import read_foreign_load, read_machine
from benchmarks.peers import PACKAGE, REPOSITORY, build, everybody
from benchmarks.plots import plot_calls, plot_cold_start
from benchmarks.report import Circumstances, write_report, write_table
from benchmarks.subjects import build_subjects
from tests.stage_process import StageProcessError

CALLS_PLOT: Final = "benchmarks-calls.svg"
COLD_START_PLOT: Final = "benchmarks-cold-start.svg"
PAUSE: Final = 2.0
"""Seconds before and after each measurement, in which nothing of ours runs and others are looked at."""


class Run:
    """One run of all measurements, one after the other."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort
        self.measured: list[Measurement] = []
        self.foreign_load: list[float] = []

    def measure_all(self, folder: Path) -> None:
        """Measure everything, with temporary files in the folder."""
        _say("building with SAM CLI")
        built_template = build(folder / "built", REPOSITORY / "template.yaml")
        self._pause()
        asyncio.run(self._measure_function(folder, built_template.parent / "HelloFunction"))
        self._pause()
        with everybody(folder / "peers", built_template) as peers:
            _say("calls and refusals: " + ", ".join(peer.name for peer in peers))
            self._take(throughput.measure(peers, self._effort))
            self._take(refusals.measure(peers, self._effort))
        self._pause()
        _say("starts and saves")
        (folder / "start").mkdir()
        self._take(start.measure(folder / "start", self._effort))
        self._pause()
        _say("memory")
        self._take(memory.measure(folder / "memory", self._effort))
        self._pause()

    async def _measure_function(self, folder: Path, hello: Path) -> None:
        subjects = build_subjects(folder / "subjects", hello)
        _say("cold starts and warm invocations: " + ", ".join(subject.name for subject in subjects))
        async with open_bench() as bench:
            self._take(await cold_start.measure(bench, subjects, folder, self._effort))
            self._take(await warm.measure(bench, subjects, self._effort))

    def _pause(self) -> None:
        self.foreign_load.append(read_foreign_load(PAUSE))

    def _take(self, measurement: Measurement) -> None:
        self.measured.append(measurement)
        _say("\n".join(["", measurement.title, *write_table(measurement.figures), ""]))


def main() -> None:
    """Measure, print, and write the document and its plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute; the figures do not stand")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="where benchmarks.md and its plots go (docs; a quick run writes none unless told where)",
    )
    options = parser.parse_args()
    run = Run(QUICK if options.quick else FULL)
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            run.measure_all(Path(folder))
        except (LoadError, StageProcessError) as error:
            # A stage's whole log stands in the error; its last words say why.
            sys.exit(f"{type(error).__name__}: …{str(error)[-2000:]}")
    output = options.output or (None if options.quick else PACKAGE / "docs")
    if output is not None:
        _write(
            output,
            run,
            Circumstances(began, read_machine(), QUICK if options.quick else FULL, run.foreign_load),
        )
        _say(f"written: {os.path.relpath(output / 'benchmarks.md')}")


def _write(folder: Path, run: Run, circumstances: Circumstances) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    by_title = {measurement.title: measurement for measurement in run.measured}
    (folder / CALLS_PLOT).write_text(plot_calls(by_title[throughput.TITLE]), encoding="utf-8")
    (folder / COLD_START_PLOT).write_text(plot_cold_start(by_title[cold_start.TITLE]), encoding="utf-8")
    plots = {throughput.TITLE: CALLS_PLOT, cold_start.TITLE: COLD_START_PLOT}
    (folder / "benchmarks.md").write_text(write_report(run.measured, circumstances, plots), encoding="utf-8")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
