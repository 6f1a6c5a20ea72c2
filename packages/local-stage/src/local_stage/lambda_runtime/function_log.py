"""A function's log: what its process writes, and the lines that Lambda writes around each invocation."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class LogLine:
    """One line, without its line feed.

    `request_id` is None for what is written outside an invocation, as while a module is imported. `platform`
    tells Lambda's own lines (START, END, REPORT, what killed the process) from the function's.
    """

    function: str
    log_stream: str
    request_id: str | None
    text: str
    platform: bool = False


LogSink = Callable[[LogLine], None]
"""Takes a line when it is complete; called in the event loop, so it returns at once."""


@dataclass(slots=True)
class Report:
    """The figures of one invocation; durations in seconds, memory in MB, None where it cannot be measured.

    `init_duration` belongs to the first invocation of an environment. `status` is empty, `timeout` or
    `error`.
    """

    request_id: str
    duration: float
    memory_size: int
    max_memory_used: int | None
    init_duration: float | None = None
    status: str = ""
    error_type: str = ""

    def __str__(self) -> str:
        """Return the REPORT line. Since August 2025 Lambda bills the init phase with the first invocation.

        Sources: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html,
        https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
        """
        billed = math.ceil((self.duration + (self.init_duration or 0.0)) * 1000)
        parts = [
            f"REPORT RequestId: {self.request_id}",
            f"Duration: {self.duration * 1000:.2f} ms",
            f"Billed Duration: {billed} ms",
            f"Memory Size: {self.memory_size} MB",
        ]
        if self.max_memory_used is not None:
            parts.append(f"Max Memory Used: {self.max_memory_used} MB")
        if self.init_duration is not None:
            parts.append(f"Init Duration: {self.init_duration * 1000:.2f} ms")
        if self.status:
            parts.append(f"Status: {self.status}")
        if self.error_type:
            parts.append(f"Error Type: {self.error_type}")
        return "\t".join(parts)


def start_line(request_id: str, version: str) -> str:
    """Return the line with which an invocation of the function's version begins."""
    return f"START RequestId: {request_id} Version: {version}"


def end_line(request_id: str) -> str:
    """Return the line with which an invocation ends."""
    return f"END RequestId: {request_id}"


def written_file_line(file: str, code_folder: Path) -> str:
    """Return the line that warns of what the function writes in its own folder."""
    name = os.path.relpath(file, os.path.realpath(code_folder))
    return (
        f"[WARNING] {name} is written, or opened for writing, in the function's own folder, which is"
        " read-only on Lambda (an error there); write to /tmp."
        " Such files count as the function's, not as saved code"
    )


def init_report_line(duration: float, error_type: str) -> str:
    """Return the line that says how a failed init phase ended.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
    """
    status, error_type = report_status(error_type)
    line = f"INIT_REPORT Init Duration: {duration * 1000:.2f} ms\tPhase: init\tStatus: {status}"
    return f"{line}\tError Type: {error_type}" if error_type else line


def report_status(error_type: str) -> tuple[str, str]:
    """Return the Status and the Error Type, if any, that a report has for an error of this type."""
    return ("timeout", "") if error_type == "Sandbox.Timedout" else ("error", error_type)
