"""Tokens that must be refused, each made of a good one with a single thing wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from local_stage.jwt.jose import decode_base64url, encode_part, make_key, parse_json_object, sign_token

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
    """Return the token with this defect; `now` is the time at which it will be judged, `key` the pool's own.

    An expired token was good until an hour ago, one that is not yet valid will be in an hour. A tampered one
    claims to be good for an hour more, under the signature of what it was. Another pool's is well signed by a
    key of its own. An unsigned one has the algorithm `none` (RFC 7519, section 6).
    """
    header, payload = (parse_json_object(decode_base64url(part)) for part in token.split(".")[:2])
    match defect:
        case Defect.EXPIRED:
            return sign_token(header, _move(payload, int(now) - AWAY - payload["exp"]), _given(key))
        case Defect.NOT_YET_VALID:
            return sign_token(header, _move(payload, int(now) + AWAY - payload["iat"]), _given(key))
        case Defect.TAMPERED:
            changed = payload | {"exp": payload["exp"] + AWAY}
            return f"{encode_part(header)}.{encode_part(changed)}.{token.rpartition('.')[2]}"
        case Defect.OTHER_POOL:
            other = f"{payload['iss'].rpartition('_')[0]}_OtherPool"
            return sign_token(header, payload | {"iss": other}, make_key())
        case Defect.UNSIGNED:
            return f"{encode_part(header | {'alg': 'none'})}.{encode_part(payload)}."


def _given(key: RSAPrivateKey | None) -> RSAPrivateKey:
    if key is None:
        raise ValueError("only the pool's own key can sign it")
    return key


def _move(payload: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    moved = {name: payload[name] + seconds for name in ("auth_time", "iat", "exp") if name in payload}
    return {**payload, **moved}
