"""How large a request and a response may be."""

from __future__ import annotations

import re
from typing import Final

from conformance.case import Api, Case, Request, Response
from conformance.responses import bad_gateway, echoed, fronted, refused, responded

MEGABYTE: Final = 1024 * 1024

_TOO_LONG: Final = fronted(413, "HTTP content length exceeded 10485760 bytes.")
_HEADERS_TOO_LARGE: Final = fronted(431, "HTTP header is larger than 10240 bytes.")


def _post(
    name: str, rule: str, size: int, response: Response, *, api: Api = Api.DEFAULTS, chunked: bool = False
) -> Case:
    request = Request(method="POST", target="/open", body=b"x" * size, chunked=chunked)
    return Case(id=f"limits.{name}", rule=f"limits.{rule}", request=request, response=response, api=api)


def _get(name: str, rule: str, target: str, response: Response, *values: int) -> Case:
    headers = tuple((f"X-Long-{number}", "x" * size) for number, size in enumerate(values))
    request = Request(target=target, headers=headers)
    return Case(id=f"limits.{name}", rule=f"limits.{rule}", request=request, response=response)


CASES: Final = (
    _post("payload", "payload", 10 * MEGABYTE + 1, _TOO_LONG),
    _post("payload-customised", "payload-not-customised", 10 * MEGABYTE + 1, _TOO_LONG, api=Api.CUSTOMISED),
    _post(
        "payload-of-lambda",
        "payload-of-lambda",
        7 * MEGABYTE,
        refused(413, "BadRequestException", '{"message": "Request Too Long"}'),
    ),
    _post("payload-below", "payload", MEGABYTE, echoed({"/body": "x" * MEGABYTE})),
    _get("headers", "headers", "/open", _HEADERS_TOO_LARGE, 6000, 6000),
    _get("header", "headers", "/open", _HEADERS_TOO_LARGE, 10_300),
    _get("header-below", "headers-below", "/open", echoed({"/headers/X-Long-0": "x" * 9000}), 9000),
    _get("headers-below", "headers-below", "/open", echoed({"/headers/X-Long-1": "x" * 4500}), 4500, 4500),
    _get(
        *("response-below", "response", f"/large?bytes={5 * MEGABYTE}"),
        responded(200, re.compile(rb"x{5242880}")),
    ),
    _get("response", "response", f"/large?bytes={6 * MEGABYTE + 1000}", bad_gateway()),
)
