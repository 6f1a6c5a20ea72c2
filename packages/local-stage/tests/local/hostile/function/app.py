"""Writes down that it was called, by whom and with what, and answers the same."""

from __future__ import annotations

import json
import os
from typing import Any


def lambda_handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Answer with the call as it was written down."""
    call = {
        "function": os.environ["NAME"],
        "method": event["httpMethod"],
        "resource": event["resource"],
        "path": event["path"],
        "query": event["multiValueQueryStringParameters"],
        "headers": event["multiValueHeaders"],
        "body": event["body"],
        "authorizer": event["requestContext"].get("authorizer"),
    }
    line = json.dumps(call)
    with open(os.environ["CALLS_FILE"], "a", encoding="utf-8") as calls:  # noqa: PTH123 - one write, one line
        calls.write(f"{line}\n")
    return {"statusCode": 200, "body": line}
