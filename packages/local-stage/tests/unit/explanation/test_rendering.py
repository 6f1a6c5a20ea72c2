"""Explanations are printed with ticks and crosses, in colour only where somebody looks at it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import override

from local_stage.explanation.explanation import Explanation, Outcome, Route, Step, StepName, Verdict
from local_stage.explanation.known_responses import explain_response
from local_stage.explanation.rendering import (
    TITLES,
    make_console,
    render,
    render_known_response,
    render_route,
)
from tests.manual_clock import ManualClock
from tests.tokens import TokenSigner
from tests.unit.explanation.explained_api import GET_HELLO, GET_MACHINE, ExplainedStage

CLOCK = ManualClock()
SIGNER = TokenSigner(clock=CLOCK)
STAGE = ExplainedStage(SIGNER, clock=CLOCK)


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    @override
    def isatty(self) -> bool:
        return True


def printed(
    explanation: Explanation,
    stream: io.StringIO | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    stream = stream or io.StringIO()
    render(explanation, make_console(stream, environment or {}))
    return stream.getvalue()


def test_ticks_stand_before_the_cross_and_the_rest_was_not_reached() -> None:
    lines = printed(STAGE.explain(GET_HELLO, SIGNER.access_token())).splitlines()
    marks = [line[2] for line in lines if line.startswith("  ")]
    assert marks == ["\u2713"] * 8 + ["\u2717"] + ["\u00b7"] * 4
    assert lines[0].startswith("GET /hello wants an ID token of the user pool ")
    assert "  \u2717  kind of token  an access token; the route has no scopes" in "\n".join(lines)


def test_answer_and_remedy_follow() -> None:
    text = printed(STAGE.explain(GET_MACHINE, SIGNER.id_token()))
    answer = 'It is refused. API Gateway answers 401 (UnauthorizedException): {"message":"Unauthorized"}.'
    assert f"\n\n{answer}\nSend an access token with the scope hello/read" in text


def test_a_good_token_is_told_in_one_word() -> None:
    assert "\n\nIt passes.\nWhat the function itself asks for, " in printed(
        STAGE.explain(GET_HELLO, SIGNER.id_token())
    )


def test_a_good_token_in_a_bad_paste_is_told_with_both_verdicts() -> None:
    refused = replace(STAGE.explain(GET_HELLO, '"x"'), verdict=Verdict.MENDED)
    assert "\n\nIt is refused as it was pasted, and passes once mended. API Gateway answers 401 (" in printed(
        refused
    )


def test_what_was_not_checked_has_a_mark_of_its_own() -> None:
    text = printed(STAGE.explain_without_pool(GET_HELLO, SIGNER.id_token()))
    assert "  ?  signature  " in text
    assert "\nNothing speaks against it, but not all of it could be checked.\n" in text


def test_decisions_that_nothing_can_be_said_of_share_a_line() -> None:
    assert "  \u00b7  not reached: form, algorithm, " in printed(STAGE.explain(GET_HELLO))


def test_no_line_ends_with_blanks() -> None:
    lines = printed(STAGE.explain(GET_HELLO, SIGNER.access_token())).splitlines()
    assert [line for line in lines if line != line.rstrip()] == []


def test_there_are_colours_on_a_terminal_and_nowhere_else() -> None:
    explanation = STAGE.explain(GET_HELLO)
    assert "\x1b[32m" in printed(explanation, Terminal())
    assert "\x1b" not in printed(explanation)
    assert "\x1b" not in printed(explanation, Terminal(), {"NO_COLOR": "1"})
    assert "\x1b" not in printed(explanation, Terminal(), {"TERM": "dumb"})


def test_what_a_token_says_cannot_move_the_cursor() -> None:
    step = Step(StepName.SUBJECT, Outcome.PASSED, "the user '\x1b[2J\n'")
    text = printed(Explanation(Route("GET", "/\x1b[2J", "no token"), Verdict.PASSES, (step,)))
    assert "\x1b" not in text
    assert "\\x1b[2J\\n" in text


def test_a_terminal_without_the_marks_gets_words() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    render(STAGE.explain(GET_HELLO), make_console(stream, {}))
    stream.seek(0)
    text = stream.read()
    assert "  yes  route   " in text
    assert "  NO   header  no Authorization header" in text


def test_a_route_is_told_in_a_line() -> None:
    stream = io.StringIO()
    render_route(STAGE.explain(GET_HELLO), make_console(stream, {}))
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().startswith("GET /hello wants an ID token of")


def test_a_route_that_there_is_not_is_told_with_the_remedy() -> None:
    stream = io.StringIO()
    render_route(STAGE.explain("PUT /dev/hello"), make_console(stream, {}))
    assert stream.getvalue() == (
        "PUT /hello wants no token: there is no such route\n"
        "'/hello' has GET, POST, and no PUT\nCall it with GET or POST.\n"
    )


def test_an_answer_is_told_in_four_lines() -> None:
    known = explain_response('{"message":"Missing Authentication Token"}')
    assert known is not None
    stream = io.StringIO()
    render_known_response(known, make_console(stream, {}))
    assert stream.getvalue().splitlines() == [
        known.title,
        known.meaning,
        known.remedy,
        known.source,
    ]


def test_every_decision_has_a_title() -> None:
    assert [*TITLES] == [*StepName]
