"""Greets everybody whom the JWT authorizer lets in; the event has payload format 2.0."""

from __future__ import annotations

from typing import Any


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return an object without statusCode, which an HTTP API sends as JSON with status 200."""
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    if event["routeKey"] == "GET /me":
        # An HTTP API writes lists as [admins staff]: a group with a blank in its name would look like two.
        groups = claims.get("cognito:groups", "[]")[1:-1].split()
        return {"sub": claims["sub"], "username": claims["username"], "groups": groups}
    return {"message": "Hello HTTP API!", "username": claims.get("cognito:username", claims.get("username"))}
