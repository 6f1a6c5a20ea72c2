"""Decides who may call: everybody who sends a name with its signature. A guest may read only."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Any

SECRET = os.environ["SIGNING_SECRET"].encode()


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return the policy of the caller.

    It is kept for the token, whatever path comes next, and therefore says what the caller may do anywhere.
    """
    name, _, signature = event["authorizationToken"].removeprefix("Bearer ").partition(".")
    if not hmac.compare_digest(sign(name), signature):
        raise Exception("Unauthorized")  # noqa: TRY002 - exactly this text makes it 401
    api, stage, _ = event["methodArn"].split("/", 2)
    verbs = "GET" if name == "guest" else "*"
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{api}/{stage}/{verbs}/*"}
    return {
        "principalId": name,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"mayWrite": verbs == "*"},
    }


def sign(name: str) -> str:
    """Return the signature of a name, in hexadecimal digits."""
    return hmac.new(SECRET, name.encode(), hashlib.sha256).hexdigest()
