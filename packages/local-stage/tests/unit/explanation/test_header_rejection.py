"""What the stage turns away before it looks for a route is told so, whatever token it is."""

from __future__ import annotations

import pytest

from local_stage.api_gateway.http_message import HEADER_LIMIT
from local_stage.explanation.explanation import Outcome, Response, StepName, Verdict
from tests.manual_clock import ManualClock
from tests.tokens import TokenSigner
from tests.unit.explanation.explained_api import GET_HELLO, ExplainedStage, assert_in_order, outcomes

CLOCK = ManualClock()
SIGNER = TokenSigner(clock=CLOCK)
STAGE = ExplainedStage(SIGNER, clock=CLOCK)
TOO_LARGE = Response("API Gateway", 431, None, "HTTP header is larger than 10240 bytes.")
GROUPS = "cognito:groups"


def token_of_groups(number: int) -> str:
    return SIGNER.id_token(**{GROUPS: [f"group-{index:04d}" for index in range(number)]})


def test_a_token_of_too_many_groups_is_told_as_too_large() -> None:
    token = token_of_groups(700)
    explanation = STAGE.explain(GET_HELLO, token)
    assert_in_order(explanation)
    assert (explanation.verdict, explanation.response) == (Verdict.REFUSED, TOO_LARGE)
    assert outcomes(explanation)[StepName.ROUTE] is Outcome.PASSED
    assert explanation.failed_step is not None
    assert explanation.failed_step.name is StepName.HEADER
    size = len(token) + len("localhost")
    assert explanation.failed_step.detail == f"{size} bytes in all headers' values together, of at most 10240"
    assert explanation.remedy is not None
    assert explanation.remedy.startswith("Put less into the token: fewer groups")


def test_what_is_too_large_is_counted_in_bytes() -> None:
    assert STAGE.explain(GET_HELLO, "\u0435" * 5116).response == TOO_LARGE
    assert STAGE.explain(GET_HELLO, "\u0435" * 5115).response != TOO_LARGE


@pytest.mark.parametrize("route", ["GET /dev/nothing", "GET /dev/open/7", "OPTIONS /dev/hello"])
def test_a_header_that_is_too_large_is_refused_whatever_the_route(route: str) -> None:
    explanation = STAGE.explain(route, "x" * HEADER_LIMIT)
    assert_in_order(explanation)
    assert (explanation.verdict, explanation.response) == (Verdict.REFUSED, TOO_LARGE)


def test_a_tab_may_stand_in_a_header() -> None:
    explanation = STAGE.explain(GET_HELLO, f"{SIGNER.id_token()}\tx")
    assert explanation.response is not None
    assert explanation.response.status == 401


@pytest.mark.parametrize("inside", ["\r", "\n", "\0", "\x01", "\x1b", "\x7f"])
def test_what_no_header_can_hold_is_told(inside: str) -> None:
    explanation = STAGE.explain(GET_HELLO, f"{SIGNER.id_token()}{inside}x")
    assert_in_order(explanation)
    assert explanation.response == Response("API Gateway", 400, None, "Bad Request")
    assert explanation.failed_step is not None
    assert (explanation.failed_step.name, explanation.failed_step.detail) == (
        StepName.HEADER,
        "a line end or another control character inside, which no header can hold",
    )


def test_without_the_pool_a_token_that_is_too_large_is_refused_as_well() -> None:
    explanation = STAGE.explain_without_pool(GET_HELLO, token_of_groups(700))
    assert (explanation.verdict, explanation.response) == (Verdict.REFUSED, TOO_LARGE)


def test_a_token_that_leaves_other_headers_little_room_passes_with_a_note() -> None:
    token = token_of_groups(500)
    size = len(token) + len("localhost")
    assert HEADER_LIMIT - 1024 < size < HEADER_LIMIT
    explanation = STAGE.explain(GET_HELLO, token)
    assert explanation.verdict is Verdict.PASSES
    assert explanation.notes[-1] == (
        f"Beyond 10240 bytes in all headers' values together it is 431; these have {size} already,"
        " and a client sends others."
    )
