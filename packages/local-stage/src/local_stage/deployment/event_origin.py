"""From what an event comes, and when it arose there, as the event itself says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

_ELSEWHERE: Final = "Lambda's API"
"""What an event without a mark of its own comes by: a caller, a schedule's input, a state machine's task."""


@dataclass(frozen=True, slots=True)
class EventOrigin:
    """`name` is that of a service or of a trigger; `at` is in Unix seconds, None where it says no time.

    `is_exact` says whether it is known to the millisecond, and not only to the second.
    """

    name: str
    at: float | None = None
    is_exact: bool = False


def find_origin(event: Any) -> EventOrigin:
    """Return from what an event comes, as far as its form shows it.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
    """
    if not isinstance(event, dict):
        return EventOrigin(_ELSEWHERE)
    records = event.get("Records")
    record = records[0] if isinstance(records, list) and records else None
    if isinstance(record, dict) and (source := record.get("eventSource") or record.get("EventSource")):
        at = _find_time(record)
        return EventOrigin(str(source).removeprefix("aws:"), at, is_exact=at is not None and at % 1 > 0)
    if "triggerSource" in event:
        return EventOrigin(str(event["triggerSource"]))
    if "detail-type" in event:
        return EventOrigin("events", _read_time(event.get("time")))
    return EventOrigin(_ELSEWHERE)


def _find_time(record: dict[str, Any]) -> float | None:
    """Return when a record of a queue, topic, bucket, stream or table was made there."""
    try:
        if "attributes" in record:
            return float(record["attributes"]["SentTimestamp"]) / 1000
        if "kinesis" in record:
            return float(record["kinesis"]["approximateArrivalTimestamp"])
        if "dynamodb" in record:
            return float(record["dynamodb"]["ApproximateCreationDateTime"])
        return _read_time(record["Sns"]["Timestamp"] if "Sns" in record else record.get("eventTime"))
    except (LookupError, TypeError, ValueError):
        return None


def _read_time(text: Any) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError):
        return None
