"""What a run comes to: who is right in how many cases, and what AWS said where nobody knew."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from conformance.case import Case, Request
from conformance.outcome import MEASURES, Outcome, TargetOutcomes, count, summarize
from conformance.recording import write_recording
from conformance.responses import unauthorized
from conformance.rule import Confidence, Rule
from conformance.verdict import Verdict
from conformance.wire import Received

RIGHT = Verdict()
WRONG_HEADERS = Verdict(headers=("no Date",))
WRONG_STATUS = Verdict(status=("status 200 instead of 401",), body=("body",))
RECEIVED = Received(401, (("Date", "now"),), b"{}")


def outcome(case_id: str, verdict: Verdict | None, rule: str = "a.b") -> Outcome:
    headers = (("Authorization", "Bearer {id_token}"),)
    case = Case(id=case_id, rule=rule, request=Request(target="/x", headers=headers), response=unauthorized())
    return Outcome(case, verdict, None if verdict is None else RECEIVED)


def rule(rule_id: str, confidence: Confidence) -> Rule:
    return Rule(id=rule_id, section="gateway", rule="", confidence=confidence, sources={}, reading="so")


def test_an_answer_is_measured_with_and_without_its_headers_and_body() -> None:
    outcomes = [outcome(f"a.{number}", verdict) for number, verdict in enumerate((RIGHT, WRONG_HEADERS))]
    outcomes += [outcome("a.2", WRONG_STATUS), outcome("a.3", None)]
    assert [count(outcomes, measure) for measure in MEASURES.values()] == [1, 2, 2]


def test_the_summary_has_a_row_for_each_group_and_one_for_all() -> None:
    ours = TargetOutcomes("local stage", "1", [outcome("a.1", RIGHT), outcome("b.1", RIGHT)])
    theirs = TargetOutcomes("MiniStack", "2", [outcome("a.1", WRONG_HEADERS), outcome("b.1", WRONG_STATUS)])
    lines = summarize([ours, theirs], date(2026, 11, 22)).splitlines()
    assert lines[2:] == [
        "| `a` | 1 | 1 | 1 | 1 | 0 | 1 | 1 |",
        "| `b` | 1 | 1 | 1 | 1 | 0 | 0 | 0 |",
        "| together | 2 | 2 | 2 | 2 | 0 | 1 | 1 |",
        "",
        "Run on 2026-11-22: local stage 1, MiniStack 2.",
    ]


def test_aws_answers_to_unverified_rules_are_recorded_and_no_token_with_them(tmp_path: Path) -> None:
    rules = {"a.b": rule("a.b", Confidence.UNVERIFIED), "c.d": rule("c.d", Confidence.RECORDED)}
    outcomes = [outcome("a.1", WRONG_STATUS), outcome("c.1", RIGHT, "c.d"), outcome("a.2", None)]
    file = tmp_path / "recorded.json"
    assert write_recording(file, TargetOutcomes("AWS", "ap-northeast-1", outcomes), rules) == 1
    (recorded,) = json.loads(file.read_text())["responses"].values()
    assert recorded["request"]["headers"] == [["Authorization", "Bearer {id_token}"]]
    assert recorded["response"] == {"status": 401, "headers": [["Date", "now"]], "body": "{}"}
    assert recorded["reading_is_right"] is False
