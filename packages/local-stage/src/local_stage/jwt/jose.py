"""JOSE's encodings, read strictly and written: base64url (RFC 7515, section 2), JSON objects (RFC 8259).

Python's own readers forgive what an attacker may use to make two readers see two different things: foreign
letters in base64, unused bits that are not zero, a name twice in one object, NaN, half a surrogate pair.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any, Never

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

MAX_DEPTH = 16
"""Objects and lists inside each other; a user pool's tokens and key sets need three."""

MAX_NUMBER_LENGTH = 64
"""Characters of one number."""

MAX_QUOTED = 100
"""Characters of a value from outside that may reach the log."""


class JoseError(ValueError):
    """Text that is not canonical base64url, or not one unambiguous JSON object."""


def decode_base64url(text: str) -> bytes:
    """Return the bytes that `text` encodes, where `text` is the one and only encoding of them.

    Raises:
        JoseError: a letter outside the alphabet, padding, white space, or unused bits that are not zero.
    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise JoseError("no base64url") from error
    # Python skips letters outside the alphabet and ignores unused bits: only encoding again shows them.
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise JoseError("base64url in another form than its only canonical one")
    return data


def parse_json_object(data: bytes) -> dict[str, Any]:
    """Return the one JSON object in `data`, UTF-8, with its members in order.

    Raises:
        JoseError: no UTF-8, no JSON, no object, a name twice in one object, NaN, an infinite or overlong
            number, a lone surrogate, or more than `MAX_DEPTH` levels.
    """
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise JoseError(str(error) if isinstance(error, JoseError) else "no JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise JoseError("JSON, but not an object")
    _require_shallow(value, MAX_DEPTH)
    if b"\\u" in data:
        _require_whole_characters(value)
    return value


def quote(value: object) -> str:
    """Return `value` as Python would write it, in ASCII on one line, cut to `MAX_QUOTED` characters."""
    text = ascii(value[:MAX_QUOTED] if isinstance(value, str) else value)
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}..."


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


def _build_object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise JoseError("JSON with the same name twice in one object")
    return value


def _parse_int(text: str) -> int:
    if len(text) > MAX_NUMBER_LENGTH:
        raise JoseError("JSON with an overlong number")
    return int(text)


def _parse_float(text: str) -> float:
    number = float(text)
    if len(text) > MAX_NUMBER_LENGTH or not math.isfinite(number):
        raise JoseError("JSON with a number beyond bounds")
    return number


def _refuse_constant(text: str) -> Never:
    raise JoseError(f"JSON with {text}")


def _require_shallow(value: dict[str, Any] | list[Any], depth: int) -> None:
    if depth == 0:
        raise JoseError("JSON nested too deeply")
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            _require_shallow(child, depth - 1)


def _require_whole_characters(value: dict[str, Any]) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise JoseError("JSON with a lone surrogate") from error


def _encode_number(number: int) -> str:
    return _encode(number.to_bytes((number.bit_length() + 7) // 8))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


_DECODER = json.JSONDecoder(
    object_pairs_hook=_build_object,
    parse_int=_parse_int,
    parse_float=_parse_float,
    parse_constant=_refuse_constant,
)
