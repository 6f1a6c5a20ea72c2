"""GET /admin/hello: the function asks for the group, since API Gateway knows none."""

from __future__ import annotations

from tests.api.answers import EVERY_ANSWER, header_names
from tests.api.api_caller import ApiCaller
from tests.api.callers import ADMINS, Callers
from tests.api.deployed_stack import DeployedStack
from tests.api.temporary import random_name, temporary_group, temporary_user

REFUSED = '{"statusCode":403,"message":"Only members of the group admins may call this"}'


def test_a_user_who_is_in_no_group_is_refused(api: ApiCaller, callers: Callers) -> None:
    response = api.send("GET", "/admin/hello", callers.person.session.id_token)
    assert (response.status_code, response.reason, response.text) == (403, "Forbidden", REFUSED)


def test_a_user_who_is_in_another_group_is_refused(api: ApiCaller, stack: DeployedStack) -> None:
    pool = (stack.cognito, stack.user_pool_id)
    with (
        temporary_group(*pool, random_name(f"{ADMINS}-not")) as group,
        temporary_user(*pool, stack.password_client_id, groups=[group]) as user,
    ):
        response = api.send("GET", "/admin/hello", user.session.id_token)
    assert (response.status_code, response.text) == (403, REFUSED)


def test_the_refusal_is_the_functions_and_not_the_gateways(api: ApiCaller, callers: Callers) -> None:
    response = api.send("GET", "/admin/hello", callers.person.session.id_token)
    assert header_names(response) == sorted(EVERY_ANSWER | {"X-Amzn-Trace-Id"})
