"""The responses of an HTTP API: what stands in each kind of them, whatever the case is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from conformance.case import Response, Text
from conformance.event import Event
from conformance.responses import DATE, EXTENDED_ID, JSON, LENGTH, Expected

TEXT: Final = "text/plain; charset=utf-8"
CHALLENGE: Final = re.compile(r'Bearer scope="[^"]*" error="invalid_token" error_description="[^"]+"')
"""What a token is refused with where the description is not recorded."""


def refused(status: int, message: str, *own: tuple[str, Text], in_order: bool = False) -> Response:
    """Return a response that the gateway gives by itself; `own` headers come before apigw-requestid."""
    body = f'{{"message":"{message}"}}'.encode()
    return _answer(status, own, body, JSON, in_order=in_order)


def told(
    status: int,
    *own: tuple[str, Text],
    body: bytes | re.Pattern[bytes] = b"",
    content_type: str | None = TEXT,
    in_order: bool = False,
) -> Response:
    """Return a response with this status; 204 has neither content type nor length."""
    return _answer(status, own, body, None if status == 204 else content_type, in_order=in_order)  # noqa: PLR2004


def echoed(places: Mapping[str, Any]) -> Response:
    """Return the response of the function that sends its event back; `places` are those of the event."""
    return _answer(200, (), Event(places), TEXT)


def _answer(
    status: int,
    own: Expected,
    body: bytes | re.Pattern[bytes] | Event,
    content_type: str | None,
    *,
    in_order: bool = False,
) -> Response:
    headers: Expected = (
        ("Date", DATE),
        *((("Content-Type", content_type),) if content_type else ()),
        *(() if status == 204 else (("Content-Length", LENGTH),)),  # noqa: PLR2004 - without content
        ("Connection", "keep-alive"),
        *own,
        ("apigw-requestid", EXTENDED_ID),
    )
    return Response(status=status, headers=headers, body=body, in_order=in_order)
