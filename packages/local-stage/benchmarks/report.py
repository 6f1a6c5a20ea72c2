"""docs/benchmarks.md: every figure, every goal, and under which circumstances they were taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from benchmarks.effort import Effort
from benchmarks.figure import Figure, Goal, Measurement, format_number
from benchmarks.machine import Machine

BUSY: Final = 0.1
"""Cores that others keep busy on average, from which figures are called disturbed."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When and on what the figures were taken. `foreign_load` is how many cores others kept busy."""

    date: datetime
    machine: Machine
    effort: Effort
    foreign_load: Sequence[float]


def write_report(
    measured: Sequence[Measurement], circumstances: Circumstances, plots: Mapping[str, str]
) -> str:
    """Return the whole document in Markdown; `plots` are file names by the title of their measurement."""
    return "\n".join(_write(measured, circumstances, plots))


def _write(
    measured: Sequence[Measurement], circumstances: Circumstances, plots: Mapping[str, str]
) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield "`make bench` measures all of this anew, side by side in one run of about an hour,"
    yield "and writes this file with its plots; `make bench ARGS='--quick --output DIR'` shows in a few"
    yield "minutes that it runs. Figures are medians, with the whole spread in parentheses."
    yield "On another machine ratios change less than times do."
    yield ""
    yield from describe(circumstances)
    yield ""
    yield "## Goals"
    yield ""
    yield from write_goals([goal for measurement in measured for goal in measurement.goals])
    for measurement in measured:
        yield ""
        yield f"## {measurement.title}"
        yield ""
        yield measurement.method
        yield ""
        if measurement.title in plots:
            yield f"![{measurement.title}]({plots[measurement.title]})"
            yield ""
        yield from write_table(measurement.figures)
        for note in measurement.notes:
            yield ""
            yield note
    yield ""


def describe(circumstances: Circumstances) -> Iterator[str]:
    """Yield when and on what the figures were taken, and what else was going on."""
    machine = circumstances.machine
    yield (
        f"Measured on {circumstances.date:%Y-%m-%d} at {circumstances.date:%H:%M} UTC on {machine.processor},"
        f" {machine.cores} cores, {machine.memory:.0f} GB, {machine.system}, Python {machine.python};"
        f" a {circumstances.effort.name} run."
    )
    low, high = min(circumstances.foreign_load), max(circumstances.foreign_load)
    between = (
        f"Looked at before, between and after the measurements, other processes kept {low:.1f} to {high:.1f}"
    )
    if high < BUSY:
        yield f"{between} cores busy: none."
    else:
        yield f"{between} of the {machine.cores} cores busy: **these figures were taken under that load**."


def write_goals(goals: Sequence[Goal]) -> Iterator[str]:
    """Yield a table of the goals, and what holds back those that are missed."""
    yield "| goal | limit | measured | |"
    yield "|---|---|---|---|"
    for goal in goals:
        unit = f" {goal.unit}" if goal.unit else ""
        limit = (
            f"at least {goal.at_least:g}{unit}"
            if goal.at_least is not None
            else f"at most {goal.at_most:.3g}{unit}"
        )
        value = f"{format_number(goal.value)}{unit}" if goal.value is not None else "–"  # noqa: RUF001 - a dash
        yield f"| {goal.text} | {limit} | {value} | {goal.verdict} |"
    yield from _write_obstacles([goal for goal in goals if goal.verdict == "missed" and goal.obstacle])


def _write_obstacles(missed: Sequence[Goal]) -> Iterator[str]:
    if missed:
        yield ""
        yield "What holds back those that are missed:"
        yield ""
        yield from (f"- {goal.text}: {goal.obstacle}." for goal in missed)


def write_table(figures: Sequence[Figure]) -> Iterator[str]:
    """Yield a table with a row for each quantity and a column for each subject.

    In brackets stands how many times the first subject's figure it is.
    """
    subjects = list(dict.fromkeys(figure.subject for figure in figures))
    yield f"| | {' | '.join(subjects)} |"
    yield f"|---|{'---|' * len(subjects)}"
    for quantity in dict.fromkeys(figure.quantity for figure in figures):
        row = {figure.subject: figure for figure in figures if figure.quantity == quantity}
        yield f"| {quantity} | {' | '.join(_write_cell(row, subject, subjects[0]) for subject in subjects)} |"


def _write_cell(row: Mapping[str, Figure], subject: str, first: str) -> str:
    if subject not in row:
        return ""
    figure = row[subject]
    if subject == first or first not in row or not row[first].median:
        return str(figure)
    return f"{figure} [× {format_number(figure.median / row[first].median)}]"  # noqa: RUF001 - the sign for times
