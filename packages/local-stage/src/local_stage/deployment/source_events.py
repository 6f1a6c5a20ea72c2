"""Events as AWS's sources hand them to a function: made of what the template says of the source.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote_plus

_ADDRESS: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from: `content` is what it carries, an object or a text."""

    region: str
    account_id: str
    content: Any


def build_sqs_event(origin: Origin, queue_arn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html."""
    body, now = as_text(origin.content), _milliseconds()
    attributes = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": str(now),
        "SenderId": origin.account_id,
        "ApproximateFirstReceiveTimestamp": str(now + 1),
    }
    if queue_arn.endswith(".fifo"):
        attributes |= {
            "SequenceNumber": "18849496460467696128",
            "MessageGroupId": "1",
            "MessageDeduplicationId": hashlib.sha256(body.encode()).hexdigest(),
        }
    record = {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": secrets.token_urlsafe(48),
        "body": body,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": origin.region,
    }
    return {"Records": [record]}


def build_sns_event(origin: Origin, topic_arn: str, subscription_arn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html."""
    message: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": topic_arn,
        "Subject": None,
        "Message": as_text(origin.content),
        "Timestamp": _iso(milliseconds=True),
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertUrl": "EXAMPLE",
        "UnsubscribeUrl": "EXAMPLE",
        "MessageAttributes": {},
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "Sns": message,
    }
    return {"Records": [record]}


def build_s3_event(origin: Origin, bucket: str, configuration: Mapping[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html.

    The object's key is one that passes the filters of the bucket's notification.
    """
    body = as_text(origin.content).encode()
    name = str(configuration["Events"][0]).removeprefix("s3:")
    s3 = {
        "s3SchemaVersion": "1.0",
        "configurationId": configuration.get("Id", "notification"),
        "bucket": {
            "name": bucket,
            "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
            "arn": f"arn:aws:s3:::{bucket}",
        },
        "object": {
            "key": quote_plus(_find_key(configuration), safe="/"),
            "size": len(body),
            "eTag": hashlib.md5(body, usedforsecurity=False).hexdigest(),
            "sequencer": f"{time.time_ns():018X}"[:18],
        },
    }
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": origin.region,
        "eventTime": _iso(milliseconds=True),
        "eventName": name.replace(":*", ":Put"),
        "userIdentity": {"principalId": "AIDAJDPLRKLG7UEXAMPLE"},
        "requestParameters": {"sourceIPAddress": _ADDRESS},
        "responseElements": {
            "x-amz-request-id": secrets.token_hex(8).upper(),
            "x-amz-id-2": secrets.token_urlsafe(48),
        },
        "s3": s3,
    }
    return {"Records": [record]}


def _find_key(configuration: Mapping[str, Any]) -> str:
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    parts = {str(rule["Name"]).lower(): str(rule["Value"]) for rule in rules}
    return f"{parts.get('prefix', '')}example{parts.get('suffix', '')}"


def build_kinesis_event(origin: Origin, stream_arn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html."""
    number = "49590338271490256608559692538361571095921575989136588898"
    kinesis = {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": "1",
        "sequenceNumber": number,
        "data": base64.b64encode(as_text(origin.content).encode()).decode(),
        "approximateArrivalTimestamp": _milliseconds() / 1000,
    }
    record = {
        "kinesis": kinesis,
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000000:{number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::{origin.account_id}:role/lambda-role",
        "awsRegion": origin.region,
        "eventSourceARN": stream_arn,
    }
    return {"Records": [record]}


def build_dynamodb_event(
    origin: Origin, stream_arn: str, view_type: str, keys: Mapping[str, str]
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html.

    `keys` are the names of the table's keys with their types: `S`, `N` or `B`.
    """
    from boto3.dynamodb.types import TypeSerializer  # noqa: PLC0415 - slow to import

    made = {name: {kind: _KEY_VALUES[kind]} for name, kind in keys.items()}
    given = origin.content if isinstance(origin.content, dict) else {"content": origin.content}
    image = made | {name: TypeSerializer().serialize(value) for name, value in given.items()}
    stream: dict[str, Any] = {
        "ApproximateCreationDateTime": _milliseconds() // 1000,
        "Keys": {name: image[name] for name in keys},
        "SequenceNumber": "4421584500000000017450439091",
        "SizeBytes": len(json.dumps(image)),
        "StreamViewType": view_type,
    }
    if view_type in {"NEW_IMAGE", "NEW_AND_OLD_IMAGES"}:
        stream["NewImage"] = image
    record = {
        "eventID": secrets.token_hex(16),
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": origin.region,
        "dynamodb": stream,
        "eventSourceARN": stream_arn,
    }
    return {"Records": [record]}


_KEY_VALUES: Final = {"S": "1", "N": "1", "B": "MQ=="}


def build_eventbridge_event(origin: Origin, pattern: Mapping[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html.

    Source, type and details are the first that the rule's pattern names.
    """
    detail = _follow(pattern.get("detail") or {})
    given = origin.content if isinstance(origin.content, dict) else {"content": origin.content}
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": _first(pattern.get("detail-type"), "example"),
        "source": _first(pattern.get("source"), "example"),
        "account": origin.account_id,
        "time": _iso(),
        "region": origin.region,
        "resources": [],
        "detail": detail | given,
    }


def _follow(pattern: Mapping[str, Any]) -> dict[str, Any]:
    """Return details that fit a pattern, as far as it names values."""
    return {
        name: _follow(value) if isinstance(value, dict) else _first(value, "example")
        for name, value in pattern.items()
        if not name.startswith("$")
    }


def _first(value: Any, otherwise: str) -> Any:
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict):
        return first.get("prefix", first.get("equals-ignore-case", otherwise))
    return otherwise if first is None else first


def build_schedule_event(origin: Origin, rule_arn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": origin.account_id,
        "time": _iso(),
        "region": origin.region,
        "resources": [rule_arn],
        "detail": {},
    }


def as_text(content: Any) -> str:
    """Return what an event carries as the text that its source hands over."""
    return content if isinstance(content, str) else json.dumps(content)


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


def _iso(*, milliseconds: bool = False) -> str:
    now = datetime.now(UTC)
    return (
        f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z"
        if milliseconds
        else f"{now:%Y-%m-%dT%H:%M:%SZ}"
    )
