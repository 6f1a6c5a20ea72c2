"""docs/benchmarks.md after a run of some parts: their sections and goals are new, all others stay."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from benchmarks.figure import Measurement
from benchmarks.report import Circumstances, describe, write_report

_SECTION: Final = re.compile(r"^## (.+)$", re.MULTILINE)
_GOAL: Final = re.compile(r"^\| (?P<goal>.+?) \| at (?:least|most) .+$", re.MULTILINE)
_HEADING: Final = "What holds back those that are missed:"
_GOALS: Final = "Goals"


def renew_report(
    document: str, measured: Sequence[Measurement], circumstances: Circumstances, plots: Mapping[str, str]
) -> str:
    """Return the document with these measurements in the place of earlier ones of the same titles.

    Each says when it was taken. A goal is known by its text.
    """
    apart = f"Measured apart from the rest. {' '.join(describe(circumstances))}"
    noted = [replace(measurement, notes=[*measurement.notes, apart]) for measurement in measured]
    _, new = _split(write_report(noted, circumstances, plots))
    head, sections = _split(document)
    before, now = (_find_goals(text) for text in (sections[_GOALS], new[_GOALS]))
    goals = {**before, **now}
    kept = _find_obstacles(sections[_GOALS], before.keys() - now.keys())
    obstacles = {**kept, **_find_obstacles(new[_GOALS], now)}
    told_in_order = [obstacles[goal] for goal in goals if goal in obstacles]
    table = "\n".join(["| goal | limit | measured | |", "|---|---|---|---|", *goals.values()])
    told = f"\n\n{_HEADING}\n\n" + "\n".join(told_in_order) if told_in_order else ""
    sections |= new | {_GOALS: f"\n\n{table}{told}\n\n"}
    return (
        head + "".join(f"## {title}{text.rstrip()}\n\n" for title, text in sections.items()).rstrip() + "\n"
    )


def _split(document: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the first section, and each section's text by its title."""
    head, *parts = _SECTION.split(document)
    return head, dict(zip(parts[::2], parts[1::2], strict=True))


def _find_goals(text: str) -> dict[str, str]:
    """Return each goal's line of the table by its text."""
    return {match["goal"]: match[0] for match in _GOAL.finditer(text)}


def _find_obstacles(text: str, goals: Collection[str]) -> dict[str, str]:
    """Return the line that says what holds a goal back, by the goal's text."""
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    return {goal: line for goal in goals for line in lines if line.startswith(f"- {goal}: ")}
