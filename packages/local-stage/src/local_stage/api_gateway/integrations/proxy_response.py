"""The Lambda proxy response: what a function may answer, and what API Gateway makes of it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
#api-gateway-simple-proxy-for-lambda-output-format; refusals as recorded from AWS, or marked unverified.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NoReturn

from local_stage.api_gateway.exchange import BODILESS_STATUSES
from local_stage.api_gateway.gateway_error import api_configuration_error, internal_server_error
from local_stage.api_gateway.http_message import HttpResponse, is_binary

_KEYS: Final = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})
_STATUS: Final = re.compile(r"[2-5][0-9]{2}")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSENDABLE: Final = re.compile(r"[^\t\x20-\x7e]")
_DROPPED: Final = frozenset({"transfer-encoding"})
_REMAPPED: Final = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "content-md5",
        "date",
        "expect",
        "host",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "trailer",
        "upgrade",
        "user-agent",
        "www-authenticate",
        "x-amz-apigw-id",
        "x-amzn-requestid",
        "x-amzn-trace-id",
    }
)
_JSON: Final = ("Content-Type", "application/json")


def read_proxy_response(
    payload: bytes, *, accept: str | None, binary_media_types: Sequence[str]
) -> HttpResponse:
    """Return the answer that a function's result stands for; `accept` is the request's Accept header.

    Raises:
        GatewayError: 502 for what is no proxy response, 500 for a binary body that is not base64.

    Unverified, and refused to be on the safe side: a status that is no integer or numeral from 200 to 599 (a
    float, a boolean); a body that is a list or an object (the object recorded); `isBase64Encoded` that is no
    boolean; a header name that is no token; a header value with a line break, a control character or anything
    beyond ASCII, which could split the answer. Unverified as well: a body that is a number or a boolean is
    sent as JSON writes it; a null counts as absent, so `{"body": null}` is 200, as the empty object is
    (recorded); 204 and 304 have no default Content-Type; of several values of Content-Type the last counts.
    """
    result = _parse(payload)
    status = _read_status(result.get("statusCode"))
    headers = list(_read_headers(result.get("headers"), result.get("multiValueHeaders")))
    if status not in BODILESS_STATUSES and not any(name.lower() == "content-type" for name, _ in headers):
        headers.insert(0, _JSON)
    body = _read_body(result.get("body"))
    if _read_base64_flag(result.get("isBase64Encoded")) and is_binary(accept, binary_media_types):
        body = _decode(body)
    return HttpResponse(status, headers, body)


def _parse(payload: bytes) -> dict[str, Any]:
    try:
        result = _DECODER.decode(payload.decode())
    except (ValueError, RecursionError):
        _refuse("the function's result is no JSON document")
    if not isinstance(result, dict):
        _refuse(f"the function answered {_name(result)}, not an object with statusCode and body")
    if not _KEYS.issuperset(result):
        unknown = _quote(sorted(result.keys() - _KEYS))
        _refuse(
            f"the function's answer has {unknown}, which a REST API does not know;"
            f" it knows {', '.join(sorted(_KEYS))}"
        )
    return result


def _read_status(status: object) -> int:
    if status is None:
        return 200
    if isinstance(status, int | str) and not isinstance(status, bool) and _STATUS.fullmatch(str(status)):
        return int(status)
    return _refuse(f"statusCode is {_quote(status)}; answer an integer from 200 to 599")


def _read_headers(single: object, multiple: object) -> Iterator[tuple[str, str]]:
    """Yield the headers that go on, under the names that they go on by.

    Of a name that stands in both maps come the values of `multiValueHeaders` first (recorded), then that of
    `headers`, but for a value that was among them, as AWS documents it. Names match without regard to case.
    """
    merged: dict[str, tuple[str, list[str]]] = {}
    for name, values in _read_map("multiValueHeaders", multiple).items():
        if not isinstance(values, list):
            _refuse(f"multiValueHeaders holds {_name(values)} for {_quote(name)}; answer a list of strings")
        _, several = merged.setdefault(name.lower(), (name, []))
        several.extend(_render_value(name, value) for value in values if value is not None)
    for name, value in _read_map("headers", single).items():
        _, several = merged.setdefault(name.lower(), (name, []))
        if value is not None and (rendered := _render_value(name, value)) not in several:
            several.append(rendered)
    for lowered, (name, values) in merged.items():
        yield from _send(lowered, name, values)


def _read_map(key: str, value: object) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        _refuse(f"{key} is {_name(value)}; answer an object")
    return value


def _render_value(name: str, value: object) -> str:
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool | int | float):
        text = json.dumps(value)
    else:
        _refuse(f"the header {_quote(name)} has {_name(value)} for a value; answer a string")
    if not _is_token(name) or not ((text.isascii() and text.isprintable()) or not _UNSENDABLE.search(text)):
        _refuse(f"the header {_quote(name)} has characters that no header can carry; answer visible ASCII")
    return text.strip(" \t")


@lru_cache(maxsize=256)  # A function's answers have the same headers each time.
def _is_token(name: str) -> bool:
    return _HEADER_NAME.fullmatch(name) is not None


def _send(lowered: str, name: str, values: list[str]) -> Iterator[tuple[str, str]]:
    if lowered in _DROPPED:
        return
    if lowered in _REMAPPED:
        name = f"x-amzn-Remapped-{name}"
    elif lowered == "content-type":
        values = values[-1:]
    yield from ((name, value) for value in values)


def _read_body(body: object) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bool | int | float):
        return json.dumps(body).encode()
    if not isinstance(body, str):
        _refuse(f"body is {_name(body)}; answer a string, as json.dumps returns one")
    return body.encode("utf-8", "replace")


def _read_base64_flag(flag: object) -> bool:
    if flag is None or isinstance(flag, bool):
        return bool(flag)
    return _refuse(f"isBase64Encoded is {_quote(flag)}; answer true or false")


def _decode(body: bytes) -> bytes:
    try:
        return b64decode(body, validate=True)
    except ValueError as error:
        raise api_configuration_error(
            "isBase64Encoded is true, but body is no base64; encode it with base64.b64encode"
        ) from error


def _refuse_constant(_constant: str) -> NoReturn:
    """NaN and the infinities are no JSON, though Python writes them (RFC 8259, 6)."""
    raise ValueError


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _refuse(reason: str) -> NoReturn:
    raise internal_server_error(f"malformed Lambda proxy response: {reason}")


def _name(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "nothing"}
    return names.get(type(value), "a number")


def _quote(value: object) -> str:
    return ascii(value)[:100]
