"""Signed tokens, for whoever has a user pool's private key: a local pool's, or one of a moment."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256


def make_key() -> RSAPrivateKey:
    """Return a new key, of the size of Cognito's."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def sign_token(header: Mapping[str, Any], payload: Mapping[str, Any], key: RSAPrivateKey) -> str:
    """Return a token in compact form, signed by RS256 (RFC 7515, section 3.1; RFC 7518, section 3.3)."""
    signing_input = f"{encode_part(header)}.{encode_part(payload)}"
    return f"{signing_input}.{sign_part(signing_input.encode(), key)}"


def sign_part(signing_input: bytes, key: RSAPrivateKey) -> str:
    """Return the signature of header and payload as it stands in a token: RS256, in base64url."""
    return _encode(key.sign(signing_input, PKCS1v15(), SHA256()))


def encode_part(value: Mapping[str, Any]) -> str:
    """Return a header or payload as it stands in a token: JSON without blanks, in base64url."""
    return _encode(json.dumps(value, separators=(",", ":")).encode())


def build_key_set(kid: str, key: RSAPublicKey) -> bytes:
    """Return the JSON Web Key Set of one key, as a pool publishes it (RFC 7517, section 5)."""
    numbers = key.public_numbers()
    members = {"alg": "RS256", "kid": kid, "kty": "RSA", "use": "sig"}
    members |= {"e": _encode_number(numbers.e), "n": _encode_number(numbers.n)}
    return json.dumps({"keys": [members]}).encode()


def _encode_number(number: int) -> str:
    return _encode(number.to_bytes((number.bit_length() + 7) // 8))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
