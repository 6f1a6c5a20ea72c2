"""What is made of a good token is kept; whether it still is good is judged at each request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.cognito.token_checks import CHECKS, CognitoEvidence
from local_stage.cognito.user_pool import UserPool
from local_stage.jwt.judgement import judge
from local_stage.jwt.jwks import SignatureVerifier
from local_stage.jwt.passed_tokens import PassedTokens
from tests.key_server import KeyServer
from tests.manual_clock import ManualClock
from tests.tokens import LIFETIME, POOL_ARN, SUB, TokenSigner, make_rsa_key

CLOCK = ManualClock()
SIGNER = TokenSigner(clock=CLOCK)
ATTACKER = TokenSigner(clock=CLOCK, key=make_rsa_key("attacker"))


def build_authorizer(clock: ManualClock) -> CognitoAuthorizer:
    pool = UserPool.on_aws(POOL_ARN, KeyServer(SIGNER.jwks()), clock)
    return CognitoAuthorizer(CognitoAuthorizerSettings("PoolAuthorizer", (POOL_ARN,)), [pool], clock)


def ask(token: str, scopes: Sequence[str] = ()) -> AuthorizationRequest:
    return AuthorizationRequest(HttpRequest("GET", "/dev/hello", headers=(("Authorization", token),)), scopes)


def find_caller(authorizer: CognitoAuthorizer, token: str, scopes: Sequence[str] = ()) -> str:
    return asyncio.run(authorizer.authorize(ask(token, scopes))).principal_id


def build_evidence(token: str) -> CognitoEvidence:
    """Return what is left of the checks that a token has passed."""
    keys = UserPool.on_aws(POOL_ARN, KeyServer(SIGNER.jwks()), ManualClock()).keys
    evidence = CognitoEvidence(
        sent=[token],
        header_name="Authorization",
        wanted="ID token",
        key_sets={SIGNER.issuer: keys},
        now=ManualClock().now,
        scopes=(),
        verifier=SignatureVerifier(),
        audience=None,
    )
    assert asyncio.run(judge(CHECKS, evidence)).claims is not None
    return evidence


def test_a_token_has_the_same_claims_each_time_and_another_its_own() -> None:
    authorizer = build_authorizer(ManualClock())
    first, second = SIGNER.id_token(), SIGNER.id_token(sub="somebody-else")
    for _ in range(2):
        assert find_caller(authorizer, first) == SUB
        assert find_caller(authorizer, second) == "somebody-else"


def test_a_known_token_is_refused_once_it_has_expired() -> None:
    clock = ManualClock()
    authorizer, token = build_authorizer(clock), SIGNER.id_token()
    assert find_caller(authorizer, token) == SUB
    clock.advance(LIFETIME)
    with pytest.raises(GatewayError, match="token expired"):
        find_caller(authorizer, token)


def test_a_known_token_is_refused_where_another_kind_is_asked_for() -> None:
    authorizer, token = build_authorizer(ManualClock()), SIGNER.id_token()
    assert find_caller(authorizer, token) == SUB
    with pytest.raises(GatewayError, match="ID token on a method with scopes"):
        find_caller(authorizer, token, ("hello/read",))


def test_another_signature_under_the_text_of_a_known_token_is_refused() -> None:
    authorizer, token = build_authorizer(ManualClock()), SIGNER.id_token()
    assert find_caller(authorizer, token) == SUB
    forged = f"{token.rpartition('.')[0]}.{ATTACKER.id_token().rpartition('.')[2]}"
    for _ in range(2):
        with pytest.raises(GatewayError, match="signature does not fit"):
            find_caller(authorizer, forged)


def test_a_forged_token_is_never_known() -> None:
    authorizer, forged = build_authorizer(ManualClock()), ATTACKER.id_token()
    for _ in range(2):
        with pytest.raises(GatewayError, match="signature does not fit"):
            find_caller(authorizer, forged)
    token = SIGNER.id_token()
    first, second = (asyncio.run(authorizer.authorize(ask(token))) for _ in range(2))
    assert first is second


@pytest.mark.parametrize(
    ("jwks", "reason"),
    [
        (TokenSigner(clock=CLOCK, key=make_rsa_key("attacker")).jwks(), "signature does not fit"),
        (TokenSigner(clock=CLOCK, kid="another").jwks(), "no key with kid"),
    ],
    ids=["another key of the same name", "no key of this name"],
)
def test_a_known_token_is_refused_once_its_issuer_has_other_keys(jwks: bytes, reason: str) -> None:
    server, clock = KeyServer(SIGNER.jwks()), ManualClock()
    pool = UserPool.on_aws(POOL_ARN, server, clock)
    authorizer = CognitoAuthorizer(CognitoAuthorizerSettings("PoolAuthorizer", (POOL_ARN,)), [pool], clock)
    token = SIGNER.id_token()
    assert [find_caller(authorizer, token) for _ in range(2)] == [SUB, SUB]
    server.answer = jwks
    asyncio.run(pool.keys.refresh())
    with pytest.raises(GatewayError, match=reason):
        find_caller(authorizer, token)
    server.answer = SIGNER.jwks()
    asyncio.run(pool.keys.refresh())
    assert [find_caller(authorizer, token) for _ in range(2)] == [SUB, SUB]


def test_a_known_token_is_refused_beside_another_one() -> None:
    authorizer, token = build_authorizer(ManualClock()), SIGNER.id_token()
    assert find_caller(authorizer, token) == SUB
    twice = HttpRequest("GET", "/dev/hello", headers=(("Authorization", token), ("authorization", token)))
    with pytest.raises(GatewayError, match="2 Authorization headers"):
        asyncio.run(authorizer.authorize(AuthorizationRequest(twice)))


def test_what_was_made_of_a_token_is_forgotten_beyond_the_limit() -> None:
    passed: PassedTokens[str] = PassedTokens(ManualClock(), limit=1)
    first, second = SIGNER.id_token(), SIGNER.id_token()
    for token in (first, second):
        passed.add(build_evidence(token), token)
    assert asyncio.run(passed.find([first], ())) is None
    assert asyncio.run(passed.find([second], ("hello/read",))) is None
    assert asyncio.run(passed.find([second], ())) == second


def test_beyond_the_limit_the_token_that_was_needed_longest_ago_is_forgotten() -> None:
    passed: PassedTokens[str] = PassedTokens(ManualClock(), limit=2)
    first, second, third = tokens = [SIGNER.id_token() for _ in range(3)]
    for token in (first, second):
        passed.add(build_evidence(token), token)
    assert asyncio.run(passed.find([first], ())) == first
    passed.add(build_evidence(third), third)
    assert [asyncio.run(passed.find([token], ())) for token in tokens] == [first, None, third]
