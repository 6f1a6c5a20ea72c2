"""What the developer reads: one line a reason, with the remedy, and nothing that could forge a log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.jwt.token_error import (
    MAX_QUOTED,
    ExpiredTokenError,
    InvalidClaimError,
    MissingScopeError,
    NotYetValidError,
    UnknownIssuerError,
    UnknownKeyError,
    UnsupportedHeaderError,
    WrongAudienceError,
    quote,
)

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


@given(st.text(min_size=1))
def test_no_reason_is_more_than_one_line_of_printable_ascii(value: str) -> None:
    errors = [
        UnsupportedHeaderError("alg", value, "RS256"),
        InvalidClaimError("exp", value, "a number"),
        UnknownIssuerError(value, ["https://issuer.example"]),
        UnknownKeyError(value, "https://issuer.example/keys", None),
        WrongAudienceError(value, "[a-z]+"),
        MissingScopeError(value, ["hello/read"]),
    ]
    assert [
        error.reason for error in errors if not (error.reason.isascii() and error.reason.isprintable())
    ] == []


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
    assert ExpiredTokenError(seconds).reason == f"token expired {age} ago; sign in again"


def test_a_token_of_the_future_sends_the_developer_to_the_clock() -> None:
    assert NotYetValidError("iat", 3).reason == "iat is 3 s ahead of this clock; set the clock right"


def test_another_pool_is_named_beside_those_that_are_accepted() -> None:
    error = UnknownIssuerError("https://other.example", ["https://one.example"])
    assert error.reason == (
        "token of another user pool (iss 'https://other.example'): this stage accepts https://one.example;"
        " get a token from that pool"
    )


def test_a_long_list_of_accepted_pools_is_cut() -> None:
    error = UnknownIssuerError("https://other.example", [f"https://pool-{n}.example" for n in range(1000)])
    assert "https://pool-2.example and 997 more;" in error.reason


def test_an_unknown_key_tells_of_the_fetch_that_failed() -> None:
    error = UnknownKeyError("k1", "https://pool.example/keys", "TimeoutError: ''")
    assert (
        "no key with kid 'k1' in https://pool.example/keys (last fetch failed: TimeoutError: '')"
        in error.reason
    )
