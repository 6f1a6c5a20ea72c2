"""The key server fails while requests run: known keys pass on, unknown ones get 401, and never a 5xx."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import requests

from local_stage.errors import StartError
from local_stage.jwt.jwks import MIN_FETCH_INTERVAL
from tests.local.faults.key_server import LoopbackKeyServer, ok
from tests.local.faults.stage_with_key_server import ServedApi, stage_with_key_server
from tests.processes import wait_until
from tests.tokens import POOL_ARN, TokenSigner, build_jwks, make_rsa_key
from tests.traffic import FORGED, GOOD, NO_TOKEN, UNKNOWN, traffic

SIGNER = TokenSigner()
ROTATED = TokenSigner(kid="rotated-key/2+B=")
STRANGER = TokenSigner(kid="strangers-key/3+C=")
TRIES = 5
GARBAGE: Mapping[str, bytes] = {
    "nothing": b"",
    "no HTTP": b"\x16\x03\x01\x02\x00",
    "a header alone": b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n",
    "cut off": ok(SIGNER.jwks())[:-100],
    "an error": b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n",
    "not found": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "a redirect": b"HTTP/1.1 302 Found\r\nLocation: /keys\r\nContent-Length: 0\r\n\r\n",
    "an empty body": ok(b""),
    "a page": ok(b"<html>502 Bad Gateway</html>", b"Content-Type: text/html"),
    "no JSON": ok(b'{"keys": ['),
    "another document": ok(b'{"message": "hello"}'),
    "no keys": ok(b'{"keys": []}'),
    "a key twice": ok(build_jwks(SIGNER.jwk(), SIGNER.jwk())),
    "a key too short": ok(build_jwks(TokenSigner(key=make_rsa_key("short", 1024)).jwk())),
    "no RSA key": ok(b'{"keys": [{"kty": "EC", "kid": "strangers-key/3+C=", "use": "sig"}]}'),
    "two megabytes": ok(b" " * 2_000_000),
    "nested too deep": ok(b"[" * 50_000),
}


@pytest.fixture(scope="module")
def garbage() -> Mapping[str, bytes]:
    """All that is no key set. To pack the megabytes takes longer than to import this module."""
    packed = gzip.compress(bytes(100_000_000), compresslevel=1)
    return {**GARBAGE, "a hundred packed megabytes": ok(packed, b"Content-Encoding: gzip")}


@pytest.fixture
def server() -> Iterator[LoopbackKeyServer]:
    with LoopbackKeyServer(ok(SIGNER.jwks())).running() as server:
        yield server


@pytest.fixture
def api(server: LoopbackKeyServer) -> Iterator[ServedApi]:
    with stage_with_key_server(server.url) as api:
        yield api


def test_while_the_key_server_is_unreachable_known_keys_pass_and_unknown_ones_get_401(
    server: LoopbackKeyServer, api: ServedApi
) -> None:
    with traffic(api.url, SIGNER, fault="no key server") as flow:
        server.close()
        for _ in range(3):
            api.clock.advance(MIN_FETCH_INTERVAL)
            assert api.ask(STRANGER.id_token()).status_code == 401
            flow.wait_for_good(20)
    assert flow.report.is_right()


def test_a_rotated_key_is_accepted_after_the_key_server_is_back(
    server: LoopbackKeyServer, api: ServedApi
) -> None:
    with traffic(api.url, SIGNER, fault="keys rotated") as flow:
        server.close()
        api.clock.advance(MIN_FETCH_INTERVAL)
        assert api.ask(ROTATED.id_token()).status_code == 401
        server.answer = ok(SIGNER.jwks(ROTATED))
        server.open()
        assert api.ask(ROTATED.id_token()).status_code == 401  # nobody is asked again within the interval
        api.clock.advance(MIN_FETCH_INTERVAL)
        assert api.ask(ROTATED.id_token()).status_code == 200
        flow.wait_for_good(20)
    assert flow.report.is_right()


def test_a_withdrawn_key_is_refused_from_the_next_fetch_on(server: LoopbackKeyServer, api: ServedApi) -> None:
    mix = (GOOD, FORGED, NO_TOKEN, UNKNOWN)  # an expired token is called expired while its key is known
    with traffic(api.url, SIGNER, mix=mix, fault="keys withdrawn") as flow:
        flow.wait_for_good(20)
        server.answer = ok(ROTATED.jwks())
        api.clock.advance(MIN_FETCH_INTERVAL)
        assert api.ask(ROTATED.id_token()).status_code == 200
        flow.wait_for(GOOD, 20, status=401)
        assert api.ask(SIGNER.id_token()).status_code == 401
    assert flow.report.statuses(*mix) == {200, 401, 403}
    assert not flow.report.errors


def ask_and_be_held(
    server: LoopbackKeyServer, api: ServedApi, background: ThreadPoolExecutor
) -> Future[requests.Response]:
    """Send a token with an unknown key, and return when the key server was asked for it."""
    server.hold()
    asked = server.asked
    api.clock.advance(MIN_FETCH_INTERVAL)
    waiting = background.submit(api.ask, ROTATED.id_token())
    wait_until(lambda: server.asked > asked)
    return waiting


def test_a_slow_key_server_holds_up_nobody_whose_key_is_known(
    server: LoopbackKeyServer, api: ServedApi
) -> None:
    """The caller with an unknown key waits for its answer; a hundred others have theirs meanwhile.

    A machine too slow for a hundred before the fetch is given up has another try.
    """
    with traffic(api.url, SIGNER, fault="slow key server") as flow, ThreadPoolExecutor(1) as background:
        waiting = ask_and_be_held(server, api, background)
        flow.wait_for_good(100)
        for _ in range(TRIES):
            if waiting.done():
                server.release()
                waiting = ask_and_be_held(server, api, background)
                flow.wait_for_good(100)
        assert not waiting.done()
        server.answer = ok(SIGNER.jwks(ROTATED))
        server.release()
        assert waiting.result().status_code == 200
    assert flow.report.is_right()


def test_a_key_server_that_never_answers_is_given_up(server: LoopbackKeyServer, api: ServedApi) -> None:
    with traffic(api.url, SIGNER, fault="key server that hangs") as flow:
        server.hold()
        api.clock.advance(MIN_FETCH_INTERVAL)
        assert api.ask(STRANGER.id_token()).status_code == 401
        flow.wait_for_good(20)
    assert flow.report.is_right()


def test_garbage_does_not_take_the_place_of_good_keys(
    server: LoopbackKeyServer, api: ServedApi, garbage: Mapping[str, bytes]
) -> None:
    with traffic(api.url, SIGNER, fault="garbage for keys") as flow:
        for name, answer in garbage.items():
            server.answer = answer
            asked = server.asked
            api.clock.advance(MIN_FETCH_INTERVAL)
            assert api.ask(STRANGER.id_token()).status_code == 401, name
            assert server.asked > asked, name
            assert api.ask(SIGNER.id_token()).status_code == 200, name
        flow.wait_for_good(20)
    assert flow.report.is_right()


def test_any_number_of_unknown_keys_cause_one_fetch(server: LoopbackKeyServer, api: ServedApi) -> None:
    asked = server.asked
    api.clock.advance(MIN_FETCH_INTERVAL)
    with ThreadPoolExecutor(8) as callers:
        tokens = [STRANGER.sign({"iss": SIGNER.issuer}, kid=f"unknown-{number}") for number in range(100)]
        statuses = {answer.status_code for answer in callers.map(api.ask, tokens)}
    assert (statuses, server.asked - asked) == ({401}, 1)


def test_without_any_key_the_stage_does_not_start(
    server: LoopbackKeyServer, garbage: Mapping[str, bytes]
) -> None:
    for answer in garbage.values():
        server.answer = answer
        with pytest.raises(StartError, match=f"the user pool {POOL_ARN}: no key could be fetched"):
            stage_with_key_server(server.url).__enter__()
    server.close()
    with pytest.raises(StartError, match="no key could be fetched"):
        stage_with_key_server(server.url).__enter__()
