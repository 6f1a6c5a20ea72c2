"""What running the table against targets has come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from conformance.case import Case
from conformance.target import Target, TokenMissingError
from conformance.verdict import Verdict
from conformance.wire import Received


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one target answered one case; `verdict` is None where the case cannot be run there."""

    case: Case
    verdict: Verdict | None
    received: Received | None

    @property
    def group(self) -> str:
        """The first part of the case's id."""
        return self.case.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class TargetOutcomes:
    """How one target answered every case."""

    name: str
    version: str
    outcomes: Sequence[Outcome]


def run_cases(target: Target, cases: Iterable[Case]) -> TargetOutcomes:
    """Run every case against a target."""
    return TargetOutcomes(target.name, target.version, [_run(target, case) for case in cases])


def _run(target: Target, case: Case) -> Outcome:
    try:
        return Outcome(case, *target.run(case))
    except TokenMissingError:
        return Outcome(case, None, None)


MEASURES: Mapping[str, Callable[[Verdict], bool]] = {
    "every octet": lambda verdict: verdict.right,
    "status and body": lambda verdict: not verdict.status and not verdict.body,
    "status": lambda verdict: not verdict.status,
}
"""By what a response counts as AWS's; "every octet" has the headers too, with their casing and number."""


def count(outcomes: Iterable[Outcome], measure: Callable[[Verdict], bool]) -> int:
    """Return how many outcomes are right by a measure."""
    return sum(1 for outcome in outcomes if outcome.verdict is not None and measure(outcome.verdict))


def summarize(results: Sequence[TargetOutcomes], day: date) -> str:
    """Return the summary in Markdown: a row for each group of cases, and who was run when."""
    columns = [(result, name) for result in results for name in MEASURES]
    head = ["cases", "number", *(f"{result.name}: {name}" for result, name in columns)]
    lines = [_row(head), _row(["---"] * len(head))]
    groups = list(dict.fromkeys(outcome.group for outcome in results[0].outcomes))
    lines += (_row([f"`{group}`", *_counts(columns, group)]) for group in groups)
    lines.append(_row(["together", *_counts(columns, None)]))
    versions = ", ".join(f"{result.name} {result.version}" for result in results)
    return "\n".join([*lines, "", f"Run on {day.isoformat()}: {versions}."])


def _counts(columns: Sequence[tuple[TargetOutcomes, str]], group: str | None) -> list[str]:
    counts = []
    for result, name in columns:
        own = [outcome for outcome in result.outcomes if group in {None, outcome.group}]
        counts.append((len(own), count(own, MEASURES[name])))
    return [str(counts[0][0]), *(str(right) for _, right in counts)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
