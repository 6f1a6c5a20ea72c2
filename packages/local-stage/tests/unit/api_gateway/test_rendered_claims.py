"""Every verified claim reaches the function as a string, in the form of a REST API."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.authorizers.cognito import render_claims

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("claim", "value", "rendered"),
    [
        ("sub", "s-1", "s-1"),
        ("exp", 1_718_722_804, "Tue Jun 18 15:00:04 UTC 2024"),
        ("iat", 1_612_345_678, "Wed Feb 03 09:47:58 UTC 2021"),
        ("exp", 0, "Thu Jan 01 00:00:00 UTC 1970"),
        ("exp", 1_718_722_804.9, "Tue Jun 18 15:00:04 UTC 2024"),
        ("exp", "soon", "soon"),
        ("exp", 10**30, "1" + "0" * 30),
        ("iat", True, "true"),
        ("auth_time", 1_718_722_804, "1718722804"),
        ("nbf", 1_718_722_804, "1718722804"),
        ("custom:level", 0, "0"),
        ("custom:level", -12, "-12"),
        ("custom:level", 12345678901234567890, "12345678901234567890"),
        ("custom:level", 1.5, "1.5"),
        ("email_verified", True, "true"),
        ("phone_number_verified", False, "false"),
        ("email_verified", "true", "true"),
        ("cognito:groups", ["admin"], "admin"),
        ("cognito:groups", ["admin", "staging-manager"], "admin,staging-manager"),
        ("cognito:groups", [], ""),
        ("cognito:groups", ["a,b", "c d"], "a,b,c d"),
        (
            "cognito:roles",
            ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"],
            "arn:aws:iam::1:role/a,arn:aws:iam::1:role/b",
        ),
        ("scope", "openid hello/read", "openid hello/read"),
        ("custom:json", '{"a":1}', '{"a":1}'),
        ("custom:name", "三木", "三木"),
        ("address", {"formatted": "三木 1", "zip": None}, '{"formatted":"三木 1","zip":null}'),
        ("custom:mixed", [1, True, None, [2, "x"], {"a": 1}], '1,true,null,[2,"x"],{"a":1}'),
        ("custom:empty", {}, "{}"),
        ("custom:blank", "", ""),
    ],
)
def test_a_claim_is_rendered_as_a_string(claim: str, value: object, rendered: str) -> None:
    assert render_claims({claim: value}) == {claim: rendered}


@pytest.mark.rule("claims.identities")
def test_identities_are_objects_joined_by_commas_without_brackets() -> None:
    identities = [
        {
            "dateCreated": "1611978518907",
            "userId": "1",
            "providerName": "Google",
            "issuer": None,
            "primary": "true",
        },
        {
            "dateCreated": "1611978531010",
            "userId": "2",
            "providerName": "Facebook",
            "issuer": None,
            "primary": "false",
        },
    ]
    assert render_claims({"identities": identities})["identities"] == (
        '{"dateCreated":"1611978518907","userId":"1","providerName":"Google","issuer":null,"primary":"true"},'
        '{"dateCreated":"1611978531010","userId":"2","providerName":"Facebook","issuer":null,"primary":"false"}'
    )


@pytest.mark.rule("claims.order")
def test_claims_keep_the_order_of_the_token() -> None:
    assert list(render_claims({"sub": "1", "exp": 1, "aud": "x", "cognito:groups": []})) == [
        "sub",
        "exp",
        "aud",
        "cognito:groups",
    ]


@pytest.mark.rule("claims.null")
def test_a_claim_that_is_null_is_left_out() -> None:
    assert render_claims({"custom:tenant": None, "sub": "1"}) == {"sub": "1"}


@given(st.dictionaries(st.text() | st.sampled_from(["exp", "iat"]), JSON_VALUES))
def test_every_claim_is_a_string_whatever_the_token_holds(claims: dict[str, object]) -> None:
    rendered = render_claims(claims)
    assert all(isinstance(value, str) for value in rendered.values())
    assert list(rendered) == [name for name, value in claims.items() if value is not None]
