"""What the developer reads: one line a reason, with the remedy, and nothing that could forge a log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.jwt.checks import MAX_LISTED, describe_duration, invalid_claim, list_some
from local_stage.jwt.jose import MAX_QUOTED, quote
from local_stage.jwt.judgement import Failure
from tests.judged_token import judge_token
from tests.manual_clock import NOW, ManualClock
from tests.tokens import LIFETIME, TokenSigner

SIGNER = TokenSigner(clock=ManualClock())
QUOTES_AND_DOTS = len("''...")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON | st.text(min_size=MAX_QUOTED))
def test_whatever_is_quoted_is_short_ascii_on_one_line(value: object) -> None:
    text = quote(value)
    assert text.isascii()
    assert text.isprintable()
    assert len(text) <= MAX_QUOTED + QUOTES_AND_DOTS


def failure_of(token: str, *scopes: str, audience: str | None = None, now: float = NOW) -> Failure:
    failure = judge_token(token, SIGNER, scopes, audience=audience, now=now).failure
    assert failure is not None
    return failure


@given(st.text(min_size=1))
def test_no_reason_is_more_than_one_line_of_printable_ascii(value: str) -> None:
    failures = [
        failure_of(SIGNER.sign({}, alg=f"{value}!")),
        failure_of(SIGNER.id_token(iss=f"{value}!")),
        failure_of(SIGNER.sign({"iss": SIGNER.issuer}, kid=f"!{value}"[:256])),
        failure_of(SIGNER.id_token(aud=f"{value}!"), audience="[a-z]+"),
        failure_of(SIGNER.access_token(f"{value}!"), "hello/read"),
        invalid_claim("exp", value, "a number"),
    ]
    texts = [str(failure) for failure in failures]
    assert [text for text in texts if not (text.isascii() and text.isprintable())] == []


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (0, "less than 1 s"),
        (0.4, "less than 1 s"),
        (1, "1 s"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (10_925, "3 h 2 min"),
        (90_061, "1 d 1 h"),
        (46_332_774, "536 d 6 h"),
    ],
)
def test_an_age_is_told_in_its_two_largest_units(seconds: float, age: str) -> None:
    assert describe_duration(seconds) == age


def test_an_expired_token_is_told_with_its_age() -> None:
    failure = failure_of(SIGNER.id_token(), now=NOW + LIFETIME + 10_925)
    assert (failure.reason, failure.remedy) == ("token expired 3 h 2 min ago", "sign in again")


def test_a_token_of_the_future_sends_the_developer_to_the_clock() -> None:
    failure = failure_of(SIGNER.id_token(nbf=NOW + 3))
    assert (failure.reason, failure.remedy) == ("nbf is 3 s ahead of this clock", "set the clock right")


def test_another_pool_is_named_beside_those_that_are_accepted() -> None:
    failure = failure_of(SIGNER.id_token(iss="https://other.example"))
    assert failure.reason == (
        f"token of another user pool (iss 'https://other.example'): this stage accepts {SIGNER.issuer}"
    )
    assert failure.remedy == "get a token from that pool"


def test_a_long_list_of_accepted_pools_is_cut() -> None:
    pools = [f"https://pool-{n}.example" for n in range(1000)]
    assert list_some(pools) == f"{', '.join(pools[:MAX_LISTED])} and 997 more"
