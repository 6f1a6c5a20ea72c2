"""NIST's own RSA signatures, good and bad: of all of them only the good ones over SHA-256 are a pool's.

FIPS 186-3, SigVer PKCS#1 v1.5 (CAVS 11.0), as the package cryptography-vectors brings them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from local_stage.jwt.checks import check_signature
from local_stage.jwt.judgement import Evidence, UnverifiedToken
from local_stage.jwt.jwks import KeySetError, SignatureVerifier, parse_key_set
from tests.figures import FIGURES, SIGNATURES
from tests.stage_process import REPOSITORY
from tests.tokens import build_jwks, encode_number

PACKAGES = REPOSITORY / ".venv-audit" / "lib" / "python3.13" / "site-packages"
FILE = PACKAGES / "cryptography_vectors" / "asymmetric" / "RSA" / "FIPS_186-2" / "SigVer15_186-3.rsp"
MODULI = ("2048", "3072", "4096")
"""Bits; shorter keys are none of a user pool's (RFC 7518, section 3.3)."""
HASHES = ("SHA1", "SHA224", "SHA256", "SHA384", "SHA512")


@dataclass(frozen=True, slots=True)
class Vector:
    """One signature over one message; `result` is NIST's word on it: P, or F with the reason."""

    bits: str
    hashing: str
    n: int
    e: int
    message: bytes
    signature: bytes
    result: str

    @property
    def good(self) -> bool:
        return self.result == "P"


def read_vectors() -> Iterator[Vector]:
    known: dict[str, str] = {}
    for line in FILE.read_text().splitlines():
        name, equals, value = line.strip("[]").partition(" = ")
        if not equals:
            continue
        known[name] = value.strip()
        if name == "Result":
            yield Vector(
                bits=known["mod"],
                hashing=known["SHAAlg"],
                n=int(known["n"], 16),
                e=int(known["e"], 16),
                message=bytes.fromhex(known["Msg"]),
                signature=bytes.fromhex(known["S"]),
                result=known["Result"],
            )


VECTORS = [vector for vector in read_vectors() if vector.bits in MODULI]


def is_taken(vector: Vector) -> bool:
    """Say whether the signature is taken for one of the key that a pool publishes with these numbers."""
    FIGURES[SIGNATURES] += 1
    jwk = {"kty": "RSA", "kid": "k", "n": encode_number(vector.n), "e": encode_number(vector.e)}
    evidence = Evidence((), "Authorization", "token", None, 0, (), SignatureVerifier())
    evidence.token = UnverifiedToken("k", {}, vector.message, vector.signature)
    try:
        evidence.key = parse_key_set(build_jwks(jwk))["k"]
    except KeySetError:
        return False
    is_good = check_signature(evidence) is None
    assert is_good is (evidence.verified is not None)
    return is_good


@pytest.mark.parametrize("hashing", HASHES)
@pytest.mark.parametrize("bits", MODULI)
def test_only_nists_good_signatures_over_sha_256_are_taken(bits: str, hashing: str) -> None:
    vectors = [vector for vector in VECTORS if (vector.bits, vector.hashing) == (bits, hashing)]
    assert len(vectors) == 18
    taken = [vector for vector in vectors if is_taken(vector)]
    assert taken == [vector for vector in vectors if vector.good and hashing == "SHA256"]


def test_the_vectors_are_good_and_bad_for_every_reason() -> None:
    reasons = {vector.result.split(" -")[0] for vector in VECTORS}
    assert reasons == {"P", *(f"F ({number}" for number in range(1, 6))}
