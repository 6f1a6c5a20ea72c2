"""What recorded invocations ask of a function in Python, each as a handler."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import Any

logging.getLogger().setLevel(logging.INFO)


def introspect(_event: object, context: Any) -> dict[str, Any]:
    """Return the context and the environment."""
    names = ("aws_request_id", "function_name", "function_version", "invoked_function_arn", "log_group_name")
    more = ("log_stream_name", "memory_limit_in_mb")
    told = {name: getattr(context, name) for name in (*names, *more)}
    told["remaining_time_in_millis"] = str(context.get_remaining_time_in_millis())
    return {"context": told, "environment": dict(os.environ)}


def raise_(event: dict[str, Any], _context: object) -> None:
    """Raise with the text of the event."""
    raise Exception(f"Failed: {event['error_msg']}")  # noqa: TRY002 - the type that was recorded


def raise_alone(_event: object, _context: object) -> None:
    """Raise with one text."""
    raise Exception("Handler fails")  # noqa: TRY002 - as above


def leave(_event: object, _context: object) -> None:
    """End the process."""
    sys.exit(0)


def sleep(_event: object, _context: object) -> None:
    """Take longer than the function may."""
    time.sleep(5)


def return_too_much(_event: object, _context: object) -> str:
    """Return more than Lambda passes on."""
    return "a" * 7_000_000


def return_nothing(_event: object, _context: object) -> None:
    """Return nothing."""


def log(_event: object, context: Any) -> str:
    """Write one line to the log."""
    logging.getLogger().info("RequestId log message")
    request_id: str = context.aws_request_id
    return request_id
