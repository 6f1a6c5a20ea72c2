"""A fact is right where the local stage has the recorded value, or one of its placeholder's kind."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.fidelity import DOCUMENT, read_part
from conformance.replay.facts import ABSENT, Fact, Matcher, flatten
from conformance.replay.recording import Entry, Known, read_entries, read_known

ID = "00010203-0405-4607-8809-0a0b0c0d0e0f"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("a", "a"),
        (None, None),
        (200, 200),
        ([], []),
        (["a", "{uuid}"], ["a", ID]),
        ("{uuid}", ID),
        ("id {uuid}.", f"id {ID}."),
        ("{epoch}", 1_718_636_426_250),
        ("{text}", ["one"]),
        ("{frames}", ["a", "b"]),
        ("{not-a-kind}", "{not-a-kind}"),
    ],
)
def test_a_fact_is_right(wanted: Any, found: Any) -> None:
    assert Matcher().fits(Fact("place", wanted, found))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("a", "b"),
        ("a", ABSENT),
        (None, ABSENT),
        (1, True),
        (200, "200"),
        (["a"], ["a", "b"]),
        ("{uuid}", "x"),
        ("{frames}", "text"),
        ("a.c", "abc"),
    ],
)
def test_a_fact_is_wrong(wanted: Any, found: Any) -> None:
    assert not Matcher().fits(Fact("place", wanted, found))


def test_a_placeholder_stands_for_one_value_in_an_entry() -> None:
    matcher = Matcher()
    assert matcher.fits(Fact("header", "{uuid}", ID))
    assert matcher.fits(Fact("event", "{uuid}", ID))
    assert not matcher.fits(Fact("log", "{uuid}", ID.replace("0", "1")))


def test_every_value_of_what_was_recorded_is_a_fact() -> None:
    recorded = {"status": 200, "event": {"headers": {"A": ["a"]}, "body": None, "query": {}}}
    assert dict(flatten(recorded)) == {
        "status": 200,
        "event/headers/A": ["a"],
        "event/body": None,
        "event/query": {},
    }


def test_no_two_entries_of_a_recording_have_one_key() -> None:
    keys = [(entry.name, entry.key) for entry in read_entries()]
    assert len(keys) == len(set(keys))
    assert all(entry.date for entry in read_entries())


def test_every_reason_is_of_a_recorded_fact() -> None:
    places = [(entry, place) for entry in read_entries() for place, _ in flatten(entry.recorded)]

    def is_of(row: Known, entry: Entry, place: str) -> bool:
        return row.covers(entry, place)

    assert [row for row in read_known() if not any(is_of(row, *place) for place in places)] == []


def test_the_document_counts_the_facts_that_there_are() -> None:
    """`make conformance ARGS=--write` brings it up to date."""
    summary = read_part(DOCUMENT.read_text(encoding="utf-8"), "replay")
    (together,) = (line for line in summary.splitlines() if line.startswith("| together"))
    facts = [fact for entry in read_entries() for fact in flatten(entry.recorded)]
    absent = sum(len(value) - 1 for place, value in facts if place == "absent")
    assert int(together.split("|")[3]) == len(facts) + absent
    assert "**not known**" not in summary
