"""A user is found by the `sub`, whatever name is given beside it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from local_stage.cloudformation.pool_front.accounts import RefusalError
from local_stage.cloudformation.pool_front.exchange import Reply, read_body, send_reply
from local_stage.cloudformation.pool_front.local_pools import LocalPools

USERS = {"ann": "sub-of-ann", "ben": "sub-of-ben", "sub-of-ann": "sub-of-eve"}
"""Eve calls herself by Ann's `sub`."""


class Pool:
    """A pool that counts how often all of its users are looked at."""

    def __init__(self) -> None:
        self.lists = 0
        self.pools = LocalPools(self._answer, self._answer, "eu-west-1")

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        asked = json.loads(await read_body(receive))
        described = {
            name: {"Username": name, "Attributes": [{"Name": "sub", "Value": sub}]}
            for name, sub in USERS.items()
        }
        if dict(scope["headers"])[b"x-amz-target"].endswith(b"ListUsers"):
            self.lists += 1
            await send_reply(Reply.of({"Users": [*described.values()]}), send)
        elif asked["Username"] in described:
            await send_reply(Reply.of(described[asked["Username"]]), send)
        else:
            await send_reply(Reply.of_refusal(RefusalError("UserNotFoundException", "nobody")), send)


@pytest.mark.parametrize(
    ("name", "lists"), [("ann", 0), ("", 1), ("ben", 1), ("sub-of-ann", 1), ("nobody", 1)]
)
def test_the_sub_decides_and_a_right_name_spares_a_look_at_all_users(name: str, lists: int) -> None:
    pool = Pool()
    found = asyncio.run(pool.pools.find_user_by_sub("eu-west-1_a", "sub-of-ann", name))
    assert found is not None
    assert (found.name, found.sub, pool.lists) == ("ann", "sub-of-ann", lists)


def test_nobody_has_an_unknown_sub_whatever_the_name() -> None:
    assert asyncio.run(Pool().pools.find_user_by_sub("eu-west-1_a", "another", "ann")) is None
