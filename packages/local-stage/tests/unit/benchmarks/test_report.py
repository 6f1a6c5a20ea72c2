"""How figures and goals are written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from benchmarks.effort import FULL
from benchmarks.figure import Figure, Goal, Measurement, Samples, format_number
from benchmarks.machine import Machine
from benchmarks.renewed_report import renew_report
from benchmarks.report import Circumstances, write_report, write_table

MACHINE = Machine("A processor", 2, 24.0, "Linux x86_64", "3.13.0")
FIGURES = [
    Figure("ours", "calls", "calls/s", (900.0, 1100.0, 1000.0)),
    Figure("theirs", "calls", "calls/s", (100.0,)),
    Figure("ours", "p50", "ms", (1.5,)),
]


def write(goal: Goal, foreign_load: float = 0.0) -> str:
    measured = Measurement("Calls", "How.", FIGURES, [goal], ["A note."])
    circumstances = Circumstances(datetime(2026, 11, 22, tzinfo=UTC), MACHINE, FULL, [foreign_load])
    return write_report([measured], circumstances, {"Calls": "calls.svg"})


def test_a_figure_shows_median_and_whole_spread() -> None:
    assert str(FIGURES[0]) == "1,000 (900-1,100) calls/s"


def test_one_sample_has_no_spread() -> None:
    assert str(FIGURES[2]) == "1.50 ms"


def test_the_table_says_how_many_times_the_first_subject_others_are() -> None:
    assert list(write_table(FIGURES)) == [
        "| | ours | theirs |",
        "|---|---|---|",
        "| calls | 1,000 (900-1,100) calls/s | 100 calls/s [× 0.100] |",  # noqa: RUF001 - the sign for times
        "| p50 | 1.50 ms |  |",
    ]


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        (Goal("a goal", 80.0, at_least=80.0), "reached"),
        (Goal("a goal", 79.9, at_least=80.0), "missed"),
        (Goal("a goal", 2.0, at_most=2.0), "reached"),
        (Goal("a goal", 2.1, at_most=2.0), "missed"),
        (Goal("a goal", None, at_most=2.0), "not measured"),
    ],
)
def test_a_goal_is_reached_missed_or_not_measured(goal: Goal, verdict: str) -> None:
    assert goal.verdict == verdict
    assert f"| {verdict} |" in write(goal)


def test_the_report_says_what_holds_back_a_missed_goal() -> None:
    assert "- a goal: too few cores." in write(Goal("a goal", 3.0, at_most=2.0, obstacle="too few cores"))
    assert "too few cores" not in write(Goal("a goal", 1.0, at_most=2.0, obstacle="too few cores"))


def test_the_report_says_under_which_load_of_others_it_was_taken() -> None:
    goal = Goal("a goal", 1.0, at_most=2.0)
    assert "taken under that load" in write(goal, foreign_load=1.2)
    assert "taken under that load" not in write(goal, foreign_load=0.01)


def test_a_run_of_one_part_leaves_the_others_as_they_were() -> None:
    circumstances = Circumstances(datetime(2026, 11, 22, tzinfo=UTC), MACHINE, FULL, [0.0])
    few = Goal("calls: at 8", 1.0, at_least=2.0, obstacle="one core")
    slow = Goal("calls: at 1", 1.0, at_least=2.0, obstacle="it waits")
    start = Measurement(
        "Start", "How long.", [FIGURES[2]], [Goal("a start", 3.0, at_most=2.0, obstacle="imports")]
    )
    before = write_report([Measurement("Calls", "How.", FIGURES, [few, slow]), start], circumstances, {})
    later = Circumstances(datetime(2026, 11, 23, tzinfo=UTC), MACHINE, FULL, [0.0])
    faster = Measurement("Start", "How long.", [FIGURES[2]], [Goal("a start", 1.0, at_most=2.0)])
    after = renew_report(before, [faster], later, {})
    assert "| a start | at most 2 | 1.00 | reached |" in after
    assert "imports" not in after
    assert "Measured apart from the rest. Measured on 2026-11-23" in after
    untouched = before.partition("## Calls")[2].partition("## Start")[0]
    assert f"## Calls{untouched}" in after
    assert "| calls: at 8 | at least 2 | 1.00 | missed |" in after
    assert "- calls: at 8: one core.\n- calls: at 1: it waits.\n" in after
    assert renew_report(after, [faster], later, {}) == after


def test_samples_taken_in_turns_become_a_figure_each() -> None:
    samples = Samples()
    for value in (1.0, 3.0):
        samples.add("ours", "p50", "ms", value)
        samples.add("theirs", "p50", "ms", 2 * value)
    assert samples.figures() == [
        Figure("ours", "p50", "ms", (1.0, 3.0)),
        Figure("theirs", "p50", "ms", (2.0, 6.0)),
    ]


def test_a_ratio_needs_both_figures() -> None:
    measured = Measurement("Calls", "", FIGURES)
    assert measured.ratio("ours", "theirs", "calls") == 10.0
    assert measured.ratio("ours", "theirs", "p50") is None


@pytest.mark.parametrize(
    ("value", "text"), [(12345.6, "12,346"), (12.34, "12.3"), (1.234, "1.23"), (0.1234, "0.123"), (0.0, "0")]
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert format_number(value) == text
