"""RS256 signatures (RFC 7518, section 3.3), each good one verified once."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

LIMIT: Final = 1024
"""Signatures that are remembered; each is one token of one caller."""

_PADDING: Final = PKCS1v15()
_HASH: Final = SHA256()


class VerifyingKey(Protocol):
    """What is asked of cryptography's RSAPublicKey."""

    def verify(self, signature: bytes, data: bytes, padding: PKCS1v15, algorithm: SHA256, /) -> None:
        """Return if the key's private half made the signature. Raises InvalidSignature if it did not."""


class SignatureVerifier:
    """Remembers which signatures were good, and nothing else: what a token claims is for others to judge.

    Remembered is one exact text with one exact signature, by their SHA-256, and the very key that verified
    them: keys that are fetched anew verify anew. A bad signature is verified each time it comes and leaves
    nothing behind, so that only who can sign fills the memory; beyond `limit` the one that was needed longest
    ago goes.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._keys: OrderedDict[bytes, VerifyingKey] = OrderedDict()

    def verify(self, key: VerifyingKey, signature: bytes, signing_input: bytes) -> None:
        """Return if `key` made the signature. Raises cryptography's InvalidSignature if it did not."""
        fingerprint = _fingerprint(signature, signing_input)
        if self._keys.get(fingerprint) is not key:
            key.verify(signature, signing_input, _PADDING, _HASH)
            self._keys[fingerprint] = key
        self._keys.move_to_end(fingerprint)
        if len(self._keys) > self._limit:
            self._keys.popitem(last=False)


def _fingerprint(signature: bytes, signing_input: bytes) -> bytes:
    # The length keeps the two apart: no other pair runs together into the same bytes.
    return sha256(b"%d.%b%b" % (len(signature), signature, signing_input)).digest()
