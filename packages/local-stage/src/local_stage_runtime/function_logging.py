"""The function's log: the root logger's form, what an error looks like, and output that nobody holds back.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TextIO

_TEXT: Final = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
"""The line feed is Lambda's: it comes before an exception's traceback, and none after it."""
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
_OF_EVERY_RECORD: Final = frozenset(vars(logging.makeLogRecord({}))) | {
    "aws_request_id",
    "message",
    "asctime",
}

_LEVELS: Final = frozenset({"DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL", "NOTSET"})

request_id: str | None = None
"""The id of the running invocation, or of the last one; each line of the root logger bears it."""


class _Unbuffered:
    """A stream that hands on at once what is written: a process may be killed at any time."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def writelines(self, texts: Iterable[str]) -> None:
        self._stream.writelines(texts)
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Handler(logging.Handler):
    """Writes to whatever stdout is at the time: a handler may have put another one there."""

    def emit(self, record: logging.LogRecord) -> None:
        record.aws_request_id = request_id or ""
        sys.stdout.write(self.format(record))


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "timestamp": self.formatTime(record, _TIME),
            "level": record.levelname,
            "message": record.msg
            if isinstance(record.msg, dict) and not record.args
            else record.getMessage(),
            "logger": record.name,
            **_describe_exception(record),
            "requestId": request_id or "",
            "location": f"{record.pathname}:{record.funcName}:{record.lineno}" if record.exc_info else None,
        }
        more = {
            name: value
            for name, value in vars(record).items()
            if name not in _OF_EVERY_RECORD | fields.keys()
        }
        known = {name: value for name, value in {**fields, **more}.items() if value is not None}
        return json.dumps(known, ensure_ascii=False, default=str) + "\n"


def _describe_exception(record: logging.LogRecord) -> dict[str, Any]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    error_type, error, trace = record.exc_info
    return {
        "stackTrace": traceback.format_tb(trace),
        "errorType": error_type.__name__,
        "errorMessage": str(error),
    }


def set_up_logging() -> None:
    """Give the root logger Lambda's form and level, and unbuffer stdout and stderr."""
    sys.stdout = _Unbuffered(sys.stdout)
    sys.stderr = _Unbuffered(sys.stderr)
    logging.Formatter.converter = time.gmtime
    handler = _Handler()
    handler.setFormatter(_JsonFormatter() if _is_json() else logging.Formatter(_TEXT, "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper().replace("TRACE", "DEBUG")
    if level in _LEVELS:
        root.setLevel(level)


def log_error(error: Mapping[str, Any]) -> None:
    """Write an error as Lambda does: one event, its lines apart by carriage returns."""
    if _is_json():
        told = {"timestamp": time.strftime(_TIME, time.gmtime()), "level": "ERROR", **error}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    description = ": ".join(filter(None, [error["errorType"], error["errorMessage"]]))
    lines = [f"[ERROR] {description}", "Traceback (most recent call last):", *_indent(error["stackTrace"])]
    sys.stdout.write("\r".join(lines) + "\n")


def _indent(trace: Sequence[str]) -> Iterable[str]:
    for entry in trace:
        for line in entry.splitlines():
            text = line.lstrip(" ")
            yield _NO_BREAK_SPACE * (len(line) - len(text)) + text


def _is_json() -> bool:
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
