"""Whatever a policy, an identity source or a signature is made of, nobody gets in who should not."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.authorizers.authorizer_result import (
    AuthorizerResultError,
    read_authorizer_result,
)
from local_stage.api_gateway.authorizers.iam import IamAuthorizer
from local_stage.api_gateway.policy.keys import Keys
from local_stage.api_gateway.policy.policy import Decision, PolicyRequest
from tests.fuzz.bounds import examples
from tests.fuzz.strategies import JSON, SURROGATES, TEXTS
from tests.manual_clock import ManualClock
from tests.signed_request import find_root, sign
from tests.unit.api_gateway.authorized_stage import ARN, AuthorizedStage, read_api, request_stage
from tests.unit.api_gateway.sam_api import REGION

HELLO = f"{ARN}/GET/hello"
ASKED = PolicyRequest(HELLO, Keys({"aws:sourceip": "203.0.113.7", "aws:useragent": "agent"}))
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}

ELEMENTS = st.sampled_from(
    ["Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal", "Sid"]
)
VALUES = st.sampled_from(
    [
        "Allow",
        "Deny",
        "allow",
        "*",
        "execute-api:Invoke",
        "execute-api:*",
        HELLO,
        f"{ARN}/*",
        "${aws:SourceIp}",
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringLike": {"aws:UserAgent": "a*"}},
        {"Bool": {"aws:SecureTransport": "x"}},
        {"Null": {"aws:Referer": True}},
        {"Unknown": {"a": "b"}},
    ]
)
WHOLE = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={
        "Action": st.sampled_from(["*", "execute-api:Invoke", "s3:*"]),
        "NotAction": st.sampled_from(["s3:*", "execute-api:*"]),
        "Resource": st.sampled_from(["*", HELLO, f"{ARN}/*/hello", f"{ARN}/POST/*"]) | TEXTS,
        "NotResource": st.sampled_from(["*", HELLO, f"{ARN}/POST/*"]),
        "Condition": VALUES | JSON,
    },
)
STATEMENTS = st.lists(WHOLE | st.dictionaries(ELEMENTS | TEXTS, VALUES | JSON, max_size=5), max_size=4)
POLICIES = st.fixed_dictionaries({"Version": st.just("2012-10-17"), "Statement": STATEMENTS}) | JSON
SENT = st.text(st.characters(codec="utf-8") | SURROGATES, max_size=30)
"""A header's value as it may arrive."""
NAMES = st.sampled_from(["A", "a", "B", "X", "Authorization", ""]) | SENT
SIGNED = sign()
PARAMETERS = st.sampled_from(["Credential", "SignedHeaders", "Signature", "credential", ""]) | SENT
SIGNATURES = st.lists(
    st.tuples(
        PARAMETERS,
        SENT | st.sampled_from(["test/20261122/r/execute-api/aws4_request", "host", "host;x-amz-date"]),
    ),
    max_size=5,
).map(lambda pairs: "AWS4-HMAC-SHA256 " + ", ".join(f"{name}={value}" for name, value in pairs))


def decide(*statements: Any) -> Decision | None:
    """Return what a policy of these statements decides, None where it is none."""
    return decide_document({"Version": "2012-10-17", "Statement": [*statements]})


def decide_document(document: Any) -> Decision | None:
    result = {"principalId": "alice", "policyDocument": document}
    try:
        return read_authorizer_result(json.dumps(result).encode()).policy.decide(ASKED)
    except AuthorizerResultError:
        return None


@examples(500)
@given(POLICIES)
def test_whatever_is_no_policy_is_refused_and_raises_nothing_else(document: Any) -> None:
    if decide_document(document) is Decision.ALLOW:
        assert '"Allow"' in json.dumps(document)


@examples(500)
@given(STATEMENTS, st.integers(0, 4))
def test_a_deny_of_everything_wins_wherever_it_stands(statements: list[Any], place: int) -> None:
    assert decide(*statements[:place], DENY, *statements[place:]) in {Decision.EXPLICIT_DENY, None}


@examples(500)
@given(STATEMENTS)
def test_more_denials_never_let_anybody_in(statements: list[Any]) -> None:
    allowing = [one for one in statements if isinstance(one, dict) and one.get("Effect") == "Allow"]
    if decide(*statements) is Decision.ALLOW:
        assert decide(*allowing) is Decision.ALLOW


@examples(200)
@given(st.lists(st.tuples(NAMES, SENT), max_size=4), SENT | st.just("q=1"))
def test_the_function_is_asked_only_with_every_identity_source(
    headers: list[tuple[str, str]], query: str
) -> None:
    stage = request_stage(Headers=["A", "B"], QueryStrings=["q"])
    status = stage.status(tuple(headers), query=query)
    sent = {name.lower() for name, value in headers if value.strip()}
    assert (status == 200) is bool(stage.asked.events)
    assert status in {400, 401} or {"a", "b"} <= sent


def signed_stage() -> AuthorizedStage:
    authorizer = IamAuthorizer(find_root, REGION, ManualClock())
    api = read_api({"Auth": {"DefaultAuthorizer": "AWS_IAM"}}, {"Hello": {"Path": "/hello", "Method": "any"}})
    return AuthorizedStage(api, authorizers={"AWS_IAM": authorizer})


@examples(300)
@given(SIGNATURES | SENT, SENT | st.just("20261122T000000Z"))
def test_no_made_up_signature_gets_in(authorization: str, date: str) -> None:
    stage = signed_stage()
    assert stage.status((("Authorization", authorization), ("X-Amz-Date", date))) == 403
    assert stage.integration.events == []


@examples(300)
@given(st.sampled_from(["X-Amz-Date", "Authorization"]), st.integers(0, 63), st.characters(codec="ascii"))
def test_a_signature_with_one_letter_changed_gets_nobody_in(name: str, place: int, letter: str) -> None:
    """Of the date, or of the signature itself, which are the last 64 letters of Authorization."""
    value = dict(SIGNED)[name]
    index = max(0, len(value) - 64) + place % min(64, len(value))
    changed = value[:index] + letter + value[index + 1 :]
    stage = signed_stage()
    status = stage.status(tuple({**dict(SIGNED), name: changed}.items()))
    assert status == (200 if changed == value else 403)
