"""A request that is rejected for its headers before any route is looked for, whatever it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from local_stage.api_gateway.http_message import HEADER_LIMIT, HEADERS_TOO_LARGE, HttpRequest
from local_stage.explanation.explanation import Response

_NO_VALUE: Final = frozenset(map(chr, (*range(0x20), 0x7F))) - {"\t"}
"""What no header's value can hold: control characters, but for a tab (RFC 9110, section 5.5)."""
_ROOM: Final = 1024
"""Bytes that the other headers of a browser easily have."""
_TOGETHER: Final = "in all headers' values together"


@dataclass(frozen=True, slots=True)
class HeaderRejection:
    """The response, why, and the remedy in one sentence."""

    response: Response
    why: str
    remedy: str


def reject_headers(request: HttpRequest) -> HeaderRejection | None:
    """Return how a request is rejected unread, or None where the stage reads it."""
    if any(_NO_VALUE.intersection(value) for _, value in request.headers):
        return HeaderRejection(
            Response("API Gateway", HTTPStatus.BAD_REQUEST, body=HTTPStatus.BAD_REQUEST.phrase),
            "a line end or another control character inside, which no header can hold",
            "Send the token alone, on one line.",
        )
    size = _count_bytes(request)
    if size <= HEADER_LIMIT:
        return None
    return HeaderRejection(
        Response("API Gateway", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, body=HEADERS_TOO_LARGE),
        f"{size} bytes {_TOGETHER}, of at most {HEADER_LIMIT}",
        "Put less into the token: fewer groups of the user, fewer attributes that the app client may read"
        " (ReadAttributes), or fewer claims of a pre token generation trigger.",
    )


def warn_of_size(request: HttpRequest) -> tuple[str, ...]:
    """Return a note where little room is left for the headers that a client sends of its own."""
    size = _count_bytes(request)
    if size <= HEADER_LIMIT - _ROOM:
        return ()
    note = (
        f"Beyond {HEADER_LIMIT} bytes {_TOGETHER} it is {HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE};"
        f" these have {size} already, and a client sends others."
    )
    return (note,)


def _count_bytes(request: HttpRequest) -> int:
    # A byte that is no UTF-8 stands there as a lone surrogate: it counts as the one byte that it was.
    return sum(len(value.encode(errors="replace")) for _, value in request.headers)
