"""Greets the caller by the name that the authorizer knows; the event has payload format 2.0."""

from __future__ import annotations

from typing import Any


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return an object without statusCode, which an HTTP API sends as JSON with status 200."""
    authorizer = event["requestContext"].get("authorizer", {})
    if "iam" in authorizer:
        return {"hello": authorizer["iam"]["userArn"]}
    # The context keeps its types here; a REST API would make a text of the boolean.
    caller = authorizer.get("lambda", {"name": "world"})
    return {"hello": caller["name"], "mayWrite": caller.get("mayWrite", False)}
