"""Runs the table of cases: `make conformance`.

Without settings it starts the local stage and MiniStack and compares the two. With AWS_SAM_STACK_NAME, and
without AWS_ENDPOINT_URL, it runs the same cases against that stack on AWS and its `-customised` twin.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from conformance.case import Case
from conformance.cases import CASES
from conformance.fidelity import DOCUMENT, replace_part
from conformance.on_aws import aws
from conformance.on_local_stage import local_stage
from conformance.on_ministack import ministack
from conformance.outcome import Outcome, TargetOutcomes, run_cases, summarize
from conformance.recording import RECORDING, write_recording
from conformance.replay.report import find_unexplained
from conformance.replay.report import run as run_replay
from conformance.replay.report import summarize as summarize_replay
from conformance.rule import read_rules
from conformance.target import Target

WRONG: Final = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the table, print who gives AWS's response, and return 1 where the local stage does not."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    cases = [case for case in CASES if case.id.startswith(options.only)]
    stack_name = os.environ.get("AWS_SAM_STACK_NAME")
    if stack_name and not os.environ.get("AWS_ENDPOINT_URL"):
        return _record(console, stack_name, cases, options.record)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        results = _compare(console, Path(folder), cases)
    console.print(_table(results))
    _explain(console, results[0])
    summary = summarize(results, datetime.now(UTC).date())
    console.print(summary, markup=False)
    if options.write:
        _write("conformance", summary)
    is_replayed_well = bool(options.only) or _replay(console, is_written=options.write)
    return WRONG if _wrong(results[0]) or not is_replayed_well else 0


def _replay(console: Console, *, is_written: bool) -> bool:
    """Replay what others have recorded; False where a fact is wrong for no known reason."""
    console.print("Replaying recordings")
    judged = run_replay()
    unexplained = find_unexplained(judged)
    for one in unexplained:
        console.print(f"{one.entry.name} {one.entry.key}: {one.fact.describe()}", markup=False)
    summary = summarize_replay(judged)
    console.print(summary, markup=False)
    if is_written:
        _write("replay", summary)
    return not unexplained


def _write(part: str, content: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(replace_part(text, part, content), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make conformance", description=__doc__)
    parser.add_argument("--only", default="", metavar="PREFIX", help="run the cases whose id begins so")
    parser.add_argument("--write", action="store_true", help=f"write the summary into {DOCUMENT.name}")
    parser.add_argument(
        "--record",
        type=Path,
        default=RECORDING,
        metavar="FILE",
        help="where AWS's responses to unverified rules are written",
    )
    return parser


def _compare(console: Console, folder: Path, cases: Sequence[Case]) -> list[TargetOutcomes]:
    starting: Mapping[str, AbstractContextManager[Target]] = {
        "the local stage": local_stage(folder),
        "MiniStack, with sam deploy": ministack(folder),
    }
    results = []
    for name, opening in starting.items():
        console.print(f"Starting {name}")
        with opening as target:
            results.append(run_cases(target, cases))
    return results


def _record(console: Console, stack_name: str, cases: Sequence[Case], file: Path) -> int:
    """Run the cases against AWS, last those whose token has to expire, and record what was not known."""
    ordered = sorted(cases, key=lambda case: "{expired" in str(case.request.headers))
    with aws(stack_name) as target:
        result = run_cases(target, ordered)
    rules = {rule.id: rule for rule in read_rules()}
    recorded = write_recording(file, result, rules)
    console.print(_table([result]))
    _explain(console, result)
    console.print(summarize([result], datetime.now(UTC).date()), markup=False)
    console.print(f"{recorded} responses to unverified rules are in {file}")
    return WRONG if _wrong(result) else 0


def _wrong(result: TargetOutcomes) -> list[Outcome]:
    return [outcome for outcome in result.outcomes if outcome.verdict and not outcome.verdict.right]


def _table(results: Sequence[TargetOutcomes]) -> Table:
    table = Table(title="Who gives AWS's response", title_justify="left")
    table.add_column("Case", no_wrap=True, min_width=max(len(case.id) for case in CASES))
    for result in results:
        table.add_column(result.name)
    for outcomes in zip(*(result.outcomes for result in results), strict=True):
        table.add_row(outcomes[0].case.id, *map(_mark, outcomes))
    return table


def _mark(outcome: Outcome) -> str:
    verdict = outcome.verdict
    if verdict is None:
        return "cannot be run"
    if verdict.right:
        return "yes"
    parts = {"status": verdict.status, "headers": verdict.headers, "body": verdict.body}
    return f"no: {', '.join(name for name, differences in parts.items() if differences)}"


def _explain(console: Console, result: TargetOutcomes) -> None:
    for outcome in _wrong(result):
        assert outcome.verdict is not None  # noqa: S101 - it is wrong
        for difference in outcome.verdict.differences:
            console.print(f"{outcome.case.id}: {difference}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
