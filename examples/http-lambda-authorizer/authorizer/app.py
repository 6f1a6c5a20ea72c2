"""Decides who may call: everybody who sends a name with its signature. A guest may read only."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Any

SECRET = os.environ["SIGNING_SECRET"].encode()


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Say whether the caller may call this route, and tell the other function who it is.

    An error would be answered with 500: a caller who is not known is refused by False.
    """
    name, _, signature = event["headers"]["authorization"].removeprefix("Bearer ").partition(".")
    is_known = hmac.compare_digest(sign(name).encode(), signature.encode())
    may_write = is_known and name != "guest"
    is_read = event["requestContext"]["http"]["method"] == "GET"
    return {
        "isAuthorized": is_known and (is_read or may_write),
        "context": {"name": name, "mayWrite": may_write},
    }


def sign(name: str) -> str:
    """Return the signature of a name, in hexadecimal digits."""
    return hmac.new(SECRET, name.encode(), hashlib.sha256).hexdigest()
