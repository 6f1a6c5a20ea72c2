"""A stage under anything at all: nobody is let in who may not be, nothing fails, and no log line breaks."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.api import find_target_fault
from local_stage.api_gateway.authorizers.cognito import render_claims
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.jwt.checks import LAST_SECOND
from tests.forged_tokens import SCOPE
from tests.fuzz.bounds import examples
from tests.fuzz.guarded_stage import FILES, GOOD_ANSWER, HELLO, ITEM, MACHINE, OPEN, GuardedStage
from tests.fuzz.strategies import CLAIMS, FUNCTION_ANSWERS, HEADERS, JSON, TARGETS, TEXTS, VERBS
from tests.tokens import ABSENT

HEADERS_ONLY = st.just(()) | HEADERS
ENTRANCES = {HELLO: "/dev/hello", ITEM: "/dev/items/a", FILES: "/dev/files/a/b", MACHINE: "/dev/machine"}


@pytest.fixture(scope="module")
def stage() -> Iterator[GuardedStage]:
    """One stage for all examples; each of its answers forgets what came before."""
    with contextlib.closing(GuardedStage()) as stage:
        yield stage


def assert_in_order(stage: GuardedStage, request: HttpRequest, response: HttpResponse) -> None:
    """Whatever was asked: an answer that can be sent, and one line in each log."""
    assert 200 <= response.status < 500
    for name, value in response.headers:
        assert name.isascii()
        assert (name + value).isprintable()
    if response.header("x-amzn-ErrorType") == "ForbiddenException":
        # Of no stage, which therefore has no access log.
        assert (stage.access_log, stage.called()) == ([], {})
        return
    if find_target_fault(request.path, request.query):
        assert (response.status, stage.access_log, stage.called()) == (400, [], {})
        return
    (line,) = stage.access_log
    assert line.endswith("\n")
    assert line[:-1].isprintable()
    assert json.loads(line.replace('"error":-', '"error":null'))["method"] == request.method
    assert stage.log.getvalue().count("\n") == 1
    assert stage.log.getvalue()[:-1].isprintable()
    assert stage.log.getvalue().isascii()


@examples(1000)
@given(verb=VERBS, target=TARGETS, query=TEXTS, headers=HEADERS_ONLY, body=st.binary(max_size=50))
def test_nobody_gets_in_without_a_token_whatever_else_is_sent(  # noqa: PLR0917 - hypothesis draws them by name
    stage: GuardedStage, verb: str, target: str, query: str, headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    request = HttpRequest(verb, target, query, headers, body)
    response = stage.answer(request)
    assert_in_order(stage, request, response)
    assert set(stage.called()) <= {OPEN}
    assert all("authorizer" not in event["requestContext"] for event in stage.called().get(OPEN, ()))


@examples(500)
@given(verb=VERBS, target=TARGETS, query=TEXTS, headers=HEADERS_ONLY)
def test_with_an_id_token_everything_but_the_method_with_a_scope_may_be_reached(
    stage: GuardedStage, verb: str, target: str, query: str, headers: tuple[tuple[str, str], ...]
) -> None:
    authorization = ("Authorization", stage.signer.id_token())
    request = HttpRequest(verb, target, query, (*headers, authorization))
    response = stage.answer(request)
    assert_in_order(stage, request, response)
    assert MACHINE not in stage.called()
    for path, (event,) in stage.called().items():
        assert event["resource"] == path


@examples(300)
@given(
    entrance=st.sampled_from(sorted(ENTRANCES)), headers=HEADERS, body=st.binary(max_size=200), query=TEXTS
)
def test_whatever_comes_with_a_good_token_the_function_gets_a_whole_event(
    stage: GuardedStage, entrance: str, headers: tuple[tuple[str, str], ...], body: bytes, query: str
) -> None:
    token = stage.signer.access_token(SCOPE) if entrance == MACHINE else stage.signer.id_token()
    harmless = tuple(header for header in headers if header[0].lower() not in {"authorization", "host"})
    request = HttpRequest("GET", ENTRANCES[entrance], query, (*harmless, ("Authorization", token)), body)
    response = stage.answer(request)
    if find_target_fault(request.path, request.query):
        assert_in_order(stage, request, response)
        return
    assert response.status == 200
    (event,) = stage.called()[entrance]
    assert set(event["requestContext"]["authorizer"]) == {"claims"}
    assert json.dumps(event).encode("utf-8")


@examples(500)
@given(entrance=st.sampled_from(sorted(ENTRANCES)), claims=CLAIMS)
def test_whatever_the_pool_signs_is_let_in_as_texts_or_refused(
    stage: GuardedStage, entrance: str, claims: dict[str, Any]
) -> None:
    good: Mapping[str, Any] = {"scope": SCOPE} if entrance == MACHINE else {"scope": ABSENT}
    sign = stage.signer.access_token if entrance == MACHINE else stage.signer.id_token
    request = HttpRequest(
        "GET", ENTRANCES[entrance], headers=(("Authorization", sign(**{**good, **claims})),)
    )
    response = stage.answer(request)
    assert_in_order(stage, request, response)
    assert response.status in {200, 401}
    for event in stage.called().get(entrance, ()):
        rendered = event["requestContext"]["authorizer"]["claims"]
        assert all(isinstance(value, str) for value in rendered.values())
        assert rendered["token_use"] == ("access" if entrance == MACHINE else "id")
        assert rendered["iss"] == stage.signer.issuer


@examples(500)
@given(answer=FUNCTION_ANSWERS)
def test_whatever_the_function_answers_the_client_gets_one_whole_answer(
    stage: GuardedStage, answer: bytes | dict[str, Any]
) -> None:
    """502 for what is no proxy response, and never a header that would split the answer."""
    stage.functions[OPEN].answer = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    try:
        response = stage.answer(HttpRequest("GET", "/dev/open/a"))
    finally:
        stage.functions[OPEN].answer = GOOD_ANSWER
    assert 200 <= response.status < 600
    assert isinstance(response.body, bytes)
    for name, value in response.headers:
        assert name.isascii()
        assert (name + value.replace("\t", " ")).isprintable()
    assert stage.log.getvalue().count("\n") == 1


@examples(300)
@given(claims=st.dictionaries(TEXTS, JSON | st.integers(0, LAST_SECOND + 1), max_size=5))
def test_any_claims_become_texts_in_the_same_order(claims: dict[str, Any]) -> None:
    rendered = render_claims(claims)
    assert list(rendered) == [name for name, value in claims.items() if value is not None]
    assert all(isinstance(value, str) for value in rendered.values())
