"""Each broken token has one thing wrong with it, and is refused for it."""

from __future__ import annotations

import pytest

from local_stage.cognito.broken_token import Defect, break_token
from local_stage.jwt.judgement import FailureKind
from tests.judged_token import claims_of, failing, judge_token
from tests.tokens import TokenSigner, decode_part

NOW = 1_795_392_000
SIGNER = TokenSigner(clock=lambda: NOW)


def broken(defect: Defect, now: float = NOW) -> str:
    return break_token(SIGNER.id_token(), defect, now=now, key=SIGNER.key if defect.needs_key else None)


def verify(token: str) -> None:
    claims_of(judge_token(token, SIGNER, now=NOW))


def test_the_token_that_it_is_made_of_is_good() -> None:
    verify(SIGNER.id_token())


@pytest.mark.parametrize(
    ("defect", "kind"),
    [
        (Defect.EXPIRED, FailureKind.EXPIRED),
        (Defect.NOT_YET_VALID, FailureKind.NOT_YET_VALID),
        (Defect.TAMPERED, FailureKind.INVALID_SIGNATURE),
        (Defect.UNSIGNED, FailureKind.UNSUPPORTED_HEADER),
    ],
)
def test_it_is_refused_for_its_defect(defect: Defect, kind: FailureKind) -> None:
    with failing(kind):
        verify(broken(defect))


def test_another_pools_token_names_another_issuer_of_the_same_region() -> None:
    claims = decode_part(broken(Defect.OTHER_POOL), 1)
    assert claims["iss"] == f"{SIGNER.issuer.rpartition('_')[0]}_OtherPool"


def test_another_pools_token_is_signed_by_another_key() -> None:
    token = broken(Defect.OTHER_POOL)
    pool = TokenSigner(decode_part(token, 1)["iss"], SIGNER.kid, clock=SIGNER.clock)
    with failing(FailureKind.INVALID_SIGNATURE):
        claims_of(judge_token(token, pool, now=NOW))


def test_an_expired_token_was_good_for_as_long_as_its_original() -> None:
    claims = decode_part(broken(Defect.EXPIRED), 1)
    assert (claims["iat"], claims["exp"]) == (NOW - 7200, NOW - 3600)


def test_an_unsigned_token_has_no_signature_at_all() -> None:
    token = broken(Defect.UNSIGNED)
    assert token.endswith(".")
    assert decode_part(token, 0)["alg"] == "none"


@pytest.mark.parametrize("defect", [Defect.EXPIRED, Defect.NOT_YET_VALID])
def test_without_the_pools_key_there_is_none(defect: Defect) -> None:
    with pytest.raises(ValueError, match="only the pool's own key can sign it"):
        break_token(SIGNER.id_token(), defect, now=NOW)
