"""An invocation that waits for its response, and the phases of the environment that handles it."""

from __future__ import annotations

import asyncio
import enum
from dataclasses import dataclass

from local_stage.lambda_runtime.function_error import FunctionError


class Phase(enum.Enum):
    """Where an environment stands.

    ANSWERED: the caller has the response, the process is not yet ready for the next.
    """

    INIT = enum.auto()
    READY = enum.auto()
    BUSY = enum.auto()
    ANSWERED = enum.auto()
    ENDED = enum.auto()


@dataclass(slots=True, eq=False)
class Invocation:
    """An event for a function and the place where its answer is awaited.

    `answer` is cancelled when the caller goes away; the invocation then runs to its end all the same, as in
    Lambda. `given_back` says that a process ended before it took the invocation; that may happen once.
    """

    request_id: str
    trace_header: str
    event: bytes
    answer: asyncio.Future[bytes]
    given_back: bool = False

    def succeed(self, response: bytes) -> None:
        """Give the caller the function's response, if the caller still waits."""
        if not self.answer.done():
            self.answer.set_result(response)

    def fail(self, error: FunctionError) -> None:
        """Give the caller the reason why there is no response, if the caller still waits."""
        if not self.answer.done():
            self.answer.set_exception(error)


def sample(trace_header: str) -> str:
    """Return the tracing header of a function whose own tracing is active: its invocations are sampled.

    Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
    """
    return trace_header.replace(";Sampled=0", ";Sampled=1")
