"""The results of a Lambda authorizer that are kept: for whom, for how long, and what they judge."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.api_gateway.authorized_stage import (
    ARN,
    AUTHORIZER_ARN,
    BEARER,
    AuthorizedStage,
    answer_of,
    failure,
    grant,
    read_api,
    request_stage,
    token_stage,
)
from tests.unit.api_gateway.sam_api import auth

HELLO = f"{ARN}/GET/hello"
DENIED = "User is not authorized to access this resource"
IMPLICIT = f"{DENIED} because no identity-based policy allows the execute-api:Invoke action"


def count_asked(stage: AuthorizedStage) -> int:
    return len(stage.asked.events)


@pytest.mark.rule("lambda-authorizer.cached")
def test_a_result_is_kept_for_five_minutes_unless_told_otherwise() -> None:
    stage = token_stage()
    assert [stage.status(), stage.status()] == [200, 200]
    assert (count_asked(stage), stage.caller["integrationLatency"]) == (1, 0)
    stage.clock.advance(299)
    assert (stage.status(), count_asked(stage)) == (200, 1)
    stage.clock.advance(1)
    assert (stage.status(), count_asked(stage)) == (200, 2)


@pytest.mark.parametrize(("lifetime", "asked"), [(0, 3), (1, 2), (60, 1)])
def test_the_template_says_how_long(lifetime: int, asked: int) -> None:
    stage = token_stage(ReauthorizeEvery=lifetime)
    stage.status()
    stage.status()
    stage.clock.advance(1)
    stage.status()
    assert count_asked(stage) == asked


def test_a_clock_that_is_set_back_makes_a_result_too_old() -> None:
    stage = token_stage()
    stage.status()
    stage.clock.advance(-1)
    assert (stage.status(), count_asked(stage)) == (200, 2)


@pytest.mark.rule("lambda-authorizer.cached-policy")
def test_a_kept_policy_judges_the_other_path() -> None:
    stage = token_stage(grant(HELLO))
    assert stage.status() == 200
    stage.result = grant()
    assert answer_of(stage.call(path="/items/1"))[2] == f'{{"Message":"{IMPLICIT}"}}'
    assert count_asked(stage) == 1
    kept = "the authorizer Tok: the policy from its cache (300 s left)"
    assert stage.reason == (
        f"{kept} does not allow {ARN}/GET/items/1; it was made for another call:"
        f" have the function allow every path of the stage, {ARN}/*, or set ReauthorizeEvery: 0"
    )


def test_a_denial_is_kept() -> None:
    stage = token_stage(grant(effect="Deny"))
    stage.status()
    stage.result = grant()
    assert (stage.status(), count_asked(stage)) == (403, 1)


@pytest.mark.parametrize("result", [failure("Unauthorized"), failure("x"), b"null"])
def test_a_failure_is_not_kept(result: Any) -> None:
    stage = token_stage(result)
    stage.status()
    stage.result = grant()
    assert (stage.status(), count_asked(stage)) == (200, 2)


@pytest.mark.rule("lambda-authorizer.cache-key")
def test_one_caller_gets_nothing_of_anothers() -> None:
    stage = token_stage(grant(context={"said": "alice"}))
    assert stage.status() == 200
    stage.result = grant(effect="Deny")
    for other in ("Bearer bob", "bearer alice", "Bearer  alice", "Bearer alice\u00e9"):
        assert stage.status((("Authorization", other),)) == 403


def test_sources_do_not_run_into_each_other() -> None:
    stage = request_stage(grant(context={"said": "first"}), Headers=["A", "B"])
    assert stage.status((("A", "x"), ("B", "y,z"))) == 200
    stage.result = grant(effect="Deny")
    for pairs in ((("A", "x,y"), ("B", "z")), (("A", "y,z"), ("B", "x")), (("A", "xy"), ("B", ",z"))):
        assert stage.status(pairs) == 403


def test_what_is_no_source_does_not_count() -> None:
    stage = request_stage(Headers=["Authorization"])
    assert stage.status() == 200
    stage.result = grant(effect="Deny")
    assert stage.status((*BEARER, ("X-Other", "1")), query="q=1", verb="DELETE", path="/items/2") == 200
    assert count_asked(stage) == 1


def test_two_authorizers_of_one_api_keep_apart() -> None:
    both = {"A": {"FunctionArn": AUTHORIZER_ARN}, "B": {"FunctionArn": AUTHORIZER_ARN}}
    events = {
        "A": {"Path": "/a", "Method": "get", "Auth": {"Authorizer": "A"}},
        "B": {"Path": "/b", "Method": "get", "Auth": {"Authorizer": "B"}},
    }
    stage = AuthorizedStage(read_api(auth(both), events))
    assert stage.status(path="/a") == 200
    stage.result = grant(effect="Deny")
    assert [stage.status(path="/b"), stage.status(path="/a")] == [403, 200]


def test_two_apis_keep_apart() -> None:
    first, second = token_stage(), token_stage(grant(effect="Deny"))
    assert [first.status(), second.status(), first.status()] == [200, 403, 200]


def test_the_identity_is_asked_for_also_where_a_result_is_kept() -> None:
    stage = token_stage()
    assert [stage.status(), stage.status(())] == [200, 401]
