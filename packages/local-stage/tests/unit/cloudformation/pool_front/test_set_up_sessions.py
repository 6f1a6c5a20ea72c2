"""A session in which a factor is set up ends when it would have ended, and replaces no factor."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.pool_front.accounts import AppClient, RefusalError, User
from local_stage.cloudformation.pool_front.authenticator_apps import AuthenticatorApps
from local_stage.cloudformation.pool_front.challenges import Sessions
from local_stage.cloudformation.pool_front.exchange import Call, Reply, Session, send_reply
from local_stage.cloudformation.pool_front.front_state import FrontState
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.second_factor import SETUP
from local_stage.cloudformation.pool_front.totp import STEP, make_code
from tests.manual_clock import ManualClock

CLIENT = AppClient({"Id": "pool"}, {"ClientId": "client", "AuthSessionValidity": 3})
USER = User("ann", "sub", "CONFIRMED", is_enabled=True)


async def go_on(_: Call) -> Reply:
    return Reply.of({})


class SetUp:
    """The front of a pool whose user sets a factor up."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.sessions = Sessions(self.clock)
        self.described: dict[str, Any] = {"UserStatus": "CONFIRMED", "Enabled": True}
        pools = LocalPools(self._list_users, self._list_users, "eu-west-1")
        self._apps = AuthenticatorApps(pools, self.sessions, FrontState(folder), self.clock)

    async def _list_users(self, _scope: Any, _receive: Any, send: Any) -> None:
        attributes = ([{"Name": "sub", "Value": sub}] for sub in ("sub", "other"))
        users = [{"Username": "ann", "Attributes": one, **self.described} for one in attributes]
        await send_reply(Reply.of({"Users": users}), send)

    def open(self) -> str:
        return self.sessions.open(Session(SETUP, CLIENT, USER))

    def call(self, operation: str, **parameters: str) -> dict[str, str]:
        reply = asyncio.run(self._apps(Call(operation, parameters), go_on))
        return reply.content

    def verify(self, associated: dict[str, str]) -> str:
        code = make_code(associated["SecretCode"], int(self.clock()) // STEP)
        return self.call("VerifySoftwareToken", Session=associated["Session"], UserCode=code)["Session"]


@pytest.fixture
def front(tmp_path: Path) -> SetUp:
    return SetUp(tmp_path)


def test_a_session_that_is_opened_again_ends_when_the_first_would_have(front: SetUp) -> None:
    session = front.open()
    for _ in range(2):
        front.clock.advance(80)
        session = front.call("AssociateSoftwareToken", Session=session)["Session"]
    front.clock.advance(20)
    with pytest.raises(RefusalError, match="session is expired"):
        front.call("AssociateSoftwareToken", Session=session)


def test_a_verified_session_ends_then_as_well(front: SetUp) -> None:
    session = front.call("AssociateSoftwareToken", Session=front.open())
    front.clock.advance(179)
    verified = front.verify(session)
    assert front.sessions.take(verified, SETUP).is_verified
    front.sessions.give_back(verified)
    front.clock.advance(1)
    with pytest.raises(RefusalError, match="session is expired"):
        front.sessions.take(verified, SETUP)


def test_no_session_replaces_a_factor_that_was_set_up_meanwhile(front: SetUp) -> None:
    unused, associated = front.open(), front.call("AssociateSoftwareToken", Session=front.open())
    verified = front.verify(front.call("AssociateSoftwareToken", Session=front.open()))
    for late in (unused, verified):
        with pytest.raises(RefusalError, match="Invalid session for the user"):
            front.call("AssociateSoftwareToken", Session=late)
    with pytest.raises(RefusalError, match="Invalid session for the user"):
        front.verify(associated)


@pytest.mark.parametrize(
    ("changed", "refused"),
    [({"Enabled": False}, "disabled"), ({"UserStatus": "RESET_REQUIRED"}, "Password reset required")],
)
def test_who_may_sign_in_no_more_sets_nothing_up(front: SetUp, changed: dict[str, Any], refused: str) -> None:
    associated = front.call("AssociateSoftwareToken", Session=front.open())
    before = front.described
    front.described = {**before, **changed}
    with pytest.raises(RefusalError, match=refused):
        front.verify(associated)
    front.described = before
    assert front.verify(front.call("AssociateSoftwareToken", Session=front.open()))


def test_another_user_sets_up_their_own(front: SetUp) -> None:
    front.verify(front.call("AssociateSoftwareToken", Session=front.open()))
    other = front.sessions.open(Session(SETUP, CLIENT, replace(USER, sub="other")))
    assert front.verify(front.call("AssociateSoftwareToken", Session=other))
