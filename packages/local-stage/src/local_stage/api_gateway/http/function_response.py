"""What a function may return to an HTTP API, and the response that API Gateway makes of it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html;
what is refused as recorded on AWS, or marked unverified.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

from local_stage.api_gateway.exchange import BODILESS_STATUSES
from local_stage.api_gateway.http_error import internal_server_error
from local_stage.api_gateway.http_message import HttpResponse

_STATUS: Final = re.compile(r"[2-5][0-9]{2}")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_UNSENDABLE: Final = re.compile(r"[^\t\x20-\x7e]")
_DROPPED: Final = frozenset(
    {
        "apigw-requestid", "connection", "content-length", "date", "keep-alive", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Headers that the gateway alone sets (unverified: AWS documents them for parameter mappings only)."""

_TEXT: Final = ("Content-Type", "text/plain; charset=utf-8")
_JSON: Final = ("Content-Type", "application/json")


def read_response(payload: bytes) -> HttpResponse:
    """Return the response that a result stands for in format 2.0.

    Whatever has no `statusCode` is the body of a response with status 200: a text without its quotes, all
    else as JSON. Keys that the format does not have, `multiValueHeaders` among them, count for nothing.

    Raises:
        HttpApiError: 500 for what is no response: a `statusCode` that is no status, `cookies` that are no
            list, an object with `errorMessage` and no `statusCode` (all recorded); invalid base64, a status
            beyond 200 to 599, headers that are no object or could not be sent (all unverified).
    """
    result = _parse(payload)
    if isinstance(result, str):
        return HttpResponse(200, [_JSON], result.encode("utf-8", "replace"))
    if not isinstance(result, dict) or result.get("statusCode") is None:
        if isinstance(result, dict) and "errorMessage" in result:
            _refuse("the function returned errorMessage and no statusCode, which is what an error looks like")
        return HttpResponse(200, [_JSON], payload)
    headers = [
        (name, value)
        for key, values in _read_map("headers", result.get("headers")).items()
        for name, value in _render_header(key, [values])
    ]
    cookies = [("set-cookie", _render("set-cookie", cookie)) for cookie in _read_list(result.get("cookies"))]
    return _build(result, [*cookies, *headers])


def read_response_1(payload: bytes) -> HttpResponse:
    """Return the response that a result stands for in format 1.0, which needs a `statusCode`.

    Keys that the format does not have count for nothing, other than with a REST API (recorded). Of a name in
    both maps the values of `multiValueHeaders` go out (unverified).

    Raises HttpApiError, 500, as `read_response` does, and for a result without `statusCode`.
    """
    result = _parse(payload)
    if not isinstance(result, dict) or result.get("statusCode") is None:
        _refuse("the function returned no object with statusCode, which format 1.0 asks for")
    multiple = _read_map("multiValueHeaders", result.get("multiValueHeaders"))
    for name, values in multiple.items():
        if not isinstance(values, list):
            _refuse(f"multiValueHeaders has no list for {_quote(name)}; return a list of strings")
    single = _read_map("headers", result.get("headers"))
    several = {name.lower() for name in multiple}
    merged = {name: [value] for name, value in single.items() if name.lower() not in several} | dict(multiple)
    return _build(
        result, [header for name, values in merged.items() for header in _render_header(name, values)]
    )


def _build(result: Mapping[str, Any], headers: list[tuple[str, str]]) -> HttpResponse:
    status = _read_status(result["statusCode"])
    if status not in BODILESS_STATUSES and not any(name == "content-type" for name, _ in headers):
        headers.insert(0, _TEXT)
    body = _read_body(result.get("body"))
    return HttpResponse(status, headers, _decode(body) if result.get("isBase64Encoded") is True else body)


def _parse(payload: bytes) -> Any:
    try:
        return _DECODER.decode(payload.decode())
    except (ValueError, RecursionError):
        _refuse("the function's result is no JSON document")


def _read_status(status: object) -> int:
    if isinstance(status, int | str) and not isinstance(status, bool) and _STATUS.fullmatch(str(status)):
        return int(status)
    return _refuse(f"statusCode is {_quote(status)}; return an integer from 200 to 599")


def _read_map(key: str, value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        _refuse(f"{key} is {_quote(value)}; return an object")
    return value


def _read_list(cookies: object) -> list[Any]:
    if cookies is None:
        return []
    if not isinstance(cookies, list):
        _refuse(f"cookies is {_quote(cookies)}; return a list of strings")
    return cookies


def _render_header(name: str, values: list[Any]) -> Iterator[tuple[str, str]]:
    """Yield a header under its name in lower case, which is how all of them go out (recorded)."""
    lowered = name.lower()
    if not _HEADER_NAME.fullmatch(lowered):
        _refuse(f"the header {_quote(name)} has characters that no header's name can have")
    if lowered not in _DROPPED:
        yield from ((lowered, _render(lowered, value)) for value in values if value is not None)


def _render(name: str, value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    if _UNSENDABLE.search(text):
        _refuse(f"the header {name} has characters that no header can carry; return visible ASCII")
    return text.strip(" \t")


def _read_body(body: object) -> bytes:
    """Return the body; what is no text is JSON (unverified)."""
    if body is None:
        return b""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _decode(body: bytes) -> bytes:
    try:
        return b64decode(body, validate=True)
    except ValueError:
        _refuse("isBase64Encoded is true, but body is no base64; encode it with base64.b64encode")


def _refuse_constant(_constant: str) -> NoReturn:
    """NaN and the infinities are no JSON, though Python writes them (RFC 8259, 6)."""
    raise ValueError


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _refuse(reason: str) -> NoReturn:
    raise internal_server_error(f"malformed function response: {reason}")


def _quote(value: object) -> str:
    return ascii(value)[:100]
