"""The suite's own callers renew their tokens in time, by a clock that a test can set."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.api.api_caller import ApiCaller
from tests.api.callers import find_machine
from tests.api.deployed_stack import DeployedStack
from tests.api.temporary import User, temporary_user
from tests.api.token_session import RENEWAL_MARGIN, TokenSession
from tests.manual_clock import ManualClock
from tests.tokens import decode_part


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(time.time())


@pytest.fixture
def user(stack: DeployedStack, clock: ManualClock) -> Iterator[User]:
    """A user whose session goes by the clock."""
    client_id = stack.password_client_id
    with temporary_user(stack.cognito, stack.user_pool_id, client_id, clock=clock) as user:
        yield user


@pytest.fixture
def machine(stack: DeployedStack, clock: ManualClock) -> TokenSession:
    """The machine, whose session goes by the clock."""
    return find_machine(stack, clock)


def lifetime(token: str) -> int:
    claims = decode_part(token, 1)
    seconds = claims["exp"] - claims["iat"]
    assert isinstance(seconds, int)
    return seconds


def test_a_persons_token_is_kept_while_it_is_good(user: User, clock: ManualClock) -> None:
    token = user.session.id_token
    clock.advance(lifetime(token) - RENEWAL_MARGIN - 1)
    assert user.session.id_token == token


def test_a_persons_tokens_are_renewed_before_they_expire(user: User, clock: ManualClock) -> None:
    old = user.session.tokens()
    clock.advance(lifetime(old.access) - RENEWAL_MARGIN)
    new = user.session.tokens()
    assert (new.id, new.access) != (old.id, old.access)
    assert decode_part(user.session.id_token, 1)["cognito:username"] == user.username


def test_a_persons_renewed_token_opens(api: ApiCaller, user: User, clock: ManualClock) -> None:
    clock.advance(lifetime(user.session.id_token))
    assert api.send("GET", "/hello", user.session.id_token).json()["username"] == user.username


def test_a_persons_tokens_are_renewed_more_than_once(user: User, clock: ManualClock) -> None:
    tokens = set()
    for _ in range(3):
        tokens.add(user.session.id_token)
        clock.advance(lifetime(user.session.id_token))
    assert len(tokens) == 3


def test_a_machines_token_is_kept_while_it_is_good(machine: TokenSession, clock: ManualClock) -> None:
    token = machine.access_token
    clock.advance(lifetime(token) - RENEWAL_MARGIN - 1)
    assert machine.access_token == token


def test_a_machines_renewed_token_opens(api: ApiCaller, machine: TokenSession, clock: ManualClock) -> None:
    old = machine.access_token
    clock.advance(lifetime(old) - RENEWAL_MARGIN)
    assert machine.access_token != old
    assert api.send("GET", "/machine/hello", machine.access_token).status_code == 200
