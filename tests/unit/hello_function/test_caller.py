"""How claims become a Caller, in every form in which a gateway renders them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caller import (
    Caller,
    MissingScopeError,
    NoClaimsError,
    NotInGroupError,
    TokenUse,
    WrongClaimError,
    WrongTokenUseError,
)
from tests.unit.hello_function.json_values import json_values, no_texts
from tests.unit.hello_function.proxy_events import ABSENT, change_claims, read_claims, read_event

SIGN_IN = datetime(2024, 6, 17, 14, 58, 4, tzinfo=UTC)


def read_caller(case: str, **changes: Any) -> Caller:
    return Caller.from_claims(change_claims(read_claims(case), changes))


def test_an_id_token_names_the_person() -> None:
    assert Caller.from_proxy_event(read_event("admin")) == Caller(
        sub="6633760d-9cc5-4e2f-8056-e57e37a29d6d",
        token_use=TokenUse.ID,
        username="bob",
        signed_in_at=SIGN_IN,
        expires_at=SIGN_IN.replace(hour=15),
        email="bob@example.com",
        email_verified=False,
        groups=("admins", "editors"),
    )


def test_a_machines_access_token_names_its_client() -> None:
    assert Caller.from_proxy_event(read_event("machine")) == Caller(
        sub="7examplemachine0example123",
        token_use=TokenUse.ACCESS,
        username="7examplemachine0example123",
        signed_in_at=SIGN_IN,
        expires_at=SIGN_IN.replace(hour=15),
        client_id="7examplemachine0example123",
        scopes=frozenset({"hello/read"}),
    )


def test_a_persons_access_token_names_the_person() -> None:
    caller = read_caller("machine", username="alice")
    assert (caller.username, caller.client_id) == ("alice", "7examplemachine0example123")


@pytest.mark.parametrize(
    ("rendered", "groups"),
    [
        pytest.param(ABSENT, (), id="in no group"),
        pytest.param("", (), id="no group, REST API"),
        pytest.param("[]", (), id="no group, HTTP API"),
        pytest.param("admins", ("admins",), id="one, REST API"),
        pytest.param("admins,editors", ("admins", "editors"), id="two, REST API"),
        pytest.param("[admins]", ("admins",), id="one, HTTP API"),
        pytest.param("[admins editors]", ("admins", "editors"), id="two, HTTP API"),
        pytest.param([], (), id="none, JWT"),
        pytest.param(["admins", "editors"], ("admins", "editors"), id="two, JWT"),
    ],
)
def test_groups_are_read_in_each_form(rendered: object, groups: tuple[str, ...]) -> None:
    assert read_caller("signed_in", **{"cognito:groups": rendered}).groups == groups


@pytest.mark.parametrize("case", ["signed_in", "machine"])
@pytest.mark.parametrize("claim", ["auth_time", "exp"])
@pytest.mark.parametrize(
    "rendered", ["Tue Jun 18 15:00:04 UTC 2024", "1718722804", 1718722804], ids=["REST API", "digits", "JWT"]
)
def test_dates_are_read_in_each_form(case: str, claim: str, rendered: object) -> None:
    caller = read_caller(case, **{claim: rendered})
    date = caller.expires_at if claim == "exp" else caller.signed_in_at
    assert date == datetime(2024, 6, 18, 15, 0, 4, tzinfo=UTC)


@given(date=st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_every_date_of_a_rest_api_is_read_back(date: datetime) -> None:
    date = date.replace(microsecond=0, tzinfo=UTC)
    assert read_caller("signed_in", exp=date.strftime("%a %b %d %H:%M:%S UTC %Y")).expires_at == date


@pytest.mark.parametrize(
    ("rendered", "verified"),
    [("true", True), ("false", False), (True, True), (False, False), (ABSENT, False)],
    ids=["text true", "text false", "true", "false", "absent"],
)
def test_email_verified_is_read_in_each_form(rendered: object, verified: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert read_caller("signed_in", email_verified=rendered).email_verified is verified


def test_a_person_may_have_no_email() -> None:
    assert read_caller("signed_in", email=ABSENT).email is None


@pytest.mark.parametrize(
    ("case", "claim"),
    [
        ("signed_in", "token_use"),
        ("signed_in", "sub"),
        ("signed_in", "cognito:username"),
        ("signed_in", "auth_time"),
        ("signed_in", "exp"),
        ("machine", "token_use"),
        ("machine", "sub"),
        ("machine", "client_id"),
        ("machine", "auth_time"),
        ("machine", "exp"),
    ],
)
@pytest.mark.parametrize("value", [ABSENT, None, "", [], {}, True, 1.5], ids=repr)
def test_a_claim_that_must_be_there_is_named_when_it_is_missing_or_wrong(
    case: str, claim: str, value: object
) -> None:
    with pytest.raises(WrongClaimError) as refused:
        read_caller(case, **{claim: value})
    assert refused.value.claim == claim


@pytest.mark.parametrize(
    "value", ["ID", "id ", "refresh", ["id"]], ids=["other case", "blank", "other kind", "list"]
)
def test_any_other_token_use_is_refused(value: object) -> None:
    with pytest.raises(WrongClaimError, match="claim token_use"):
        read_caller("signed_in", token_use=value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("yesterday", id="word"),
        pytest.param("-1718722804", id="negative digits"),
        pytest.param("1718722804.5", id="fraction"),
        pytest.param("٣", id="Arabic digit"),
        pytest.param("9" * 5000, id="endless digits"),
        pytest.param(10**30, id="far off"),
        pytest.param("Tue Jun 18 15:00:04 2024", id="no zone"),
        pytest.param("Tue Jun 18 15:00:04 GMT 2024", id="other zone"),
        pytest.param("Tue Jun 31 15:00:04 UTC 2024", id="no such day"),
        pytest.param("2024-06-18T15:00:04Z", id="ISO 8601"),
    ],
)
def test_a_date_of_another_form_is_refused(value: object) -> None:
    with pytest.raises(WrongClaimError, match="claim exp"):
        read_caller("signed_in", exp=value)


@pytest.mark.parametrize(
    "value", ["a\nb", "a b", '"', "ﬁ", "a" * 129], ids=["line", "blank", "quote", "letter", "long"]
)
def test_a_sub_that_could_forge_a_log_line_is_refused(value: str) -> None:
    with pytest.raises(WrongClaimError, match="claim sub"):
        read_caller("signed_in", sub=value)


@given(value=no_texts)
def test_an_email_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(WrongClaimError, match="claim email"):
        read_caller("signed_in", email=value)


@given(value=no_texts.filter(lambda value: not isinstance(value, list)) | st.lists(no_texts, min_size=1))
def test_groups_of_another_form_are_refused(value: object) -> None:
    with pytest.raises(WrongClaimError, match="claim cognito:groups"):
        read_caller("signed_in", **{"cognito:groups": value})


@given(value=json_values.filter(lambda value: value not in (True, False, "true", "false", None)))
def test_an_email_verified_of_another_form_is_refused(value: object) -> None:
    with pytest.raises(WrongClaimError, match="claim email_verified"):
        read_caller("signed_in", email_verified=value)


@given(value=no_texts)
def test_a_scope_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(WrongClaimError, match="claim scope"):
        read_caller("machine", scope=value)


@pytest.mark.parametrize("claim", ["sub", "token_use", "cognito:username", "exp", "cognito:groups", "email"])
def test_a_refusal_names_the_claim_and_never_its_value(claim: str) -> None:
    with pytest.raises(WrongClaimError) as refused:
        read_caller("admin", **{claim: ["marker", 7]})
    assert str(refused.value) == f"claim {claim}: missing or of an unknown form"


def test_a_refused_date_brings_no_cause_that_quotes_it() -> None:
    with pytest.raises(WrongClaimError) as refused:
        read_caller("admin", exp="marker")
    assert refused.value.__suppress_context__
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"requestContext": None},
        {"requestContext": {}},
        {"requestContext": {"authorizer": None}},
        {"requestContext": {"authorizer": {"claims": None}}},
        {"requestContext": {"authorizer": {"claims": [["sub", "someone"]]}}},
    ],
    ids=["empty", "no context", "no authorizer", "null authorizer", "null claims", "list of claims"],
)
def test_an_event_without_claims_has_no_caller(event: dict[str, Any]) -> None:
    with pytest.raises(NoClaimsError):
        Caller.from_proxy_event(event)


def test_a_group_among_others_is_enough() -> None:
    caller = read_caller("signed_in", **{"cognito:groups": "editors,admins"})
    caller.require_group("admins")
    assert caller.groups == ("editors", "admins")


@pytest.mark.parametrize("rendered", [ABSENT, "administrators", "Admins", " admins", "admin,s"])
def test_a_group_that_only_looks_alike_is_not_enough(rendered: object) -> None:
    with pytest.raises(NotInGroupError, match="group admins"):
        read_caller("signed_in", **{"cognito:groups": rendered}).require_group("admins")


@pytest.mark.parametrize("scope", ["hello/read", "openid hello/read", "hello/read hello/write"])
def test_any_of_the_scopes_is_enough(scope: str) -> None:
    read_caller("machine", scope=scope).require_scope("hello/read")
    assert "hello/read" in read_caller("machine", scope=scope).scopes


@pytest.mark.parametrize(
    "scope",
    [
        ABSENT,
        "hello/readx",
        "xhello/read",
        "hello/rea",
        "HELLO/READ",
        "hello/read\tx",
        "hello/read,x",
        "hello read",
    ],
)
def test_a_scope_that_only_looks_alike_is_not_enough(scope: object) -> None:
    with pytest.raises(MissingScopeError, match="scope hello/read"):
        read_caller("machine", scope=scope).require_scope("hello/read")


def test_a_scope_in_an_id_token_is_not_enough() -> None:
    with pytest.raises(WrongTokenUseError, match="token_use id: the route takes access"):
        read_caller("signed_in", scope="hello/read").require_scope("hello/read")
