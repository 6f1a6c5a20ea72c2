"""The stage's clock, which a developer may set ahead.

Over HTTP it is `{"now": 1795390000.0, "ahead": 7200.0}`, both in seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.console import ConsoleError, Endpoints, json_response, read_json
from local_stage.console.console_client import CLOCK

LIMIT: Final = 100 * 365 * 86400
"""Seconds, a century: beyond it a date has no year that every log can show."""


class AdjustableClock:
    """Unix seconds, some of them ahead of another clock.

    It can be moved forward alone: behind the time, tokens that have expired would open the API again.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ahead = 0.0

    def __call__(self) -> float:
        """Return the time that the stage goes by, in Unix seconds."""
        return self._clock() + self._ahead

    @property
    def ahead(self) -> float:
        """How many seconds it is ahead."""
        return self._ahead

    def advance(self, seconds: float) -> None:
        """Move it forward. Raises ValueError for a number of seconds that is not positive and finite."""
        if not 0 < seconds < float("inf"):
            raise ValueError(f"{seconds} is no positive number of seconds")
        self._ahead += seconds

    def reset(self) -> None:
        """Go by the other clock again."""
        self._ahead = 0.0


def clock_endpoints(clock: AdjustableClock) -> Endpoints:
    """Return what shows the clock (GET), moves it (POST `{"advance": seconds}`), sets it right (DELETE)."""

    async def show(_: HttpRequest) -> HttpResponse:
        return json_response({"now": clock(), "ahead": clock.ahead})

    async def advance(request: HttpRequest) -> HttpResponse:
        seconds = read_json(request).get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= LIMIT:
            raise ConsoleError(
                HTTPStatus.BAD_REQUEST, "advance has to be seconds, more than none; it goes forward only"
            )
        if clock.ahead + seconds > LIMIT:
            raise ConsoleError(HTTPStatus.BAD_REQUEST, "more than a century ahead; reset it first")
        clock.advance(seconds)
        return await show(request)

    async def reset(request: HttpRequest) -> HttpResponse:
        clock.reset()
        return await show(request)

    return {("GET", CLOCK): show, ("POST", CLOCK): advance, ("DELETE", CLOCK): reset}
