"""A judgement says what was checked, and lets nothing become claims that was not."""

from __future__ import annotations

import asyncio

from local_stage.cognito.token_checks import CHECKS, CognitoEvidence
from local_stage.jwt.judgement import Check, Evidence, Judgement, judge
from local_stage.jwt.jwks import SignatureVerifier
from tests.judged_token import judge_token
from tests.manual_clock import NOW, ManualClock
from tests.tokens import TokenSigner

SIGNER = TokenSigner(clock=ManualClock())


def judge_without_keys(token: str) -> Judgement:
    evidence = CognitoEvidence(
        sent=[token],
        header_name="Authorization",
        wanted="ID token",
        key_sets=None,
        now=NOW,
        scopes=(),
        verifier=SignatureVerifier(),
        audience=None,
    )
    return asyncio.run(judge(CHECKS, evidence))


def test_without_keys_a_good_token_fails_no_check_and_has_no_claims() -> None:
    judgement = judge_without_keys(SIGNER.id_token())
    assert (judgement.failed, judgement.failure, judgement.claims) == (None, None, None)
    assert judgement.not_checked == ("issuer", "key", "signature")


def test_without_keys_a_later_check_still_fails() -> None:
    judgement = judge_without_keys(SIGNER.access_token())
    assert (judgement.failed, judgement.claims) == ("kind", None)
    assert judgement.not_checked == ("issuer", "key", "signature")
    assert judgement.passed == ("header", "form", "algorithm", "contents")
    assert judgement.not_reached == ("subject", "start", "client", "scopes", "expiry")


def test_checks_that_verify_no_signature_give_no_claims() -> None:
    evidence = Evidence([], "Authorization", "token", {}, NOW, (), SignatureVerifier())
    judgement = asyncio.run(judge([Check("nothing", lambda _: None)], evidence))
    assert (judgement.passed, judgement.claims) == (("nothing",), None)


def test_expiry_is_the_last_check_and_the_signature_comes_before_every_claim_that_decides() -> None:
    names = judge_token(SIGNER.id_token(), SIGNER).passed
    assert names[-1] == "expiry"
    assert names[: names.index("signature")] == ("header", "form", "algorithm", "contents", "issuer", "key")


def test_a_judgement_shows_no_part_of_the_token() -> None:
    token = SIGNER.id_token(email="taro@example.com")
    shown = repr(judge_token(token, SIGNER))
    assert [part for part in (*token.split("."), "taro") if part in shown] == []
