"""The stage's clock over HTTP: `{"now": 1795390000.0, "ahead": 7200.0}`, both in seconds."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.clock import AdjustableClock
from local_stage.console.console import Endpoints, answer_json, read_json
from local_stage.console.console_error import ConsoleError

PATH: Final = "/clock"
LIMIT: Final = 100 * 365 * 86400
"""Seconds, a century: beyond it a date has no year that every log can show."""


def clock_endpoints(clock: AdjustableClock) -> Endpoints:
    """Return what shows the clock (GET), moves it (POST `{"advance": seconds}`), sets it right (DELETE)."""

    async def show(_: HttpRequest) -> HttpResponse:
        return answer_json({"now": clock(), "ahead": clock.ahead})

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

    return {("GET", PATH): show, ("POST", PATH): advance, ("DELETE", PATH): reset}
