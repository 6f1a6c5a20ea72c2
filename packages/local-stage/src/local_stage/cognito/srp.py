"""Sign-in by the Secure Remote Password protocol as Cognito speaks it: the password stays with the caller.

SRP-6a (RFC 5054, 2.5) in the 3072-bit group of RFC 3526, 4, with SHA-256; Cognito takes 2 as generator, signs
its proof with a key from HKDF (RFC 5869) under the info `Caldera Derived Key`, and writes each number in
hexadecimal with a leading zero octet where it would otherwise look negative.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
says that the flow is there, and AWS's own clients (amazon-cognito-identity-js) what is in it.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

GENERATOR: Final = 2
INFO: Final = b"Caldera Derived Key"
KEY_LENGTH: Final = 16
PRIME_BITS: Final = 3072


def _floor_of_pi(bits: int) -> int:
    """Return pi times two to the power of `bits`, rounded down, by Machin's formula."""
    guard = 64
    one = 1 << (bits + guard)
    return 4 * (4 * _arctan_of_inverse(5, one) - _arctan_of_inverse(239, one)) >> guard


def _arctan_of_inverse(divisor: int, one: int) -> int:
    term = one // divisor
    total, sign, odd = term, -1, 3
    while term:
        term //= divisor * divisor
        total += sign * (term // odd)
        sign, odd = -sign, odd + 2
    return total


PRIME: Final = 2**PRIME_BITS - 2**3008 - 1 + 2**64 * (_floor_of_pi(2942) + 1690314)
"""RFC 3526, 4 defines it by this very formula."""


def octets(number: int) -> bytes:
    """Return a number as Cognito hashes it: big-endian, its first bit never set."""
    return number.to_bytes(number.bit_length() // 8 + 1)


def _hash(*parts: bytes) -> int:
    return int.from_bytes(sha256(b"".join(parts)).digest())


class SrpClient:
    """One sign-in of one user; `pool_id` is `<region>_<name>`."""

    def __init__(self, pool_id: str, password: str) -> None:
        self._pool_name = pool_id.partition("_")[2]
        self._password = password
        self._private = secrets.randbits(1024)
        self.public = pow(GENERATOR, self._private, PRIME)

    def auth_parameters(self, username: str) -> dict[str, str]:
        """Return the AuthParameters of `InitiateAuth` with USER_SRP_AUTH, and nothing of the password."""
        return {"USERNAME": username, "SRP_A": f"{self.public:x}"}

    def answer(self, challenge: dict[str, Any], now: datetime | None = None) -> dict[str, str]:
        """Return the ChallengeResponses to a PASSWORD_VERIFIER challenge's parameters.

        Raises ValueError where the pool's public value is a multiple of the prime (RFC 5054, 2.5.3): a
        pool that sends this wants no proof.
        """
        if int(challenge["SRP_B"], 16) % PRIME == 0:
            raise ValueError("SRP_B is a multiple of the prime")
        user_id = challenge["USER_ID_FOR_SRP"]
        moment = now or datetime.now(UTC)
        timestamp = f"{moment:%a %b} {moment.day} {moment:%H:%M:%S} UTC {moment:%Y}"
        block = challenge["SECRET_BLOCK"]
        key = self._derive_key(user_id, int(challenge["SALT"], 16), int(challenge["SRP_B"], 16))
        signed = f"{self._pool_name}{user_id}".encode() + base64.b64decode(block) + timestamp.encode()
        return {
            "USERNAME": user_id,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, signed, "sha256")).decode(),
            "TIMESTAMP": timestamp,
        }

    def _derive_key(self, user_id: str, salt: int, server_public: int) -> bytes:
        multiplier = _hash(octets(PRIME), octets(GENERATOR))
        scrambler = _hash(octets(self.public), octets(server_public))
        credentials = sha256(f"{self._pool_name}{user_id}:{self._password}".encode()).digest()
        private_key = _hash(octets(salt), credentials)
        base = server_public - multiplier * pow(GENERATOR, private_key, PRIME)
        shared = pow(base, self._private + scrambler * private_key, PRIME)
        extracted = hmac.digest(octets(scrambler), octets(shared), "sha256")
        return hmac.digest(extracted, INFO + b"\x01", "sha256")[:KEY_LENGTH]
