"""docs/fidelity.md says what rules, cases and tests say, and no rule goes without a test."""

from __future__ import annotations

from collections import Counter
from functools import cache
from urllib.parse import urlsplit

from conformance.cases import CASES
from conformance.fidelity import DOCUMENT, TESTS, read_part, render
from conformance.marked_test import MarkedTest, find_tests
from conformance.rule import Confidence, read_rules, read_sources

RULES = read_rules()
IDS = {rule.id for rule in RULES}


@cache
def find_marked() -> list[MarkedTest]:
    return find_tests(TESTS)


def test_no_rule_and_no_case_stands_there_twice() -> None:
    names = Counter([*(rule.id for rule in RULES), *(f"case {case.id}" for case in CASES)])
    assert [name for name, number in names.items() if number > 1] == []


def test_every_rule_has_a_test() -> None:
    marked = {rule for test in find_marked() if test.is_run for rule in test.rules}
    shown = {case.rule for case in CASES} | marked
    assert sorted(IDS - shown) == []


def test_every_test_and_every_case_names_a_rule_that_exists() -> None:
    named = {rule for test in find_marked() for rule in test.rules} | {case.rule for case in CASES}
    assert sorted(named - IDS) == []


def test_a_rule_says_how_it_is_read_just_where_it_is_unverified() -> None:
    odd = [rule.id for rule in RULES if (rule.confidence == Confidence.UNVERIFIED) != bool(rule.reading)]
    assert odd == []


def test_every_rule_has_a_source() -> None:
    assert [rule.id for rule in RULES if not rule.sources] == []


def test_every_source_is_a_public_address_that_a_rule_refers_to() -> None:
    sources = read_sources()
    assert set(sources) == {name for rule in RULES for name in rule.sources}
    assert {urlsplit(address).scheme for address in sources.values()} == {"https"}


def test_the_tables_are_those_of_rules_cases_and_tests() -> None:
    """`make fidelity` brings them up to date."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == render(text, RULES, CASES, find_marked())


def test_the_summary_is_of_the_cases_that_there_are() -> None:
    """`make conformance ARGS=--write` brings it up to date."""
    summary = read_part(DOCUMENT.read_text(encoding="utf-8"), "conformance")
    rows = [[cell.strip(" `") for cell in line.split("|")[1:3]] for line in summary.splitlines()[2:]]
    numbers = {row[0]: int(row[1]) for row in rows if len(row) > 1}
    groups = Counter(case.id.partition(".")[0] for case in CASES)
    assert numbers == {**groups, "together": len(CASES)}


def test_the_summary_has_the_local_stage_right_in_every_case() -> None:
    summary = read_part(DOCUMENT.read_text(encoding="utf-8"), "conformance")
    (together,) = (line for line in summary.splitlines() if line.startswith("| together"))
    assert together.split("|")[2:6] == [f" {len(CASES)} "] * 4
