"""What is judged of an earlier commit and this one."""

from __future__ import annotations

from benchmarks.against.comparison import judge
from benchmarks.against.revision import THIS_COMMIT
from benchmarks.figure import Measurement, Samples


def test_this_commits_figures_are_judged_as_shares_of_the_earlier_ones() -> None:
    samples = Samples()
    for name, calls, cpu in (("commit abc", 500.0, 1.0), (THIS_COMMIT.name, 1000.0, 0.5)):
        samples.add(name, "authorized call, at 8 connections", "/s", calls)
        samples.add(name, "gateway's CPU, authorized call", "ms", cpu)
    goals = judge(Measurement("", "", samples.figures()), "commit abc")
    by_text = {goal.text: (goal.value, goal.verdict) for goal in goals}
    assert by_text["authorized call, at 8 connections, as a multiple of commit abc's"] == (2.0, "reached")
    assert by_text["gateway's CPU, authorized call, as a share of commit abc's"] == (0.5, "missed")
    assert by_text["`explain`, as a share of commit abc's"] == (None, "not measured")
