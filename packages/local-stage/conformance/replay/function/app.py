"""The functions that recorded requests are sent to: they echo, answer as told, fail, or are late."""

import base64
import json
import time
from typing import Any


def echo(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer with the very event."""
    return {"statusCode": 200, "body": json.dumps(event)}


def answer(event: dict[str, Any], _context: object) -> Any:
    """Answer with the JSON that the request carries."""
    body = event["body"]
    return json.loads(base64.b64decode(body) if event["isBase64Encoded"] else body)


def fail(event: dict[str, Any], _context: object) -> Any:
    """Fail as the path says."""
    if event["path"] == "/fail/key":
        variables: dict[str, str] = {}
        return variables["AZUL_S3_BUCKET"]
    raise RuntimeError("as asked")


def late(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer when the integration no longer waits."""
    time.sleep(1)
    return {"statusCode": 200}
