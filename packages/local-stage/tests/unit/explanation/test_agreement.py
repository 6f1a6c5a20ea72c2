"""An explanation and the stage never disagree: whatever is sent, the answer told is the one given."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_stage.api_gateway.http_message import HEADER_LIMIT
from local_stage.explanation.explanation import Explanation, Outcome, Verdict
from tests.forged_claims import FORGERIES, SCOPES
from tests.forged_decisions import DECISIONS, TURNED_AWAY
from tests.forged_tokens import Forger
from tests.manual_clock import ManualClock
from tests.tokens import TokenSigner
from tests.unit.explanation.explained_api import (
    GET_HELLO,
    GET_MACHINE,
    SCOPE,
    ExplainedStage,
    assert_in_order,
    describe,
)

type Kind = Literal["id", "access"]

CLOCK = ManualClock()
SIGNER = TokenSigner(clock=CLOCK)
STAGE = ExplainedStage(SIGNER, clock=CLOCK)
ROUTES: dict[Kind, str] = {"id": GET_HELLO, "access": GET_MACHINE}
GOOD: dict[Kind, str] = {kind: Forger(SIGNER, kind, SCOPE).good() for kind in ROUTES}
KINDS = st.sampled_from(list(ROUTES))


def explain_as_answered(route: str, *sent: str) -> Explanation:
    """Return the explanation of a request, which agrees with what the stage answers to it."""
    explanation = STAGE.explain(route, *sent)
    answered = STAGE.answer(route, *sent)
    assert_in_order(explanation)
    if is_turned_away(sent):
        assert explanation.response is not None
        assert (explanation.verdict, explanation.response.status in {400, 431}) == (Verdict.REFUSED, True)
    elif answered.error is None:
        assert (explanation.verdict, explanation.failed_step) == (Verdict.PASSES, None)
        assert explanation.response is None
    else:
        assert explanation.verdict is Verdict.REFUSED
        assert explanation.failed_step is not None
        assert explanation.response == describe(answered)
        assert explanation.remedy
    assert all(text.isprintable() for text in (*texts(explanation),))
    return explanation


def is_turned_away(sent: tuple[str, ...]) -> bool:
    """Say whether a server refuses these headers without a look at the route."""
    size = sum(len(value.encode()) for value in (*sent, "localhost"))
    return size > HEADER_LIMIT or any(is_control(letter) for value in sent for letter in value)


def is_control(letter: str) -> bool:
    """Say whether no header's value may hold it (RFC 9110, section 5.5)."""
    return (letter < " " and letter != "\t") or letter == "\x7f"


def texts(explanation: Explanation) -> list[str]:
    return [explanation.remedy or "", *explanation.notes, *(step.detail for step in explanation.steps)]


@pytest.mark.parametrize("kind", ROUTES)
def test_the_token_that_all_forgeries_start_from_passes(kind: Kind) -> None:
    """Otherwise their refusal would show nothing."""
    explanation = explain_as_answered(ROUTES[kind], GOOD[kind])
    assert {step.outcome for step in explanation.steps} == {Outcome.PASSED}


def test_every_forgery_has_its_decision() -> None:
    assert DECISIONS.keys() == FORGERIES.keys()


@pytest.mark.parametrize("prefix", ["", "Bearer "], ids=["raw", "Bearer"])
@pytest.mark.parametrize("kind", ROUTES)
def test_a_forgery_is_explained_as_it_is_refused(kind: Kind, prefix: str, subtests: pytest.Subtests) -> None:
    for name, forge in FORGERIES.items():
        with subtests.test(name):
            explanation = explain_as_answered(ROUTES[kind], prefix + forge(Forger(SIGNER, kind, SCOPE)))
            assert explanation.verdict is Verdict.REFUSED
            assert explanation.response is not None
            assert explanation.response.status == TURNED_AWAY.get(name, 401)
            assert explanation.failed_step is not None
            assert explanation.failed_step.name in DECISIONS[name]


@pytest.mark.parametrize("name", SCOPES)
def test_a_trick_with_scopes_is_explained_as_it_is_refused(name: str) -> None:
    explanation = explain_as_answered(GET_MACHINE, SCOPES[name](Forger(SIGNER, "access", SCOPE)))
    assert explanation.verdict is Verdict.REFUSED


@settings(deadline=None)
@given(KINDS, st.data())
def test_a_token_with_text_put_in_or_taken_out_is_explained_as_it_is_answered(
    kind: Kind, data: st.DataObject
) -> None:
    good = GOOD[kind]
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 9, len(good))))
    explain_as_answered(ROUTES[kind], good[:start] + data.draw(st.text(max_size=9)) + good[end:])


@settings(deadline=None)
@given(KINDS, st.lists(st.text() | st.sampled_from([*GOOD.values(), "Bearer", "$TOKEN", ""]), max_size=3))
def test_any_headers_are_explained_as_they_are_answered(kind: Kind, sent: list[str]) -> None:
    explain_as_answered(ROUTES[kind], *sent)


@settings(deadline=None)
@given(
    st.sampled_from(["GET", "PUT", "HEAD", "OPTIONS", "get"]), st.text(alphabet="/devhlo{}x1%", max_size=20)
)
def test_any_path_is_explained_as_it_is_answered(method: str, path: str) -> None:
    explain_as_answered(f"{method} /{path}", GOOD["id"])


@settings(deadline=None)
@given(KINDS, st.integers(-7200, 7200))
def test_at_any_time_a_token_is_explained_as_it_is_answered(kind: Kind, seconds: int) -> None:
    CLOCK.advance(seconds)
    try:
        explain_as_answered(ROUTES[kind], GOOD[kind])
    finally:
        CLOCK.advance(-seconds)


@pytest.mark.parametrize("kind", ROUTES)
def test_without_its_pool_no_forgery_passes(kind: Kind, subtests: pytest.Subtests) -> None:
    for name, forge in FORGERIES.items():
        with subtests.test(name):
            explanation = STAGE.explain_without_pool(ROUTES[kind], forge(Forger(SIGNER, kind, SCOPE)))
            assert_in_order(explanation)
            assert explanation.verdict in {Verdict.REFUSED, Verdict.UNKNOWN}
