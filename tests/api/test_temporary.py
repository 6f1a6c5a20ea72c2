"""Nothing that a test creates in the account is left there, even where the test fails."""

from __future__ import annotations

import pytest

from tests.api.deployed_stack import DeployedStack
from tests.api.temporary import temporary_group, temporary_pool, temporary_user


class TestFailedError(Exception):
    """Stands for whatever goes wrong in a test."""

    __test__ = False


def test_a_user_is_gone_after_a_failed_test(stack: DeployedStack) -> None:
    client_id = stack.password_client_id
    with (
        pytest.raises(TestFailedError),
        temporary_user(stack.cognito, stack.user_pool_id, client_id) as user,
    ):
        raise TestFailedError
    with pytest.raises(stack.cognito.exceptions.UserNotFoundException):
        stack.cognito.admin_get_user(UserPoolId=stack.user_pool_id, Username=user.username)


@pytest.mark.usefixtures("stage")  # nobody else signs anybody up there meanwhile
def test_a_user_who_could_not_be_made_whole_is_gone(stack: DeployedStack) -> None:
    pool = (stack.cognito, stack.user_pool_id, stack.password_client_id)
    before = user_names(stack)
    with (
        pytest.raises(stack.cognito.exceptions.ResourceNotFoundException),
        temporary_user(*pool, groups=["no-such-group"]),
    ):
        pass
    assert user_names(stack) == before


def test_a_group_is_gone_after_a_failed_test(stack: DeployedStack) -> None:
    pool = (stack.cognito, stack.user_pool_id)
    with pytest.raises(TestFailedError), temporary_group(*pool, "failing-tests"):
        raise TestFailedError
    with pytest.raises(stack.cognito.exceptions.ResourceNotFoundException):
        stack.cognito.get_group(UserPoolId=stack.user_pool_id, GroupName="failing-tests")


def test_a_pool_is_gone_after_a_failed_test(stack: DeployedStack) -> None:
    with pytest.raises(TestFailedError), temporary_pool(stack.cognito) as user_pool_id:
        raise TestFailedError
    with pytest.raises(stack.cognito.exceptions.ResourceNotFoundException):
        stack.cognito.describe_user_pool(UserPoolId=user_pool_id)


def user_names(stack: DeployedStack) -> set[str]:
    pages = stack.cognito.get_paginator("list_users").paginate(UserPoolId=stack.user_pool_id)
    return {user["Username"] for page in pages for user in page["Users"]}
