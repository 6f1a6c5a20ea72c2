"""The least that a proxy integration takes."""

from __future__ import annotations

import json
from typing import Any

BODY = json.dumps({"message": "Hello AWS API Gateway!"})


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer anything with the greeting."""
    del event, context
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": BODY}
