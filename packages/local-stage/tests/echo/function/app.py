"""Repeats the marker that a request carries in its query and in its body, and whom its token names."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

if Path(os.environ["CRASH_FILE"]).exists():
    os._exit(3)

KEPT: list[bytes] = []


def lambda_handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Write the marker down, do what the body asks for, and answer."""
    marker = event["queryStringParameters"]["marker"]
    with open(os.environ["CALLS_FILE"], "a", encoding="utf-8") as calls:  # noqa: PTH123 - one write, one line
        calls.write(f"{marker}\n")
    body = json.loads(event["body"])
    _do(body.get("do"))
    answer = {
        "query": marker,
        "body": body["marker"],
        "username": event["requestContext"]["authorizer"]["claims"]["cognito:username"],
    }
    return {"statusCode": 200, "body": json.dumps(answer)}


def _do(what: str | None) -> None:
    match what:
        case "wait":
            time.sleep(0.5)
        case "hang":
            time.sleep(60)
        case "keep":
            KEPT.append(b"x" * 16_000_000)
        case "leak":
            _leak()
        case "exit":
            os._exit(7)


def _leak() -> None:
    leaked = []
    while True:
        leaked.append(b"x" * 1_000_000)
        time.sleep(0.002)
