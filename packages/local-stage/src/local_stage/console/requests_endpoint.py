"""The last requests over HTTP, as they come: `GET /requests?after=REVISION` waits for something newer."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.console import Endpoints, answer_json
from local_stage.console.console_error import ConsoleError
from local_stage.console.recent_requests import RecentRequests

PATH: Final = "/requests"
PATIENCE: Final = 25.0
"""Seconds after which a poll is answered with nothing new: less than what browsers and proxies wait."""

_REVISION: Final = re.compile(r"[0-9]{1,19}", re.ASCII)


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
        found = recent.read(after)
        return answer_json({"first": recent.first_revision, "revision": recent.revision, "requests": found})

    return {("GET", PATH): poll}


def _read_after(request: HttpRequest) -> int | None:
    given = parse_qs(request.query, keep_blank_values=True).get("after")
    if given is None:
        return None
    if len(given) != 1 or not _REVISION.fullmatch(given[0]):
        raise ConsoleError(HTTPStatus.BAD_REQUEST, "after has to be a revision, as an answer before told it")
    return int(given[0])
