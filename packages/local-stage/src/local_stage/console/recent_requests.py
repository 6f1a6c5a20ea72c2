"""The last requests to the API, and other invocations, as the console's page lists them while they come.

`GET /requests?after=REVISION` waits for something newer.

Neither headers nor bodies nor queries are kept: a token may stand in each of them.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from itertools import count
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs

from local_stage.api_gateway.exchange import Exchange, Outcome
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.console import ConsoleError, Endpoints, json_response
from local_stage.lambda_runtime.function_log import LogLine
from local_stage.lambda_runtime.invoker import InvocationResult

REQUESTS_KEPT: Final = 200
LINES_KEPT: Final = 50
"""Of each invocation's log; the rest is in the functions' log file."""
LINE_LENGTH: Final = 2_000
LOGS_KEPT: Final = 2 * REQUESTS_KEPT
PATIENCE: Final = 25.0
"""Seconds after which a poll is answered with nothing new: less than what browsers and proxies wait."""

_CALLER_CLAIMS: Final = ("cognito:username", "username", "client_id", "sub")
_PATH: Final = "/requests"
_REVISION: Final = re.compile(r"[0-9]{1,19}", re.ASCII)


class StepOutcome(StrEnum):
    """What became of one step of a request; SKIPPED is what its route has no need of."""

    PASSED = "passed"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    NOT_REACHED = "not reached"


@dataclass(slots=True)
class RecentRequest:
    """A request that has its answer; `revision` grows whenever there is more to tell of it.

    `invocation` is the request id of the function's invocation, None where there was none.
    """

    revision: int
    invocation: str | None
    described: dict[str, Any]


class RecentRequests:
    """The last requests, and the wait for the next one."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        # Another one for each stage: the page of one that ran before may still ask.
        self.first_revision: Final = int(clock() * 1000)
        self._revision = self.first_revision
        self._numbers = count(1)
        self._requests: deque[RecentRequest] = deque()
        self._invocations: deque[RecentRequest] = deque(maxlen=REQUESTS_KEPT)
        self._by_invocation: dict[str, RecentRequest] = {}
        self._logs: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def revision(self) -> int:
        """The newest revision there is."""
        return self._revision

    def record(self, exchange: Exchange) -> None:
        """Keep a request that has its answer."""
        integration = exchange.context.integration
        invocation = None if integration is None else integration.request_id
        described = {"number": next(self._numbers), **_describe(exchange)}
        request = RecentRequest(self._revise(), invocation, described)
        self._requests.append(request)
        if invocation is not None:
            self._by_invocation[invocation] = request
        if len(self._requests) > REQUESTS_KEPT:
            self._by_invocation.pop(self._requests.popleft().invocation or "", None)

    def record_invocation(self, result: InvocationResult, source: str, at: float, duration: float) -> None:
        """Keep an invocation that no request has caused; `at` is in Unix seconds, `duration` in seconds."""
        described = {
            "number": next(self._numbers),
            "request_id": result.request_id,
            "at": at,
            "function": result.function,
            "source": ascii(source)[1:-1],
            "error_type": ascii(result.error_type)[1:-1] or None,
            "duration": duration,
        }
        self._invocations.append(RecentRequest(self._revise(), result.request_id, described))

    def record_line(self, line: LogLine) -> None:
        """Keep a line of a function's log with the request whose invocation wrote it."""
        if line.request_id is None:
            return
        lines = self._logs.setdefault(line.request_id, [])
        if len(lines) >= LINES_KEPT:
            return
        lines.append({"text": line.text[:LINE_LENGTH], "platform": line.platform})
        while len(self._logs) > LOGS_KEPT:
            self._logs.popitem(last=False)
        if (request := self._by_invocation.get(line.request_id)) is not None:
            request.revision = self._revise()

    def read(self, after: int) -> list[dict[str, Any]]:
        """Return, as JSON can hold them, the requests of which there is more to tell than at `after`."""
        return self._read(self._requests, after)

    def read_invocations(self, after: int) -> list[dict[str, Any]]:
        """Return in the same way the invocations that no request has caused."""
        return self._read(self._invocations, after)

    def _read(self, kept: Iterable[RecentRequest], after: int) -> list[dict[str, Any]]:
        return [
            {**one.described, "log": list(self._logs.get(one.invocation or "", ()))}
            for one in kept
            if one.revision > after
        ]

    async def wait(self, after: int, seconds: float) -> None:
        """Return when there is something newer than `after`, when the time is up, or at the stage's end."""
        if self._revision > after or self._closed:
            return
        try:
            async with asyncio.timeout(seconds):
                self._changed.clear()
                await self._changed.wait()
        except TimeoutError:
            pass

    def close(self) -> None:
        """Let everybody go who waits: the stage stops."""
        self._closed = True
        self._changed.set()

    def _revise(self) -> int:
        self._revision += 1
        self._changed.set()
        return self._revision


def _describe(exchange: Exchange) -> dict[str, Any]:
    context = exchange.context
    return {
        "request_id": context.request_id,
        "at": context.time_epoch / 1000,
        "api_id": context.api_id,
        "stage": context.stage,
        "method": exchange.request.method,
        "path": ascii(exchange.request.path)[1:-1],
        "route": context.resource_path or None,
        "status": exchange.response.status,
        "duration": exchange.duration,
        "reason": exchange.error and exchange.error.reason,
        "caller": _find_caller(context.authorizer_event or {}),
        "steps": _describe_steps(_find_progress(exchange)),
    }


def _find_caller(event: Mapping[str, Any]) -> str | None:
    """Return the user, else the app client or the subject, of a token that a route has let in.

    A REST API's event has the claims itself, an HTTP API's has them under `jwt`. What names a user is
    `cognito:username` in an ID token and `username` in an access token of Cognito's.
    """
    claims = event.get("jwt", event).get("claims", {})
    return next((claims[name] for name in _CALLER_CLAIMS if claims.get(name)), None)


class Progress(NamedTuple):
    """How far a request has come, as far as its steps show it.

    `integration` says whether the function has given a good answer, None where it was not asked.
    """

    has_method: bool
    has_authorizer: bool
    has_claims: bool
    integration: bool | None
    is_refused: bool


def _find_progress(exchange: Exchange) -> Progress:
    context = exchange.context
    return Progress(
        bool(context.resource_path),
        context.authorizer is not None,
        context.authorizer_event is not None,
        _has_good_answer(context.integration),
        exchange.error is not None,
    )


def _has_good_answer(integration: Outcome | None) -> bool | None:
    """Return whether the function has given a good answer, None for a mock, which invokes nothing."""
    if integration is None or integration.request_id is None:
        return None
    return integration.error is None


@cache  # There are few kinds, and each request is of one.
def _describe_steps(progress: Progress) -> Mapping[str, str]:
    return {str(step): outcome.value for step, outcome in _find_steps(progress)}


def _find_steps(progress: Progress) -> Iterator[tuple[int, StepOutcome]]:
    """Yield what became of the steps 3 to 8 of the way from the client to the function and back.

    3: the request reaches a method; 4 and 5: token and verdict; 6: the event goes to the function; 7: its
    answer; 8: the client's. The steps 1 and 2, the sign-in, do not pass through API Gateway.
    """
    yield 3, StepOutcome.PASSED if progress.has_method else StepOutcome.STOPPED
    yield from _verdict(progress)
    if progress.integration is not None:
        yield 6, StepOutcome.PASSED
        yield 7, StepOutcome.PASSED if progress.integration else StepOutcome.STOPPED
    elif not progress.is_refused:
        yield from ((step, StepOutcome.SKIPPED) for step in (6, 7))
    else:
        was_let_in = progress.has_method and (not progress.has_authorizer or progress.has_claims)
        yield 6, StepOutcome.STOPPED if was_let_in else StepOutcome.NOT_REACHED
        yield 7, StepOutcome.NOT_REACHED
    yield 8, StepOutcome.PASSED


def _verdict(progress: Progress) -> Iterator[tuple[int, StepOutcome]]:
    if not progress.has_authorizer:
        outcome = StepOutcome.SKIPPED if progress.has_method else StepOutcome.NOT_REACHED
        yield from ((step, outcome) for step in (4, 5))
        return
    yield 4, StepOutcome.PASSED
    yield 5, StepOutcome.PASSED if progress.has_claims else StepOutcome.STOPPED


def requests_endpoints(recent: RecentRequests, *, patience: float = PATIENCE) -> Endpoints:
    """Return what lists the requests newer than `after`; without it those that there are, at once.

    The answer's `revision` is the next `after`. Its `first` is another one when another stage answers: what
    was listed before is that of a stage that is gone.
    """

    async def poll(request: HttpRequest) -> HttpResponse:
        after = _read_after(request)
        if after is None or after > recent.revision:  # which is an earlier stage's
            after = 0
        else:
            await recent.wait(after, patience)
        return json_response(
            {
                "first": recent.first_revision,
                "revision": recent.revision,
                "requests": recent.read(after),
                "invocations": recent.read_invocations(after),
            }
        )

    return {("GET", _PATH): poll}


def _read_after(request: HttpRequest) -> int | None:
    given = parse_qs(request.query, keep_blank_values=True).get("after")
    if given is None:
        return None
    if len(given) != 1 or not _REVISION.fullmatch(given[0]):
        raise ConsoleError(HTTPStatus.BAD_REQUEST, "after has to be a revision, as an answer before told it")
    return int(given[0])
