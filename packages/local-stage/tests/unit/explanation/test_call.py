"""A call is understood as a person names it, and blamed on the paste where the paste was the fault."""

from __future__ import annotations

import asyncio

import pytest

from local_stage.api_gateway.http_message import HEADER_LIMIT
from local_stage.errors import StartError
from local_stage.explanation.explain import explain_call
from local_stage.explanation.explained_api import ExplainedApi
from local_stage.explanation.explanation import Explanation, Outcome, StepName, Verdict
from local_stage.explanation.pasted import read_pasted
from local_stage.explanation.route import find_call
from tests.manual_clock import ManualClock
from tests.tokens import TokenSigner
from tests.unit.explanation.explained_api import ExplainedStage, outcomes

CLOCK = ManualClock()
SIGNER = TokenSigner(clock=CLOCK)
TOKEN_ALONE = "the token alone, or behind one Bearer and a blank"
STAGE = ExplainedStage(SIGNER, clock=CLOCK)


def explain(route: str, text: str | None) -> Explanation:
    pasted = None if text is None else read_pasted(text)
    return asyncio.run(explain_call(STAGE.api, route, pasted, now=CLOCK()))


@pytest.mark.parametrize(
    ("route", "call"),
    [
        ("GET /hello", ("GET", "/dev/hello")),
        ("get /hello", ("GET", "/dev/hello")),
        ("/hello", ("GET", "/dev/hello")),
        ("POST /dev/hello", ("POST", "/dev/hello")),
        ("PUT /dev/hello", ("PUT", "/dev/hello")),
        ("GET /hello?a=b", ("GET", "/dev/hello")),
        ("/dev/hello?a=/b", ("GET", "/dev/hello")),
        ("GET http://127.0.0.1:3000/dev/hello?a=b", ("GET", "/dev/hello")),
        ("http://127.0.0.1:3000/hello", ("GET", "/hello")),
        ("GET https://a.execute-api.ap-northeast-1.amazonaws.com", ("GET", "/")),
        ("GET /open/{id}", ("GET", "/dev/open/{id}")),
        ("GET /nothing", ("GET", "/dev/nothing")),
    ],
)
def test_a_route_is_found_with_or_without_stage_and_as_a_url(route: str, call: tuple[str, str]) -> None:
    assert find_call(STAGE.rest_api, route) == call


@pytest.mark.parametrize("route", ["", "hello", "GET", "GET hello", "GET POST /hello"])
def test_what_is_no_route_is_refused_with_the_routes_that_there_are(route: str) -> None:
    with pytest.raises(
        StartError, match=r"is no route; write 'GET /hello'. The API has GET /admin, GET /hello, POST"
    ):
        find_call(STAGE.rest_api, route)


@pytest.mark.parametrize("route", ["GET /hello?a={b}", "http://127.0.0.1:3000/dev/hello?a={b}#c"])
def test_a_query_that_api_gateway_does_not_read_is_told(route: str) -> None:
    explanation = explain(route, SIGNER.id_token())
    assert (explanation.verdict, explanation.response and explanation.response.status) == (
        Verdict.REFUSED,
        400,
    )
    assert explanation.failed_step is not None
    assert explanation.failed_step.detail == "the query has '{', which API Gateway does not read"
    assert explanation.remedy == "Encode it as %7B, as encodeURIComponent does."


def test_a_good_token_passes_without_a_word_on_the_paste() -> None:
    explanation = explain("GET /hello", f" Authorization: Bearer {SIGNER.id_token()}\n")
    assert explanation.verdict is Verdict.PASSES
    assert not any("pasted" in note for note in explanation.notes)


@pytest.mark.parametrize(
    ("around", "fault"),
    [
        ('"{}"', "quotes around it"),
        ("Bearer '{}'", "quotes around it"),
        ("Bearer Bearer {}", "Bearer more than once"),
        ('"Bearer Bearer {}"', "quotes around it and Bearer more than once"),
    ],
)
def test_a_good_token_in_a_bad_paste_is_refused_as_it_stands_and_passes_once_mended(
    around: str, fault: str
) -> None:
    explanation = explain("GET /hello", around.format(SIGNER.id_token()))
    assert explanation.verdict is Verdict.MENDED
    assert explanation.remedy == f"What was pasted has {fault}: send {TOKEN_ALONE}."


def test_a_blank_inside_a_good_token_is_told_with_the_answer_to_it() -> None:
    token = SIGNER.id_token()
    explanation = explain("GET /hello", f"{token[:90]} {token[90:]}")
    assert explanation.verdict is Verdict.MENDED
    assert outcomes(explanation)[StepName.HEADER] is Outcome.FAILED
    assert explanation.response is not None
    assert explanation.response.status == 401
    assert explanation.remedy == f"What was pasted has line ends or blanks inside it: send {TOKEN_ALONE}."


def test_where_the_pool_is_not_known_a_bad_paste_is_refused_all_the_same() -> None:
    pasted = read_pasted(f'"{SIGNER.id_token()}"')
    api = ExplainedApi(STAGE.rest_api, None)
    explanation = asyncio.run(explain_call(api, "GET /hello", pasted, now=CLOCK()))
    assert explanation.verdict is Verdict.REFUSED
    assert explanation.remedy == f"What was pasted has quotes around it: send {TOKEN_ALONE}."
    assert "were not checked" in explanation.notes[-1]


def test_a_bad_token_in_a_bad_paste_is_refused_for_itself() -> None:
    explanation = explain("GET /hello", f'"{SIGNER.access_token()}"')
    assert outcomes(explanation)[StepName.KIND] is Outcome.FAILED


def test_the_host_that_every_client_sends_counts_among_the_headers() -> None:
    room = HEADER_LIMIT - len("127.0.0.1")
    answers = [explain("GET /hello", "x" * size).response for size in (room, room + 1)]
    assert [answer and answer.status for answer in answers] == [401, 431]


def test_another_header_than_the_authorizers_is_no_token_at_all() -> None:
    step = explain("GET /hello", f"X-Token: {SIGNER.id_token()}").failed_step
    assert step is not None
    assert step.detail == "no Authorization header"


def test_without_a_token_the_header_is_missing() -> None:
    assert outcomes(explain("GET /hello", None))[StepName.HEADER] is Outcome.FAILED
