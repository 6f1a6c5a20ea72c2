"""docs/explain.md says of explanations what they are."""

from __future__ import annotations

import json
import re

from local_stage.explanation.explanation import (
    Explanation,
    Outcome,
    Response,
    Route,
    Step,
    StepName,
    Verdict,
)
from local_stage.explanation.known_responses import explain_response
from tests.shell_blocks import read_blocks
from tests.stage_process import PACKAGE

DOCUMENT = PACKAGE / "docs" / "explain.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_decisions_stand_there_in_their_order() -> None:
    section = TEXT.partition("## The decisions")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [*StepName]


def test_the_json_shown_has_the_members_of_a_real_one() -> None:
    (shown,) = (json.loads(block.text) for block in read_blocks(DOCUMENT) if block.language == "json")
    step = Step(StepName.KIND, Outcome.FAILED, "")
    real = Explanation(Route("GET", "/", ""), Verdict.REFUSED, (step,), Response("function", 403)).to_json()
    assert shape(shown) == shape(real)


def test_every_verdict_and_outcome_is_named() -> None:
    section = TEXT.partition("## For programs")[2]
    assert [name for name in (*Verdict, *Outcome) if f"`{name}`" not in section] == []


def test_the_members_of_an_explained_answer_are_named() -> None:
    known = explain_response("Unauthorized")
    assert known is not None
    last = TEXT.rstrip().rpartition("With `--answer`")[2]
    assert re.findall(r"`(\w+)`", last) == [*known.to_json()]


def shape(value: object) -> object:
    """Return the names of an object's members, and those of its first list elements."""
    match value:
        case dict():
            return {name: shape(member) for name, member in value.items() if name != "notes"}
        case [first, *_]:
            return [shape(first)]
        case _:
            return None
