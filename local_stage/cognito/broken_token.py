"""Tokens that must be refused, each made of a good one with a single thing wrong with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from local_stage.cognito.jose import decode_base64url, parse_json_object

AWAY: Final = 3600
"""Seconds by which an expired token is late, and one that is not yet valid early."""


class Defect(StrEnum):
    """What is wrong with a token."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    TAMPERED = "tampered"
    OTHER_POOL = "other-pool"
    UNSIGNED = "none"

    @property
    def needs_key(self) -> bool:
        """Whether only the pool's own private key can make it: all else about the token is good."""
        return self in {Defect.EXPIRED, Defect.NOT_YET_VALID}


def break_token(token: str, defect: Defect, *, now: float, key: RSAPrivateKey | None = None) -> str:
    """Return the token with this defect; `now` is the time of whoever will judge it, `key` the pool's own.

    An expired token was good until an hour ago, one that is not yet valid will be in an hour. A tampered one
    claims to be good for an hour more, under the signature of what it was. Another pool's is well signed by a
    key of its own. An unsigned one has the algorithm `none` (RFC 7519, section 6).
    """
    header, payload = (parse_json_object(decode_base64url(part)) for part in token.split(".")[:2])
    match defect:
        case Defect.EXPIRED:
            return _sign(header, _move(payload, int(now) - AWAY - payload["exp"]), _given(key))
        case Defect.NOT_YET_VALID:
            return _sign(header, _move(payload, int(now) + AWAY - payload["iat"]), _given(key))
        case Defect.TAMPERED:
            changed = payload | {"exp": payload["exp"] + AWAY}
            return f"{_encode(header)}.{_encode(changed)}.{token.rpartition('.')[2]}"
        case Defect.OTHER_POOL:
            other = f"{payload['iss'].rpartition('_')[0]}_OtherPool"
            key = generate_private_key(public_exponent=65537, key_size=2048)
            return _sign(header, payload | {"iss": other}, key)
        case Defect.UNSIGNED:
            return f"{_encode(header | {'alg': 'none'})}.{_encode(payload)}."


def _given(key: RSAPrivateKey | None) -> RSAPrivateKey:
    if key is None:
        raise ValueError("only the pool's own key can sign it")
    return key


def _move(payload: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    moved = {name: payload[name] + seconds for name in ("auth_time", "iat", "exp") if name in payload}
    return {**payload, **moved}


def _sign(header: Mapping[str, Any], payload: Mapping[str, Any], key: RSAPrivateKey) -> str:
    signing_input = f"{_encode(header)}.{_encode(payload)}"
    return f"{signing_input}.{_base64url(key.sign(signing_input.encode(), PKCS1v15(), SHA256()))}"


def _encode(value: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
