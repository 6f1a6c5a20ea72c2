"""Of a key set's document only RSA keys for RS256 signatures count; a document in doubt is refused whole."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.jwt.jwks import MAX_DOCUMENT_SIZE, MAX_KEYS, KeySetError, parse_key_set
from tests.tokens import ABSENT, TokenSigner, build_jwks, encode_number, make_rsa_key

SIGNER = TokenSigner(kid="id-key/1+A=")
NEW_SIGNER = TokenSigner(kid="new-key/1+A=")


@pytest.mark.parametrize(
    "members", [{}, {"use": ABSENT}, {"alg": ABSENT}, {"key_ops": ["verify"]}, {"x5t": "x"}]
)
def test_an_rsa_key_for_rs256_signatures_counts(members: dict[str, Any]) -> None:
    assert parse_key_set(build_jwks(SIGNER.jwk(**members))) == {SIGNER.kid: SIGNER.public_key}


@pytest.mark.parametrize(
    "members",
    [
        {"kty": "EC"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": ABSENT},
        {"use": "enc"},
        {"use": None},
        {"alg": "RS512"},
        {"alg": "PS256"},
        {"alg": "HS256"},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"kid": ABSENT},
        {"kid": ""},
        {"kid": ["id-key"]},
        {"n": ABSENT},
        {"n": 5},
        {"n": ""},
        {"n": "AQAB"},
        {"n": SIGNER.jwk()["n"] + "=="},
        {"n": encode_number(make_rsa_key("short", 1024).public_key().public_numbers().n)},
        {"n": encode_number((1 << 9000) + 1)},
        {"e": ABSENT},
        {"e": ""},
        {"e": "AQ"},
        {"e": "AQAA"},
    ],
)
def test_any_other_key_is_passed_over(members: dict[str, Any]) -> None:
    document = build_jwks(NEW_SIGNER.jwk(), SIGNER.jwk(**members))
    assert parse_key_set(document) == {NEW_SIGNER.kid: NEW_SIGNER.public_key}


@pytest.mark.parametrize("member", [None, 1, "key", [], {}])
def test_what_is_no_key_is_passed_over(member: Any) -> None:
    assert list(parse_key_set(build_jwks(member, SIGNER.jwk()))) == [SIGNER.kid]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (build_jwks(SIGNER.jwk(), SIGNER.jwk()), "the same kid twice"),
        (build_jwks(*[{}] * (MAX_KEYS + 1)), f"no list keys of at most {MAX_KEYS}"),
        (build_jwks(SIGNER.jwk(use="enc")), "no RSA key"),
        (b'{"keys": []}', "no RSA key"),
        (b'{"keys": {}}', "no list keys"),
        (b"{}", "no list keys"),
        (b"[]", "not an object"),
        (b"\xff", "no JSON"),
        (b"[" * MAX_DOCUMENT_SIZE, "no JSON"),
        (b" " * (MAX_DOCUMENT_SIZE + 1), "65537 bytes, more than 65536"),
    ],
)
def test_a_document_without_a_plain_answer_is_refused_whole(document: bytes, why: str) -> None:
    with pytest.raises(KeySetError, match=why):
        parse_key_set(document)
