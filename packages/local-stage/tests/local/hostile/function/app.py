"""Writes down that it was called, by whom and with what, and answers the same; and says who may call."""

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


def authorize(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Let alice call the very route that she calls; what dave is allowed is denied to him last."""
    name = event.get("authorizationToken") or event["headers"]["x-caller"]
    arn = event.get("routeArn") or event["methodArn"]
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}
    everything = {**statement, "Resource": "*"}
    statements = {"alice": [statement], "dave": [everything, statement, {**everything, "Effect": "Deny"}]}
    nothing = [{**everything, "Effect": "Deny"}]
    policy = {"Version": "2012-10-17", "Statement": statements.get(name, nothing)}
    return {"isAuthorized": name == "alice", "principalId": name, "policyDocument": policy}


def refuse(_event: dict[str, Any], _: object) -> dict[str, Any]:
    """Let nobody call anything."""
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    return {"principalId": "nobody", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
