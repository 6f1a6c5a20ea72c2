"""Users, groups and pools that are there for a test, and gone after it even when it has failed."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from tests.api.token_session import Clock, TokenSession, user_session


@dataclass(frozen=True, slots=True)
class User:
    """A confirmed user of a pool, and the session that signs in as them."""

    user_pool_id: str
    username: str
    email: str
    groups: tuple[str, ...]
    session: TokenSession


def random_name(kind: str) -> str:
    """Return a name that nobody else has, such as `user-9f86d081884c7d65`."""
    return f"{kind}-{secrets.token_hex(8)}"


@contextlib.contextmanager
def temporary_user(
    cognito: CognitoIdentityProviderClient,
    user_pool_id: str,
    client_id: str,
    *,
    groups: Sequence[str] = (),
    clock: Clock = time.time,
) -> Iterator[User]:
    """Create a user with a random, permanent password and a verified address that leads nowhere."""
    username = random_name("user")
    email = f"{username}@example.com"
    password = f"{secrets.token_urlsafe(24)}aA1-"
    cognito.admin_create_user(
        UserPoolId=user_pool_id,
        Username=username,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
    )
    try:
        cognito.admin_set_user_password(
            UserPoolId=user_pool_id, Username=username, Password=password, Permanent=True
        )
        for group in groups:
            cognito.admin_add_user_to_group(UserPoolId=user_pool_id, Username=username, GroupName=group)
        session = user_session(cognito, client_id, username, password, clock)
        yield User(user_pool_id, username, email, tuple(groups), session)
    finally:
        cognito.admin_delete_user(UserPoolId=user_pool_id, Username=username)


@contextlib.contextmanager
def temporary_group(cognito: CognitoIdentityProviderClient, user_pool_id: str, name: str) -> Iterator[str]:
    """Create an empty group and yield its name."""
    cognito.create_group(UserPoolId=user_pool_id, GroupName=name)
    try:
        yield name
    finally:
        cognito.delete_group(UserPoolId=user_pool_id, GroupName=name)


@contextlib.contextmanager
def temporary_pool(cognito: CognitoIdentityProviderClient) -> Iterator[str]:
    """Create another user pool in the same account and yield its id."""
    pool = cognito.create_user_pool(PoolName=random_name("pool"))["UserPool"]
    try:
        yield pool["Id"]
    finally:
        cognito.delete_user_pool(UserPoolId=pool["Id"])


def create_public_client(cognito: CognitoIdentityProviderClient, user_pool_id: str) -> str:
    """Create an app client without a secret, for signing in with a password, and return its id.

    It goes with its pool.
    """
    client = cognito.create_user_pool_client(
        UserPoolId=user_pool_id,
        ClientName=random_name("client"),
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    return client["ClientId"]
