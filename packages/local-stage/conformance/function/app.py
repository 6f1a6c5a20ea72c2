"""The functions of the conformance stacks: they echo, answer as they are told, are late, or fail."""

import base64
import json
import os
import time
from typing import Any


def echo(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer with the very event."""
    return {"statusCode": 200, "body": json.dumps(event)}


def answer(event: dict[str, Any], _context: object) -> Any:
    """Answer with the JSON that the request carries: the query parameter `result`, or the body."""
    query = event.get("queryStringParameters") or {}
    if "result" in query:
        return json.loads(query["result"])
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"]
    return json.loads(body)


def large(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer with a body of as many bytes as the query parameter `bytes` says."""
    return {"statusCode": 200, "body": "x" * int(event["queryStringParameters"]["bytes"])}


def slow(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer after two seconds, which is too late for the integration, or for the function's own timeout."""
    time.sleep(2)
    return {"statusCode": 200}


def fail(event: dict[str, Any], _context: object) -> Any:
    """Fail as the path says."""
    match event["path"]:
        case "/fail/raise":
            raise RuntimeError("as asked")
        case "/fail/exit":
            os._exit(1)
        case _:
            return {"not", "JSON"}


def authorize(event: dict[str, Any], _context: object) -> Any:
    """Decide as the caller's own JSON says: `fail` with a text, or `result`, `$arn` being the call's ARN."""
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    arn = event.get("routeArn") or event["methodArn"]
    asked = json.loads(event.get("authorizationToken") or headers["x-caller"])
    if "fail" in asked:
        raise RuntimeError(asked["fail"])
    if asked.get("echo"):
        asked["result"]["context"] = {"event": json.dumps(event)}
    return json.loads(json.dumps(asked["result"]).replace("$arn", arn))
