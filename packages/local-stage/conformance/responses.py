"""The responses that cases are compared with: what stands in each kind of them, whatever a case is about."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from conformance.case import Response, Text
from conformance.event import Event

JSON: Final = "application/json"

DATE: Final = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
LENGTH: Final = re.compile(r"0|[1-9]\d*")
REQUEST_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EXTENDED_ID: Final = re.compile(r"[A-Za-z0-9+/_-]{15}=")
TRACE: Final = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}")
INVOCATION_TRACE: Final = re.compile(
    r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01];Lineage=1:[0-9a-f]{8}:0"
)

type Expected = tuple[tuple[str, Text], ...]

_NO_KEY_VALUE_PAIR: Final = (
    "Invalid key=value pair (missing equal-sign) in Authorization header"
    " (hashed with SHA-256 and encoded with Base64): '{hash}'."
)
_INCOMPLETE: Final = (
    "Authorization header requires 'Credential' parameter."
    " Authorization header requires 'Signature' parameter."
    " Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of"
    " either a 'X-Amz-Date' or a 'Date' header."
    " (Hashed with SHA-256 and encoded with Base64) Authorization={hash}"
)


def refused(
    status: int,
    error_type: str,
    body: str,
    *own: tuple[str, Text],
    traced: bool = False,
    content_type: str = JSON,
    in_order: bool = False,
) -> Response:
    """Return a response that API Gateway gives itself; `own` headers are those of the gateway response."""
    headers = (("x-amzn-ErrorType", error_type), *own)
    return _answer(status, headers, body.encode(), content_type, TRACE if traced else None, in_order=in_order)


def unauthorized(*, in_order: bool = False) -> Response:
    """Return the authorizer's one response to whatever it does not let through."""
    return refused(401, "UnauthorizedException", '{"message":"Unauthorized"}', in_order=in_order)


def expired() -> Response:
    """Return the authorizer's response to a token that is good but for its expiry."""
    return refused(401, "UnauthorizedException", '{"message":"The incoming token has expired"}')


def unknown_route() -> Response:
    """Return the response to a path or verb that the API does not have, without Authorization header."""
    body = '{"message":"Missing Authentication Token"}'
    return refused(403, "MissingAuthenticationTokenException", body)


def no_key_value_pair(authorization: str) -> Response:
    """Return the response to an unknown path or verb with an Authorization header that has no `=`."""
    return _incomplete_signature(_NO_KEY_VALUE_PAIR, authorization)


def incomplete_signature(authorization: str) -> Response:
    """Return the response to an unknown path or verb with an Authorization header of one word or with `=`."""
    return _incomplete_signature(_INCOMPLETE, authorization)


def forbidden() -> Response:
    """Return the response to an unknown stage or API."""
    return refused(403, "ForbiddenException", '{"message":"Forbidden"}')


def invalid_body() -> Response:
    """Return the response to a body that its model refuses."""
    return refused(400, "BadRequestException", '{"message": "Invalid request body"}')


def missing_parameters(names: str) -> Response:
    """Return the response to a request without required parameters."""
    body = f'{{"message": "Missing required request parameters: [{names}]"}}'
    return refused(400, "BadRequestException", body)


def bad_gateway() -> Response:
    """Return the response where the function failed or answered what is no proxy response."""
    body = '{"message": "Internal server error"}'
    return refused(502, "InternalServerErrorException", body)


def responded(
    status: int = 200,
    body: bytes | re.Pattern[bytes] = b"",
    *own: tuple[str, Text],
    content_type: str | None = JSON,
    length: Text = LENGTH,
) -> Response:
    """Return a function's response; `own` headers are its own, `length` is the value of Content-Length."""
    return _answer(status, own, body, content_type, INVOCATION_TRACE, length=length)


def echoed(places: Mapping[str, Any]) -> Response:
    """Return the response of the function that sends its event back; `places` are those of the event."""
    return _answer(200, (), Event(places), JSON, INVOCATION_TRACE)


def mocked(*own: tuple[str, Text], traced: bool = False) -> Response:
    """Return the response of the mock that SAM writes for a preflight."""
    return _answer(200, own, b"{}\n", JSON, TRACE if traced else None)


def fronted(status: int, body: str) -> Response:
    """Return a response that is given before any API is looked for: plain text, no ids."""
    headers = (
        ("Date", DATE),
        ("Content-Type", "text; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Connection", re.compile("close|keep-alive")),
    )
    return Response(status=status, headers=headers, body=body.encode())


def _incomplete_signature(template: str, authorization: str) -> Response:
    digest = b64encode(sha256(authorization.encode()).digest()).decode()
    body = f'{{"message":"{template.format(hash=digest)}"}}'
    return refused(403, "IncompleteSignatureException", body)


def _answer(
    status: int,
    own: Expected,
    body: bytes | re.Pattern[bytes] | Event,
    content_type: str | None,
    trace: re.Pattern[str] | None,
    *,
    in_order: bool = False,
    length: Text = LENGTH,
) -> Response:
    bodiless = status in {204, 304}
    headers: Expected = (
        ("Date", DATE),
        *((("Content-Type", content_type),) if content_type else ()),
        *(() if bodiless else (("Content-Length", length),)),
        ("Connection", "keep-alive"),
        ("x-amzn-RequestId", REQUEST_ID),
        *own,
        ("x-amz-apigw-id", EXTENDED_ID),
        *((("X-Amzn-Trace-Id", trace),) if trace else ()),
    )
    return Response(status=status, headers=headers, body=body, in_order=in_order)
