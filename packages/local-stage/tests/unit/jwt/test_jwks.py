"""A key set finds known keys at once, learns new ones at a limited rate, and loses none to a failed fetch."""

from __future__ import annotations

import asyncio
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from local_stage.jwt.jwks import (
    MAX_AGE,
    MAX_DOCUMENT_SIZE,
    MIN_FETCH_INTERVAL,
    JsonWebKeySet,
    KeysUnavailableError,
)
from tests.key_server import KeyServer
from tests.manual_clock import ManualClock
from tests.tokens import TokenSigner, make_rsa_key

URL = "https://pool.example/.well-known/jwks.json"
ID_SIGNER = TokenSigner(kid="id-key/1+A=")
ACCESS_SIGNER = TokenSigner(kid="access-key/1+A=")
NEW_SIGNER = TokenSigner(kid="new-key/1+A=")
BOTH = ID_SIGNER.jwks(ACCESS_SIGNER)

FAILURES: dict[str, bytes | Exception] = {
    "unreachable": ConnectionRefusedError("refused"),
    "timed out": TimeoutError(),
    "a bug in the fetcher": KeyError("x"),
    "garbage": b"<html>502 Bad Gateway</html>",
    "empty": b"",
    "no keys": b'{"keys": []}',
    "another document": b'{"message": "not found"}',
    "too large": b" " * (MAX_DOCUMENT_SIZE + 1),
}


class Bench:
    """A key set, the server behind it and the clock that both go by."""

    def __init__(self, answer: bytes | Exception = BOTH, *, timeout: float = 5.0) -> None:
        self.clock = ManualClock()
        self.server = KeyServer(answer)
        self.keys = JsonWebKeySet(URL, self.server, self.clock, timeout=timeout)

    @property
    def fetches(self) -> int:
        return len(self.server.urls)

    def find(self, kid: str) -> RSAPublicKey | None:
        return asyncio.run(self.keys.find_key(kid))

    def finds(self, signer: TokenSigner) -> bool:
        return self.find(signer.kid) == signer.public_key


class TestFinding:
    def test_the_first_key_asked_for_is_fetched_and_found(self) -> None:
        bench = Bench()
        assert bench.finds(ID_SIGNER)
        assert bench.server.urls == [URL]

    @pytest.mark.rule("token.two-keys")
    def test_both_keys_of_a_pool_are_found_with_one_fetch(self) -> None:
        bench = Bench()
        assert bench.finds(ID_SIGNER)
        assert bench.finds(ACCESS_SIGNER)
        assert bench.fetches == 1

    def test_a_key_is_parsed_once(self) -> None:
        bench = Bench()
        assert bench.find(ID_SIGNER.kid) is bench.find(ID_SIGNER.kid)

    def test_a_key_that_the_pool_does_not_have_is_none(self) -> None:
        assert Bench().find("unknown") is None

    def test_a_refresh_at_the_start_leaves_nothing_to_fetch(self) -> None:
        bench = Bench()
        asyncio.run(bench.keys.refresh())
        assert bench.finds(ID_SIGNER)
        assert bench.fetches == 1


class TestRate:
    @pytest.mark.rule("authorizer.keys")
    def test_unknown_kids_fetch_once_in_the_interval(self) -> None:
        bench = Bench()
        assert [bench.find(f"unknown-{n}") for n in range(100)] == [None] * 100
        assert bench.fetches == 1

    def test_the_interval_ends_at_its_very_second(self) -> None:
        bench = Bench()
        bench.find("unknown")
        bench.clock.advance(MIN_FETCH_INTERVAL - 0.001)
        bench.find("unknown")
        assert bench.fetches == 1
        bench.clock.advance(0.001)
        bench.find("unknown")
        assert bench.fetches == 2

    def test_failed_fetches_are_limited_alike(self) -> None:
        bench = Bench(ConnectionRefusedError())
        for _ in range(10):
            with pytest.raises(KeysUnavailableError):
                bench.find("unknown")
        assert bench.fetches == 1

    def test_a_clock_that_was_set_back_does_not_hold_fetches_up(self) -> None:
        bench = Bench()
        bench.find("unknown")
        bench.clock.advance(-3600)
        bench.find("unknown")
        assert bench.fetches == 2

    def test_known_keys_are_not_fetched_again_while_they_are_young(self) -> None:
        bench = Bench()
        for _ in range(10):
            assert bench.finds(ID_SIGNER)
            bench.clock.advance(MAX_AGE / 20)
        assert bench.fetches == 1

    def test_nothing_is_kept_of_an_unknown_kid(self) -> None:
        bench = Bench()
        bench.find("unknown")
        before = json.dumps(vars(bench.keys), default=repr)
        for n in range(100):
            bench.find(f"unknown-{n}")
        assert json.dumps(vars(bench.keys), default=repr) == before

    def test_a_refresh_is_not_limited(self) -> None:
        bench = Bench()
        asyncio.run(bench.keys.refresh())
        asyncio.run(bench.keys.refresh())
        assert bench.fetches == 2


class TestConcurrency:
    def test_callers_at_the_same_time_share_one_fetch(self) -> None:
        async def find_all(bench: Bench) -> list[RSAPublicKey | None]:
            bench.server.hold()
            callers = [asyncio.create_task(bench.keys.find_key(ID_SIGNER.kid)) for _ in range(50)]
            await bench.server.asked.wait()
            bench.server.release()
            return await asyncio.gather(*callers)

        bench = Bench()
        assert asyncio.run(find_all(bench)) == [ID_SIGNER.public_key] * 50
        assert bench.fetches == 1

    def test_a_caller_who_goes_away_does_not_take_the_fetch_with_him(self) -> None:
        async def find_twice(bench: Bench) -> RSAPublicKey | None:
            bench.server.hold()
            first = asyncio.create_task(bench.keys.find_key(ID_SIGNER.kid))
            await bench.server.asked.wait()
            second = asyncio.create_task(bench.keys.find_key(ID_SIGNER.kid))
            first.cancel()
            await asyncio.wait([first])
            bench.server.release()
            return await second

        bench = Bench()
        assert asyncio.run(find_twice(bench)) == ID_SIGNER.public_key
        assert bench.fetches == 1

    def test_a_known_key_is_found_while_a_fetch_hangs(self) -> None:
        async def find_during_fetch(bench: Bench) -> RSAPublicKey | None:
            await bench.keys.refresh()
            bench.clock.advance(MIN_FETCH_INTERVAL)
            bench.server.asked.clear()
            bench.server.hold()
            waiting = asyncio.create_task(bench.keys.find_key("unknown"))
            await bench.server.asked.wait()
            found = await bench.keys.find_key(ID_SIGNER.kid)
            assert not waiting.done()
            waiting.cancel()
            return found

        assert asyncio.run(find_during_fetch(Bench())) == ID_SIGNER.public_key


class TestFailures:
    @pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
    def test_known_keys_survive_a_failed_fetch(self, failure: bytes | Exception) -> None:
        bench = Bench()
        assert bench.finds(ID_SIGNER)
        bench.server.answer = failure
        bench.clock.advance(MIN_FETCH_INTERVAL)
        assert bench.find("unknown") is None
        assert bench.fetches == 2
        assert bench.finds(ID_SIGNER)
        assert bench.finds(ACCESS_SIGNER)

    @pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
    def test_without_any_key_ever_the_failure_has_a_name(self, failure: bytes | Exception) -> None:
        with pytest.raises(KeysUnavailableError, match=f"no key could be fetched from {URL}"):
            Bench(failure).find(ID_SIGNER.kid)

    def test_a_refresh_without_any_key_says_so(self) -> None:
        with pytest.raises(KeysUnavailableError, match="ConnectionRefusedError: 'refused'"):
            asyncio.run(Bench(ConnectionRefusedError("refused")).keys.refresh())

    def test_a_refresh_that_fails_later_leaves_the_keys(self) -> None:
        bench = Bench()
        asyncio.run(bench.keys.refresh())
        bench.server.answer = ConnectionRefusedError("refused")
        asyncio.run(bench.keys.refresh())
        assert bench.finds(ID_SIGNER)

    def test_a_fetch_that_hangs_is_given_up(self) -> None:
        bench = Bench(timeout=0.01)
        bench.server.hold()
        with pytest.raises(KeysUnavailableError, match="TimeoutError"):
            bench.find(ID_SIGNER.kid)

    def test_the_last_failure_is_told_until_a_fetch_succeeds(self) -> None:
        bench = Bench(ConnectionRefusedError("refused\nINFO forged line"))
        with pytest.raises(KeysUnavailableError):
            bench.find(ID_SIGNER.kid)
        assert bench.keys.failure == "ConnectionRefusedError: 'refused\\nINFO forged line'"
        bench.server.answer = BOTH
        bench.clock.advance(MIN_FETCH_INTERVAL)
        assert bench.finds(ID_SIGNER)
        assert bench.keys.failure is None


class TestRotation:
    def test_a_new_key_is_learned(self) -> None:
        bench = Bench()
        assert bench.finds(ID_SIGNER)
        bench.server.answer = ID_SIGNER.jwks(NEW_SIGNER)
        bench.clock.advance(MIN_FETCH_INTERVAL)
        assert bench.finds(NEW_SIGNER)

    def test_a_key_that_is_gone_from_the_document_is_forgotten(self) -> None:
        bench = Bench()
        assert bench.finds(ACCESS_SIGNER)
        bench.server.answer = ID_SIGNER.jwks(NEW_SIGNER)
        bench.clock.advance(MIN_FETCH_INTERVAL)
        assert bench.finds(NEW_SIGNER)
        assert bench.find(ACCESS_SIGNER.kid) is None

    def test_another_key_under_the_same_kid_takes_its_place(self) -> None:
        bench = Bench()
        assert bench.finds(ID_SIGNER)
        replaced = TokenSigner(kid=ID_SIGNER.kid, key=make_rsa_key("replaced"))
        bench.server.answer = replaced.jwks()
        asyncio.run(bench.keys.refresh())
        assert bench.finds(replaced)

    def test_a_withdrawn_key_is_forgotten_without_an_unknown_kid(self) -> None:
        """At `MAX_AGE` a known key still passes once more, while the fetch it causes goes on behind it."""

        async def find_later() -> list[RSAPublicKey | None]:
            bench = Bench()
            found = [await bench.keys.find_key(ACCESS_SIGNER.kid)]
            bench.server.answer = ID_SIGNER.jwks()
            bench.clock.advance(MAX_AGE)
            bench.server.asked.clear()
            found.append(await bench.keys.find_key(ACCESS_SIGNER.kid))
            await asyncio.wait_for(bench.server.asked.wait(), timeout=60)
            await bench.keys.refresh()  # joins the fetch under way
            return [*found, await bench.keys.find_key(ACCESS_SIGNER.kid)]

        assert asyncio.run(find_later()) == [ACCESS_SIGNER.public_key, ACCESS_SIGNER.public_key, None]

    def test_old_keys_stay_while_their_fetch_fails(self) -> None:
        async def find_later() -> RSAPublicKey | None:
            bench = Bench()
            await bench.keys.refresh()
            bench.server.answer = ConnectionRefusedError()
            for _ in range(3):
                bench.clock.advance(MAX_AGE)
                await bench.keys.find_key(ID_SIGNER.kid)
                await bench.keys.refresh()
            return await bench.keys.find_key(ID_SIGNER.kid)

        assert asyncio.run(find_later()) == ID_SIGNER.public_key
