"""A code by email at sign-in ends with its session, and is guessed at five times at most, at once or not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.pool_front.accounts import AppClient, RefusalError
from local_stage.cloudformation.pool_front.challenges import Challenges, Sessions
from local_stage.cloudformation.pool_front.exchange import Call, Reply, read_body, send_reply
from local_stage.cloudformation.pool_front.factor_codes import FactorCodes
from local_stage.cloudformation.pool_front.front_state import FrontState
from local_stage.cloudformation.pool_front.local_pools import LocalPools
from local_stage.cloudformation.pool_front.lock_out import Failures
from local_stage.cloudformation.pool_front.second_factor import SecondFactor
from local_stage.cloudformation.pool_front.sent_codes import FILE, SentCodes, find_code
from local_stage.cloudformation.pool_front.user_factors import UserFactors
from local_stage.cloudformation.pool_settings import EMAIL
from local_stage.jwt.jose import encode_part
from tests.manual_clock import ManualClock

CLIENT = AppClient({"Id": "pool", "MfaConfiguration": "ON"}, {"ClientId": "client", "AuthSessionValidity": 3})
ADDRESS = {"email": "ann@example.com"}
TOKENS = {"RefreshToken": f"{encode_part({})}.{encode_part({'sub': 'sub'})}.signature"}
WRONG, USED = "Invalid code or auth state for the user.", "session can only be used once"


class Pool:
    """A pool of one user, whose password is right."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.written: list[dict[str, Any]] = []
        self._told: list[str] = []
        self._address = dict(ADDRESS)
        pools = LocalPools(self._reply, self._reply, "eu-west-1")
        state, sessions = FrontState(folder), Sessions(self.clock)
        codes = FactorCodes(pools, state, Failures(self.clock), self.clock, self._told.append)
        self._challenges = Challenges(pools, sessions)
        self.sent_codes = folder / FILE
        sent = SentCodes(self.sent_codes)
        self._factor = SecondFactor(pools, sessions, UserFactors(pools, state), codes, sent)

    def sign_in(self) -> tuple[str, str]:
        """Return the session that asks for a code, and the code that the log tells."""
        content = asyncio.run(self._pass_on(Call("InitiateAuth", {}, client=CLIENT))).content
        assert (content["ChallengeName"], "AuthenticationResult" in content) == (EMAIL, False)
        return content["Session"], self._told[-1].rpartition(" ")[2]

    def answer(self, session: str, *codes: str) -> list[str]:
        """Return what comes of each code, all of them given at once: the refusal, or nothing."""

        async def give(code: str) -> str:
            responses = {"USERNAME": "ann", "EMAIL_OTP_CODE": code}
            asked = {"ChallengeName": EMAIL, "Session": session, "ChallengeResponses": responses}
            try:
                reply = await self._pass_on(Call("RespondToAuthChallenge", asked, client=CLIENT))
            except RefusalError as refusal:
                return refusal.message
            assert reply.content["AuthenticationResult"] == TOKENS
            return ""

        async def give_all() -> list[str]:
            return [*await asyncio.gather(*map(give, codes))]

        return asyncio.run(give_all())

    def move(self) -> None:
        """Give the user another address."""
        self._address = {"email": "other@example.com"}

    async def _pass_on(self, call: Call) -> Reply:
        async def prove(_: Call) -> Reply:
            return Reply.of({"AuthenticationResult": TOKENS})

        async def ask_for_factor(call: Call) -> Reply:
            return await self._factor(call, prove)

        return await self._challenges(call, ask_for_factor)

    async def _reply(self, scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0)  # the pool takes its time
        target = dict(scope["headers"])[b"x-amz-target"].decode().rpartition(".")[2]
        attributes = [
            {"Name": name, "Value": value} for name, value in {"sub": "sub", **self._address}.items()
        ]
        described = {"Username": "ann", "UserStatus": "CONFIRMED", "Enabled": True}
        if target == "AdminUpdateUserAttributes":
            self.written += json.loads(await read_body(receive))["UserAttributes"]
        replies: dict[str, Any] = {
            "AdminGetUser": {**described, "UserAttributes": attributes},
            "GetUserPoolMfaConfig": {"EmailMfaConfiguration": {"Message": "{####}"}},
            "ListUsers": {"Users": [{**described, "Attributes": attributes}]},
        }
        await send_reply(Reply.of(replies.get(target, {})), send)


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return Pool(tmp_path)


def others(code: str, count: int) -> list[str]:
    return [f"{(int(code) + step) % 1_000_000:06}" for step in range(1, count + 1)]


def test_a_code_is_good_until_its_session_ends(pool: Pool) -> None:
    session, code = pool.sign_in()
    pool.clock.advance(179)
    assert pool.answer(session, code) == [""]
    assert pool.written == [{"Name": "email_verified", "Value": "true"}]
    session, code = pool.sign_in()
    pool.clock.advance(180)
    assert pool.answer(session, code) == ["Invalid session for the user, session is expired."]


def test_the_code_of_a_session_is_known_to_the_folders_owner_alone(pool: Pool) -> None:
    session, code = pool.sign_in()
    assert find_code(pool.sent_codes, session) == code
    assert find_code(pool.sent_codes, "another") is None
    assert (session in pool.sent_codes.read_text(), pool.sent_codes.stat().st_mode & 0o077) == (False, 0)
    pool.sent_codes.write_text("[]")
    assert find_code(pool.sent_codes, session) is None


def test_of_answers_at_once_one_is_looked_at(pool: Pool) -> None:
    session, code = pool.sign_in()
    first, *later = pool.answer(session, code, code, *others(code, 3))
    assert first == ""
    assert all(USED in one for one in later)
    session, code = pool.sign_in()
    said = pool.answer(session, *others(code, 8), code)
    assert (said[0], all(USED in one for one in said[1:])) == (WRONG, True)


def test_a_session_ends_after_five_wrong_codes_and_its_user_waits(pool: Pool) -> None:
    session, code = pool.sign_in()
    for guess in others(code, 5):
        assert pool.answer(session, guess) == [WRONG]
    assert pool.answer(session, code) == ["Password attempts exceeded"]
    pool.clock.advance(1)
    assert pool.answer(session, code) == ["Invalid session for the user."]
    session, code = pool.sign_in()
    assert pool.answer(session, code) == [""]


@pytest.mark.parametrize("sent", ["", " ", "\ud800", "\N{FULLWIDTH DIGIT ONE}23456", "0", "None"])
def test_no_other_text_is_taken_for_a_code(pool: Pool, sent: str) -> None:
    session, code = pool.sign_in()
    (said,) = pool.answer(session, sent)
    assert said in {WRONG, "Missing required parameter EMAIL_OTP_CODE"}
    assert pool.answer(session, code + "\n") == [WRONG]
    assert pool.answer(session, code) == [""]


def test_a_code_is_good_for_the_address_that_it_went_to_alone(pool: Pool) -> None:
    session, code = pool.sign_in()
    pool.move()
    assert pool.answer(session, code) == ["Invalid session for the user."]
    assert pool.written == []
