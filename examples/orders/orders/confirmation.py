"""Confirms orders to a queue, as the table's stream tells of them."""

import json
import os
from typing import Any

import boto3

sqs = boto3.client("sqs")


def confirm_orders(event: dict[str, Any], _context: object) -> None:
    """Send one message for each new order."""
    for record in event["Records"]:
        if record["eventName"] == "INSERT":
            order = {name: value["S"] for name, value in record["dynamodb"]["NewImage"].items()}
            sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(order))
