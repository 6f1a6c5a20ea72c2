"""A signature that was good once is good again: that signature, over that text, by that key, and no other."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.cognito.user_pool import UserPool
from local_stage.jwt.judgement import FailureKind, UnverifiedToken
from local_stage.jwt.jwks import SignatureVerifier, VerifyingKey
from tests.judged_token import claims_of, failing, judge_token, parse
from tests.key_server import KeyServer
from tests.manual_clock import NOW, ManualClock
from tests.tokens import LIFETIME, POOL_ARN, SUB, TokenSigner, make_rsa_key

SIGNER = TokenSigner(clock=ManualClock())
ATTACKER = TokenSigner(clock=ManualClock(), key=make_rsa_key("attacker"))


def parse_token(token: str) -> UnverifiedToken:
    return parse(token, SIGNER)


class CountingKey:
    """A real key; `verified` counts what it was asked to verify."""

    def __init__(self, key: RSAPublicKey) -> None:
        self.verified = 0
        self._key = key

    def verify(self, signature: bytes, data: bytes, padding: PKCS1v15, algorithm: SHA256, /) -> None:
        self.verified += 1
        self._key.verify(signature, data, padding, algorithm)


def verify(verifier: SignatureVerifier, token: UnverifiedToken, key: VerifyingKey) -> None:
    verifier.verify(key, token.signature, token.signing_input)


def test_a_good_signature_is_verified_once() -> None:
    verifier, key, token = SignatureVerifier(), CountingKey(SIGNER.public_key), parse_token(SIGNER.id_token())
    for _ in range(3):
        verify(verifier, token, key)
    assert key.verified == 1


def test_a_bad_signature_is_verified_and_bad_each_time() -> None:
    verifier, key = SignatureVerifier(), CountingKey(SIGNER.public_key)
    token = parse_token(ATTACKER.id_token())
    for _ in range(3):
        with pytest.raises(InvalidSignature):
            verify(verifier, token, key)
    assert key.verified == 3


def test_a_key_that_was_fetched_anew_verifies_anew() -> None:
    verifier, token = SignatureVerifier(), parse_token(SIGNER.id_token())
    keys = CountingKey(SIGNER.public_key), CountingKey(SIGNER.public_key)
    for key in keys:
        verify(verifier, token, key)
    assert [key.verified for key in keys] == [1, 1]


def test_a_token_that_is_refused_does_not_become_good_when_another_was() -> None:
    verifier, key = SignatureVerifier(), SIGNER.public_key
    verify(verifier, parse_token(SIGNER.id_token()), key)
    with pytest.raises(InvalidSignature):
        verify(verifier, parse_token(ATTACKER.id_token()), key)


def test_a_remembered_signature_opens_no_other_text() -> None:
    verifier, key, token = SignatureVerifier(), SIGNER.public_key, parse_token(SIGNER.id_token())
    verify(verifier, token, key)
    header, payload = token.signing_input.split(b".")
    other = parse_token(SIGNER.id_token(sub="somebody-else")).signing_input
    for text in (other, header, payload, token.signing_input + b"A", token.signing_input[:-1], b""):
        with pytest.raises(InvalidSignature):
            verifier.verify(key, token.signature, text)


def test_a_remembered_text_takes_no_other_signature() -> None:
    verifier, key, token = SignatureVerifier(), SIGNER.public_key, parse_token(SIGNER.id_token())
    verify(verifier, token, key)
    flipped = bytes([token.signature[0] ^ 1]) + token.signature[1:]
    for signature in (flipped, token.signature[:-1], token.signature + b"\0", b"\0" + token.signature, b""):
        with pytest.raises(InvalidSignature):
            verifier.verify(key, signature, token.signing_input)


def test_bytes_that_move_from_the_text_to_the_signature_are_another_token() -> None:
    verifier, key, token = SignatureVerifier(), SIGNER.public_key, parse_token(SIGNER.id_token())
    verify(verifier, token, key)
    both = token.signature + token.signing_input
    for length in (len(token.signature) - 1, len(token.signature) + 1):
        with pytest.raises(InvalidSignature):
            verifier.verify(key, both[:length], both[length:])


def test_a_signature_of_another_key_is_not_good_for_this_one() -> None:
    verifier, token = SignatureVerifier(), parse_token(ATTACKER.id_token())
    verify(verifier, token, ATTACKER.public_key)
    with pytest.raises(InvalidSignature):
        verify(verifier, token, SIGNER.public_key)


def test_beyond_the_limit_the_signature_that_was_needed_longest_ago_is_forgotten() -> None:
    verifier, key = SignatureVerifier(limit=2), CountingKey(SIGNER.public_key)
    first, second, third = (parse_token(SIGNER.id_token()) for _ in range(3))
    for token in (first, second, first, third):
        verify(verifier, token, key)
    assert key.verified == 3
    verify(verifier, first, key)
    assert key.verified == 3
    verify(verifier, second, key)
    assert key.verified == 4


def test_forged_tokens_drive_nobody_out() -> None:
    verifier, key = SignatureVerifier(limit=1), CountingKey(SIGNER.public_key)
    token = parse_token(SIGNER.id_token())
    verify(verifier, token, key)
    for _ in range(3):
        with pytest.raises(InvalidSignature):
            verify(verifier, parse_token(ATTACKER.id_token()), key)
    before = key.verified
    verify(verifier, token, key)
    assert key.verified == before


def test_expiry_is_judged_anew_for_a_remembered_signature() -> None:
    verifier, token = SignatureVerifier(), SIGNER.id_token()
    claims_of(judge_token(token, SIGNER, verifier=verifier))
    with failing(FailureKind.EXPIRED):
        claims_of(judge_token(token, SIGNER, now=NOW + LIFETIME, verifier=verifier))


def test_the_kind_of_token_is_judged_anew_for_a_remembered_signature() -> None:
    verifier, token = SignatureVerifier(), SIGNER.id_token()
    claims_of(judge_token(token, SIGNER, verifier=verifier))
    with failing(FailureKind.WRONG_KIND):
        claims_of(judge_token(token, SIGNER, ("hello/read",), verifier=verifier))


def test_a_token_is_refused_when_its_key_is_withdrawn() -> None:
    """The pool's next key set has another key under the same `kid`: the token was good a moment before."""
    key_server, clock = KeyServer(SIGNER.jwks()), ManualClock()
    pool = UserPool.on_aws(POOL_ARN, key_server, clock)
    authorizer = CognitoAuthorizer(CognitoAuthorizerSettings("PoolAuthorizer", (POOL_ARN,)), [pool], clock)
    request = HttpRequest("GET", "/dev/hello", headers=(("Authorization", SIGNER.id_token()),))
    asked = AuthorizationRequest(request)

    async def call_before_and_after() -> None:
        assert (await authorizer.authorize(asked)).principal_id == SUB
        key_server.answer = ATTACKER.jwks()
        await pool.keys.refresh()
        with pytest.raises(GatewayError, match="signature does not fit"):
            await authorizer.authorize(asked)

    asyncio.run(call_before_and_after())
