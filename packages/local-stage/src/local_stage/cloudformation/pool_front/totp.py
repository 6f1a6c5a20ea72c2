"""Codes of an authenticator app: HMAC-SHA1, six digits, a new one every 30 seconds (RFC 6238, RFC 4226)."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import Final

STEP: Final = 30
DIGITS: Final = 6
_SECRET_BYTES: Final = 20
_DRIFT: Final = 1
"""Steps by which an app's clock may differ (RFC 6238, 5.2); how many Cognito allows is not documented."""


def make_secret() -> str:
    """Return a new secret in base32, as an app takes it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def make_code(secret: str, step: int) -> str:
    """Return the code of a step, which is the Unix time divided by 30 (RFC 4226, 5.3)."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def find_step(secret: str, code: str, now: float) -> int | None:
    """Return the step that a code is of, or None for a code of no step near `now`, in Unix seconds."""
    present = int(now) // STEP
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        if hmac.compare_digest(make_code(secret, step).encode(), code.encode()):
            return step
    return None
