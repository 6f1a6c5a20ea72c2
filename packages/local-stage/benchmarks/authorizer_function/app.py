"""Lets everybody who sends a token call every method of the stage."""

from __future__ import annotations

from typing import Any


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return the policy, which API Gateway keeps for this token."""
    del context
    api = event["methodArn"].partition("/")[0]
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{api}/*"}
    return {
        "principalId": "somebody",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
