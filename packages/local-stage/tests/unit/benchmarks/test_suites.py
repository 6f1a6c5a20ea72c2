"""What is judged of the time that the tests take."""

from __future__ import annotations

from benchmarks.against.revision import THIS_COMMIT
from benchmarks.figure import Figure
from benchmarks.suites import DAILY, EVERYTHING, judge

EARLIER = "commit abc"


def test_the_daily_tests_are_a_share_of_the_earlier_ones_and_all_of_them_have_a_quarter_of_an_hour() -> None:
    figures = [
        Figure(EARLIER, DAILY, "s", (900.0,)),
        Figure(THIS_COMMIT.name, DAILY, "s", (270.0,)),
        Figure(THIS_COMMIT.name, EVERYTHING, "s", (901.0,)),
    ]
    daily, everything = judge(figures, EARLIER)
    assert (daily.value, daily.verdict) == (0.3, "reached")
    assert (everything.value, everything.verdict) == (901.0, "missed")


def test_what_was_not_run_is_not_judged() -> None:
    assert [goal.verdict for goal in judge([], EARLIER)] == ["not measured", "not measured"]
