"""Takes an order of the caller: the authorizer has checked the token, and its claims say who it is."""

import json
import os
import uuid
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def place_order(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Keep the order under the caller's `sub`, and return it."""
    claims = event["requestContext"]["authorizer"]["claims"]
    order = {
        "id": str(uuid.uuid4()),
        "customer": claims["sub"],
        "plan": claims["plan"],
        "article": json.loads(event["body"])["article"],
    }
    table.put_item(Item=order)
    return {"statusCode": 201, "body": json.dumps(order)}
