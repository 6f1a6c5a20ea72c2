"""The hostile matrix over the wire, raw and behind Bearer, on methods without and with a scope."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.figures import FIGURES, TOKENS
from tests.forged_claims import FORGERIES, SCOPES
from tests.local.faults.key_server import LoopbackKeyServer, ok
from tests.local.hostile.attacked_api import TARGETS, AttackedApi, Kind

HEADER_LIMIT = 10_240
PREFIXES = ("", "Bearer ")

AHEAD = 2
"""Seconds by which a token's first one is ahead, at most."""
PAUSE = 0.05
"""Seconds between two requests with it."""


@pytest.mark.parametrize("prefix", PREFIXES, ids=["raw", "Bearer"])
@pytest.mark.parametrize("kind", TARGETS)
def test_the_token_that_all_forgeries_start_from_is_good(api: AttackedApi, kind: Kind, prefix: str) -> None:
    """Otherwise their refusal would show nothing."""
    answer = api.get(kind, prefix + api.good(kind))
    assert answer is not None
    assert answer.status == 200


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.usefixtures("nobody_calls")
def test_a_forgery_is_refused(api: AttackedApi, kind: Kind, subtests: pytest.Subtests) -> None:
    """Raw and behind Bearer."""
    for name, forge in FORGERIES.items():
        with subtests.test(name):
            assert_refused(api, kind, forge(api.forgers[kind]))


@pytest.mark.parametrize("name", SCOPES)
@pytest.mark.usefixtures("nobody_calls")
def test_a_trick_with_scopes_is_refused(api: AttackedApi, name: str) -> None:
    """Raw and behind Bearer."""
    assert_refused(api, "access", SCOPES[name](api.forgers["access"]))


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.usefixtures("nobody_calls")
def test_no_key_is_fetched_from_where_a_token_says(api: AttackedApi, kind: Kind) -> None:
    """A key server of the attacker's own would vouch for each of them, if it were asked."""
    forger = api.forgers[kind]
    with LoopbackKeyServer(ok(forger.attacker.jwks())).running() as server:
        url = f"{server.url}/jwks.json"
        headers = ({"jku": url}, {"x5u": url}, {"kid": url}, {"kid": forger.attacker.kid})
        issuers = (server.url, f"{server.url}/{api.stage.outputs['UserPoolId']}")
        tokens = [forger.by_attacker(**header) for header in headers]
        tokens += [forger.attacker.sign(forger.payload(iss=issuer)) for issuer in issuers]
        answers = [api.get(kind, token) for token in tokens]
        assert server.asked == 0
    assert [answer and answer.status for answer in answers] == [401] * len(tokens)


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.usefixtures("nobody_calls")
def test_a_token_has_expired_at_its_very_second(api: AttackedApi, kind: Kind) -> None:
    answer = api.get(kind, api.forgers[kind].good(exp=int(api.forgers[kind].signer.clock())))
    assert answer is not None
    assert (answer.status, answer.body) == (401, b'{"message":"The incoming token has expired"}')


@pytest.mark.parametrize("kind", TARGETS)
def test_a_token_is_good_from_its_very_first_second_on(api: AttackedApi, kind: Kind) -> None:
    """It is sent again and again; each answer is judged by when it was asked for and when it had come.

    Where a slow machine has its first answer too late to show anything, another token is tried.
    """
    first, answers = 0, [Timed(0, 0.0, 0.0)]
    while answers[0].came >= first:
        first = int(time.time()) + AHEAD
        answers = list(ask_until_let_in(api, kind, api.forgers[kind].good(nbf=first)))
    assert answers[0].status == 401
    assert all(answer.asked < first for answer in answers if answer.status == 401)
    assert all(answer.came >= first for answer in answers if answer.status == 200)
    assert {answer.status for answer in answers} == {200, 401}


class Timed(NamedTuple):
    """The status of an answer, and between which Unix seconds the request was judged."""

    status: int
    asked: float
    came: float


def ask_until_let_in(api: AttackedApi, kind: Kind, token: str) -> Iterator[Timed]:
    """Yield every answer up to the first that is no refusal, or until it should long have been one."""
    deadline = time.time() + 10 * AHEAD
    status = 401
    while status == 401 and time.time() < deadline:
        asked = time.time()
        answer = api.get(kind, token)
        assert answer is not None
        status = answer.status
        yield Timed(status, asked, time.time())
        time.sleep(PAUSE)


def assert_refused(api: AttackedApi, kind: Kind, token: str) -> None:
    for prefix in PREFIXES:
        FIGURES[TOKENS] += 1
        answer = api.get(kind, prefix + token)
        assert answer is not None
        assert (answer.status, answer.body) == expected_refusal(prefix + token)


def expected_refusal(authorization: str) -> tuple[int, bytes]:
    """Return 401, but for what is no header at all (RFC 9110, 5.5) and for what is too long to be read."""
    if any(character < " " or character == "\x7f" for character in authorization):
        return 400, b"Bad Request"
    if len(authorization) + len("127.0.0.1") > HEADER_LIMIT:
        return 431, b"HTTP header is larger than 10240 bytes."
    return 401, b'{"message":"Unauthorized"}'
