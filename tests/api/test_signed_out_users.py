"""API Gateway only reads the token: that a user has signed out, or is disabled, it does not know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.api_caller import ApiCaller
from tests.api.deployed_stack import DeployedStack
from tests.api.temporary import User, temporary_user


@pytest.fixture
def user(stack: DeployedStack) -> Iterator[User]:
    """A user of one test."""
    client_id = stack.password_client_id
    with temporary_user(stack.cognito, stack.user_pool_id, client_id) as user:
        yield user


def test_the_id_token_of_a_user_who_has_signed_out_everywhere_still_opens(
    api: ApiCaller, stack: DeployedStack, user: User
) -> None:
    token = user.session.id_token
    stack.cognito.global_sign_out(AccessToken=user.session.access_token)
    assert api.send("GET", "/hello", token).json()["username"] == user.username


def test_a_user_who_has_signed_out_everywhere_gets_no_new_tokens(stack: DeployedStack, user: User) -> None:
    refresh_token = user.session.tokens().refresh
    assert refresh_token is not None
    stack.cognito.global_sign_out(AccessToken=user.session.access_token)
    with pytest.raises(stack.cognito.exceptions.NotAuthorizedException):
        stack.cognito.get_tokens_from_refresh_token(
            RefreshToken=refresh_token, ClientId=stack.password_client_id
        )


def test_the_id_token_of_a_user_whom_an_administrator_has_signed_out_still_opens(
    api: ApiCaller, stack: DeployedStack, user: User
) -> None:
    token = user.session.id_token
    stack.cognito.admin_user_global_sign_out(UserPoolId=stack.user_pool_id, Username=user.username)
    assert api.send("GET", "/hello", token).json()["username"] == user.username


def test_the_id_token_of_a_user_whose_refresh_token_is_revoked_still_opens(
    api: ApiCaller, stack: DeployedStack, user: User
) -> None:
    tokens = user.session.tokens()
    assert tokens.refresh is not None
    stack.cognito.revoke_token(Token=tokens.refresh, ClientId=stack.password_client_id)
    assert api.send("GET", "/hello", tokens.id).json()["username"] == user.username


def test_the_id_token_of_a_disabled_user_still_opens(
    api: ApiCaller, stack: DeployedStack, user: User
) -> None:
    token = user.session.id_token
    stack.cognito.admin_disable_user(UserPoolId=stack.user_pool_id, Username=user.username)
    assert api.send("GET", "/hello", token).json()["username"] == user.username


def test_a_disabled_user_cannot_sign_in(stack: DeployedStack, user: User) -> None:
    stack.cognito.admin_disable_user(UserPoolId=stack.user_pool_id, Username=user.username)
    with pytest.raises(stack.cognito.exceptions.NotAuthorizedException):
        user.session.tokens()
