"""A code is good once, and only for what the pool then does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.pool_front.accounts import AppClient, RefusalError
from local_stage.cloudformation.pool_front.codes import Codes
from local_stage.cloudformation.pool_front.exchange import Call, Reply, send_reply
from local_stage.cloudformation.pool_front.front_state import FrontState
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.user_factors import UserFactors
from tests.manual_clock import ManualClock

CLIENT = AppClient({"Id": "pool"}, {"ClientId": "client"})
ATTRIBUTES = {"sub": "sub", "email": "ann@example.com", "email_verified": "true"}
ANN = {
    "Username": "ann",
    "UserStatus": "CONFIRMED",
    "UserAttributes": [{"Name": name, "Value": value} for name, value in ATTRIBUTES.items()],
}


async def pool_of_ann(_scope: Any, _receive: Any, send: Any) -> None:
    await send_reply(Reply.of(ANN), send)


class Forgotten:
    """A user who has forgotten a password, and has been sent a code."""

    def __init__(self, folder: Path) -> None:
        self.refused: RefusalError | None = None
        told: list[str] = []
        pools = LocalPools(pool_of_ann, pool_of_ann, "eu-west-1")
        self._codes = Codes(pools, UserFactors(pools, FrontState(folder)), ManualClock(), told.append)
        asyncio.run(self._codes(self._call("ForgotPassword"), self._accept))
        self._code = told[0].rpartition(" ")[2]

    async def confirm(self) -> str:
        """Return what the pool does with the code, or the kind of the front's refusal."""
        try:
            reply = await self._codes(
                self._call("ConfirmForgotPassword", ConfirmationCode=self._code), self._accept
            )
        except RefusalError as error:
            return error.kind
        return str(reply.status)

    def _call(self, operation: str, **parameters: str) -> Call:
        return Call(operation, {"Username": "ann", **parameters}, client=CLIENT, pool=CLIENT.pool)

    async def _accept(self, _: Call) -> Reply:
        await asyncio.sleep(0)  # the pool takes its time
        if self.refused is not None:
            raise self.refused
        return Reply.of({})


def test_a_code_that_is_sent_twice_at_once_is_good_once(tmp_path: Path) -> None:
    forgotten = Forgotten(tmp_path)

    async def confirm_twice() -> tuple[str, str]:
        first, second = await asyncio.gather(forgotten.confirm(), forgotten.confirm())
        return first, second

    assert asyncio.run(confirm_twice()) == ("200", "ExpiredCodeException")


@pytest.mark.parametrize("kind", ["InvalidPasswordException", "PasswordHistoryPolicyViolationException"])
def test_a_code_stays_good_where_the_new_password_is_refused(tmp_path: Path, kind: str) -> None:
    forgotten = Forgotten(tmp_path)
    forgotten.refused = RefusalError(kind, "not this one")
    assert asyncio.run(forgotten.confirm()) == kind
    forgotten.refused = None
    assert asyncio.run(forgotten.confirm()) == "200"
