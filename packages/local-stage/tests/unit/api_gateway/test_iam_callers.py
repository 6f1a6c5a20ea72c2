"""Who has signed a request, and what the policies of a user or a session let them call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import ClientError
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.authorizers.iam import IamAuthorizer
from local_stage.api_gateway.authorizers.iam_callers import LocalCallers
from local_stage.cloudformation.signing_callers import find_caller_path
from local_stage.jwt.fetcher import FetchError
from tests.manual_clock import ManualClock
from tests.signed_request import ROOT, sign
from tests.unit.api_gateway.authorized_stage import ACCOUNT, AuthorizedStage, answer_of, read_api
from tests.unit.api_gateway.sam_api import REGION

KEY = "AKIAIOSFODNN7EXAMPLE"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
ALLOW = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
DENY = {**ALLOW, "Effect": "Deny"}
UNREADABLE = {"Condition": {"NoSuchOperator": {"a": "b"}}}
EVENTS = {"Hello": {"Path": "/hello", "Method": "any"}}


def policy(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def tell(**members: Any) -> dict[str, Any]:
    """Return what the local AWS tells of alice, who may call everything."""
    told = {
        "is_expired": False,
        "account_id": ACCOUNT,
        "arn": ALICE,
        "user_id": "AIDAALICE",
        "type": "User",
        "role_arn": None,
        "secret_key": "secret",
        "session_token": None,
        "policies": [policy(ALLOW)],
        "limits": [],
        "keys": {"aws:username": "alice"},
        "cognito": None,
    }
    return told | members


def serve(told: Any) -> AuthorizedStage:
    """Return an API whose local AWS tells this of every key, or raises it."""

    async def fetch(url: str) -> bytes:
        assert url.endswith(f"/secret/{KEY}")
        if isinstance(told, Exception):
            raise told
        return json.dumps(told).encode()

    callers = LocalCallers(ROOT, fetch, lambda key: find_caller_path("secret", key))
    authorizer = IamAuthorizer(callers.find, REGION, ManualClock())
    api = read_api({"Auth": {"DefaultAuthorizer": "AWS_IAM"}}, EVENTS)
    return AuthorizedStage(api, authorizers={"AWS_IAM": authorizer})


def status(told: Any, **signing: Any) -> int:
    stage = serve(told)
    found = stage.status(sign(**{"key": KEY, "secret": "secret", **signing}))
    assert bool(stage.integration.events) is (found == 200)
    return found


def test_a_user_signs_with_a_key_of_their_own() -> None:
    stage = serve(tell())
    assert stage.status(sign(key=KEY, secret="secret")) == 200
    assert stage.integration_event["requestContext"]["identity"]["userArn"] == ALICE
    assert status(tell(), secret="wrong") == 403


@pytest.mark.rule("iam.unknown-key")
@pytest.mark.parametrize("told", [None, FetchError("no"), TimeoutError(), OSError(), ClientError(), []])
def test_whom_the_local_aws_does_not_know_or_cannot_be_asked_for_stays_out(told: Any) -> None:
    assert status(told) == 403


@pytest.mark.rule("iam.session")
def test_a_session_that_has_ended_is_told_so() -> None:
    expired = answer_of(serve({"is_expired": True}).call(sign(key=KEY, secret="secret", token="t")))
    message = '{"message":"The security token included in the request is expired"}'
    assert expired == (403, "ExpiredTokenException", message)


@pytest.mark.rule("iam.session")
def test_a_session_has_its_very_token_and_a_user_none() -> None:
    session = tell(session_token="token", type="AssumedRole", role_arn=f"arn:aws:iam::{ACCOUNT}:role/r")
    assert status(session, token="token") == 200
    for token in (None, "Token", "token "):
        assert status(session, token=token) == 403
    assert status(tell(), token="token") == 403


@pytest.mark.rule("iam.policy")
@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ([], 403),
        ([policy()], 403),
        ([policy(ALLOW), policy(DENY)], 403),
        ([policy({**ALLOW, "Resource": "arn:aws:execute-api:*:*:*/GET/hello"})], 200),
        ([policy({**ALLOW, "Resource": "arn:aws:execute-api:*:*:*/POST/*"})], 403),
        ([policy({**ALLOW, "Condition": {"StringEquals": {"aws:username": "alice"}}})], 200),
        ([policy({**ALLOW, "Condition": {"StringEquals": {"aws:username": "bob"}}})], 403),
        ([policy({**ALLOW, **UNREADABLE})], 403),
        ([policy(ALLOW, {**ALLOW, **UNREADABLE})], 200),
        ([policy(ALLOW, {**DENY, **UNREADABLE})], 403),
        ([policy(ALLOW, {**DENY, "Action": "s3:*", **UNREADABLE})], 200),
        ([policy(ALLOW, {"Effect": "Deny", "Action": 1})], 403),
    ],
)
def test_policies_decide_and_what_cannot_be_read_is_taken_for_the_stricter(
    policies: Sequence[Any], expected: int
) -> None:
    assert status(tell(policies=policies)) == expected


@pytest.mark.rule("iam.policy")
@pytest.mark.parametrize(
    ("limits", "expected"),
    [([[policy(ALLOW)]], 200), ([[]], 403), ([[policy(DENY)]], 403), ([[policy(ALLOW)], [policy()]], 403)],
)
def test_every_limit_has_to_allow(limits: Sequence[Any], expected: int) -> None:
    assert status(tell(limits=limits)) == expected


STATEMENTS = st.lists(
    st.fixed_dictionaries(
        {"Effect": st.sampled_from(["Allow", "Deny", "x"])},
        optional={
            "Action": st.sampled_from(["*", "execute-api:Invoke", "s3:*", 1, []]),
            "NotAction": st.just("s3:*"),
            "Resource": st.sampled_from(["*", "arn:aws:execute-api:*:*:*/GET/*", None, {}]),
            "Condition": st.sampled_from([{}, {"Bool": {"a": "b"}}, UNREADABLE["Condition"], "x"]),
        },
    ),
    max_size=4,
)


@given(STATEMENTS, STATEMENTS)
def test_nothing_beside_a_deny_of_everything_lets_anybody_in(before: list[Any], after: list[Any]) -> None:
    assert status(tell(policies=[policy(*before, DENY, *after)])) == 403
    assert status(tell(policies=[policy(ALLOW)], limits=[[policy(*before, DENY, *after)]])) == 403
    if not any(one["Effect"] == "Allow" for one in before):
        assert status(tell(policies=[policy(*before)])) == 403
