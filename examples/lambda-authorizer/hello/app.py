"""Greets the caller by the name that the authorizer knows."""

from __future__ import annotations

import json
from typing import Any


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return a greeting; whether the caller may write comes as a text, `true` or `false`."""
    caller = event["requestContext"].get("authorizer", {})
    body = {"hello": caller.get("principalId", "world"), "mayWrite": caller.get("mayWrite")}
    return {"statusCode": 200, "body": json.dumps(body)}
