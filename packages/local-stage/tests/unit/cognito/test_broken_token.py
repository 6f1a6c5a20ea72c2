"""Each broken token has one thing wrong with it, and is refused for it."""

from __future__ import annotations

import pytest

from local_stage.cognito.broken_token import Defect, break_token
from local_stage.cognito.cognito_token import parse_token, verify_token
from local_stage.jwt.token_error import (
    ExpiredTokenError,
    InvalidSignatureError,
    NotYetValidError,
    UnsupportedHeaderError,
)
from tests.tokens import TokenSigner, decode_part

NOW = 1_795_392_000
SIGNER = TokenSigner(clock=lambda: NOW)


def broken(defect: Defect, now: float = NOW) -> str:
    return break_token(SIGNER.id_token(), defect, now=now, key=SIGNER.key if defect.needs_key else None)


def verify(token: str) -> None:
    verify_token(parse_token(token), SIGNER.public_key, scopes=(), audience=None, now=NOW)


def test_the_token_that_it_is_made_of_is_good() -> None:
    verify(SIGNER.id_token())


@pytest.mark.parametrize(
    ("defect", "reason"),
    [
        (Defect.EXPIRED, ExpiredTokenError),
        (Defect.NOT_YET_VALID, NotYetValidError),
        (Defect.TAMPERED, InvalidSignatureError),
        (Defect.UNSIGNED, UnsupportedHeaderError),
    ],
)
def test_it_is_refused_for_its_defect(defect: Defect, reason: type[Exception]) -> None:
    with pytest.raises(reason):
        verify(broken(defect))


def test_another_pools_token_names_another_issuer_of_the_same_region() -> None:
    claims = decode_part(broken(Defect.OTHER_POOL), 1)
    assert claims["iss"] == f"{SIGNER.issuer.rpartition('_')[0]}_OtherPool"


def test_another_pools_token_is_signed_by_another_key() -> None:
    with pytest.raises(InvalidSignatureError):
        verify(broken(Defect.OTHER_POOL))


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
