"""The tables of docs/fidelity.md follow rules, cases and tests."""

from __future__ import annotations

import pytest

from conformance.case import Case, Request
from conformance.fidelity import read_part, render, replace_part
from conformance.marked_test import MarkedTest
from conformance.responses import unauthorized
from conformance.rule import Confidence, Rule

EMPTY = "\n".join(
    f"<!-- begin {name}: how -->\n<!-- end {name} -->"
    for name in ("rules", "counts", "sources", "differences")
)
RULE = Rule(
    id="a.b",
    section="gateway",
    rule="It is refused.",
    confidence=Confidence.RECORDED,
    sources={"page": "https://example.com/page"},
    reading=None,
)
CASE = Case(id="a.case", rule="a.b", request=Request(target="/"), response=unauthorized())


def marked(*rules: str, difference: str | None = None) -> MarkedTest:
    marks = frozenset({"differs"} if difference else {"rule"})
    return MarkedTest("tests/test_x.py", "test_it_is_so", "it is so", rules, marks, difference)


def row(rule: Rule, cases: list[Case], tests: list[MarkedTest]) -> list[str]:
    rules = read_part(render(EMPTY, [rule], cases, tests), "rules")
    (line,) = (line for line in rules.splitlines() if rule.id in line)
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_a_row_says_what_its_cases_are_answered() -> None:
    cells = row(RULE, [CASE], [marked("a.b")])
    assert cells == [
        "`a.b`",
        "It is refused.",
        "recorded: [page]",
        '401 x-amzn-ErrorType: `UnauthorizedException`, `{"message":"Unauthorized"}`',
        "`a.case`, [test_it_is_so](../tests/test_x.py)",
    ]


def test_a_row_without_cases_says_what_its_tests_do() -> None:
    assert row(RULE, [], [marked("a.b"), marked("other")])[3:] == [
        "it is so",
        "[test_it_is_so](../tests/test_x.py)",
    ]


def test_a_test_that_is_expected_to_fail_stands_in_no_row() -> None:
    assert row(RULE, [], [marked("a.b", difference="not here")])[3:] == ["", ""]


def test_an_unverified_row_says_what_was_chosen() -> None:
    rule = Rule(
        id="a.b",
        section="gateway",
        rule="It is not known.",
        confidence=Confidence.UNVERIFIED,
        sources={"page": "https://example.com/page"},
        reading="It is refused.",
    )
    assert row(rule, [CASE], [])[1:3] == [
        "It is not known. **Chosen:** It is refused.",
        "**unverified**: [page]",
    ]


def test_sources_lead_to_their_addresses() -> None:
    assert read_part(render(EMPTY, [RULE], [], []), "sources") == "[page]: https://example.com/page"


def test_each_difference_of_ministack_has_a_row() -> None:
    tests = [marked(difference="it is not so"), marked("a.b")]
    differences = read_part(render(EMPTY, [], [], tests), "differences")
    assert differences.splitlines()[2:] == [
        "| it is so | it is not so | [test_it_is_so](../tests/test_x.py) |"
    ]


def test_what_is_written_twice_stays_the_same() -> None:
    once = render(EMPTY, [RULE], [CASE], [])
    assert render(once, [RULE], [CASE], []) == once


def test_a_part_that_is_not_there_is_missed() -> None:
    with pytest.raises(ValueError, match="there is no part rules"):
        replace_part("no markers", "rules", "x")
