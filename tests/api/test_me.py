"""GET /me: the caller as the function understands the claims."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.api_caller import ApiCaller
from tests.api.callers import Callers
from tests.api.deployed_stack import DeployedStack
from tests.api.temporary import User
from tests.tokens import decode_part


def describe(api: ApiCaller, user: User) -> dict[str, Any]:
    described = api.send("GET", "/me", user.session.id_token).json()
    assert isinstance(described, dict)
    return described


def test_it_says_these_things_and_no_others(api: ApiCaller, callers: Callers) -> None:
    assert list(describe(api, callers.person)) == [
        "sub",
        "username",
        "email",
        "email_verified",
        "groups",
        "signed_in_at",
        "expires_at",
    ]


def test_sub_is_the_user_pools(api: ApiCaller, callers: Callers, stack: DeployedStack) -> None:
    user = stack.cognito.admin_get_user(UserPoolId=stack.user_pool_id, Username=callers.person.username)
    attributes = {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}
    assert describe(api, callers.person)["sub"] == attributes["sub"]


def test_the_user_is_known_by_name_and_address(api: ApiCaller, callers: Callers) -> None:
    me = describe(api, callers.person)
    assert (me["username"], me["email"]) == (callers.person.username, callers.person.email)


def test_whether_the_address_is_verified_is_a_boolean(api: ApiCaller, callers: Callers) -> None:
    assert describe(api, callers.person)["email_verified"] is True


def test_groups_are_a_list(api: ApiCaller, callers: Callers) -> None:
    assert describe(api, callers.admin)["groups"] == list(callers.admin.groups)


def test_a_user_who_is_in_no_group_has_an_empty_list(api: ApiCaller, callers: Callers) -> None:
    assert describe(api, callers.person)["groups"] == []


@pytest.mark.parametrize(("time", "claim"), [("signed_in_at", "auth_time"), ("expires_at", "exp")])
def test_times_are_the_tokens_in_iso_8601(api: ApiCaller, callers: Callers, time: str, claim: str) -> None:
    seconds = decode_part(callers.person.session.id_token, 1)[claim]
    assert describe(api, callers.person)[time] == datetime.fromtimestamp(seconds, UTC).isoformat()
