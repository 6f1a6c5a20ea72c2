"""What a function may response, and what the client gets of it."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import quote

from conformance.case import Api, Case, Headers, Request, Response
from conformance.responses import JSON, Expected, bad_gateway, refused, responded


def _case(
    name: str, rule: str, result: Any, response: Response, *headers: tuple[str, str], **more: Any
) -> Case:
    """A POST whose body is what the function returns."""
    request = Request(method="POST", target="/answer", headers=headers, body=json.dumps(result).encode())
    return Case(id=f"response.{name}", rule=f"response.{rule}", request=request, response=response, **more)


def _malformed(name: str, result: Any, rule: str = "malformed") -> Case:
    return _case(name, rule, result, bad_gateway())


def _header(name: str, rule: str, headers: Any, *sent: tuple[str, str | re.Pattern[str]]) -> Case:
    return _case(name, rule, {"statusCode": 200, "headers": headers}, responded(200, b"", *sent))


def _multi(name: str, rule: str, result: Any, *sent: tuple[str, str]) -> Case:
    return _case(name, rule, {"statusCode": 200, **result}, responded(200, b"", *sent))


ACCEPTED: Final = (
    _case("status-alone", "status-alone", {"statusCode": 200}, responded()),
    _case("status-and-body", "status-and-body", {"statusCode": 404, "body": "no"}, responded(404, b"no")),
    _case("headers-alone", "without-status", {"headers": {"X-A": "1"}}, responded(200, b"", ("X-A", "1"))),
    _case("headers-null", "without-status", {"headers": None}, responded()),
    _case("body-alone", "without-status", {"body": "x"}, responded(200, b"x")),
    _case("empty-object", "empty-object", {}, responded()),
    _case("body-number", "scalar-body", {"statusCode": 200, "body": 7}, responded(200, b"7")),
    _case("body-true", "scalar-body", {"statusCode": 200, "body": True}, responded(200, b"true")),
    _case("status-as-text", "status-as-text", {"statusCode": "201"}, responded(201)),
    _case("body-null", "null-body", {"statusCode": 200, "body": None}, responded()),
    _case("body-text", "text-body", {"statusCode": 200, "body": "太郎"}, responded(200, "太郎".encode())),
    _case("redirect", "status-and-body", {"statusCode": 302, "headers": {"Location": "/x"}},
          responded(302, b"", ("Location", "/x"))),
)  # fmt: skip

REFUSED: Final = (
    _malformed("status-word", {"statusCode": "test"}),
    _malformed("text", "hello"),
    _malformed("nothing", None),
    _malformed("list", [{"statusCode": 200}]),
    _malformed("unknown-key", {"statusCode": 200, "cookies": []}),
    _malformed("multi-value-text", {"statusCode": 200, "multiValueHeaders": {"X-A": "1"}}),
    _malformed("status-float", {"statusCode": 200.5}, "odd-status"),
    _malformed("status-true", {"statusCode": True}, "odd-status"),
    _malformed("status-600", {"statusCode": 600}, "odd-status"),
    _malformed("status-99", {"statusCode": 99}, "odd-status"),
    _malformed("body-object", {"statusCode": 200, "body": {"a": 1}}, "odd-body"),
    _malformed("flag-text", {"statusCode": 200, "isBase64Encoded": "true"}, "odd-flag"),
    _malformed("headers-list", {"statusCode": 200, "headers": []}, "odd-headers"),
    _malformed("header-list", {"statusCode": 200, "headers": {"X-A": ["1"]}}, "odd-headers"),
    _malformed("header-split", {"statusCode": 200, "headers": {"X-A": "1\r\nX-B: 2"}}, "header-injection"),
    _malformed(
        "header-name-split", {"statusCode": 200, "headers": {"X-A: 1\r\nX-B": "2"}}, "header-injection"
    ),
)

_ANY_ORIGIN: Final = ("Access-Control-Allow-Origin", "*")

HEADERS: Final = (
    _header("header-true", "header-true", {"X-A": True}, ("X-A", "true")),
    _header("header-number", "header-number", {"X-A": 7}, ("X-A", "7")),
    _header("header-casing", "header-casing", {"x-a": "1", "X-B": "2"}, ("x-a", "1"), ("X-B", "2")),
    _case("content-type", "content-type",
          {"statusCode": 200, "headers": {"Content-Type": "text/plain"}, "body": "x"},
          responded(200, b"x", content_type="text/plain")),
    _case("content-type-lower-case", "content-type-casing",
          {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": "x"},
          responded(200, b"x", ("content-type", "text/plain"), content_type=None)),
    _multi("multi-values", "multi-values", {"multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}},
           ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
    _multi("both-maps", "both-maps", {"headers": {"X-A": "3"}, "multiValueHeaders": {"X-A": ["1", "2"]}},
           ("X-A", "1"), ("X-A", "2"), ("X-A", "3")),
    _multi("both-maps-same-value", "both-maps-same-value",
           {"headers": {"X-A": "2"}, "multiValueHeaders": {"X-A": ["1", "2"]}}, ("X-A", "1"), ("X-A", "2")),
    _header("cors", "no-cors-added", dict([_ANY_ORIGIN]), _ANY_ORIGIN),
    _header("remapped-www-authenticate", "remapped-www-authenticate", {"WWW-Authenticate": "Basic"},
            ("x-amzn-Remapped-WWW-Authenticate", "Basic")),
    _header("transfer-encoding", "transfer-encoding", {"Transfer-Encoding": "chunked"}),
    *(
        _header(f"remapped-{name.lower()}", "remapped", {name: value}, (f"x-amzn-Remapped-{name}", value))
        for name, value in (
            ("Authorization", "abc"), ("Connection", "close"), ("Content-Length", "7"),
            ("Content-MD5", "abc"), ("Date", "Tue, 18 Jun 2024 15:00:04 GMT"), ("Expect", "abc"),
            ("Host", "app.example"), ("Max-Forwards", "1"), ("Proxy-Authenticate", "Basic"),
            ("Server", "abc"), ("Trailer", "Expires"), ("Upgrade", "abc"), ("User-Agent", "abc"),
        )
    ),
)  # fmt: skip

_PNG: Final = {
    "statusCode": 200,
    "headers": {"Content-Type": "image/png"},
    "body": "iVBORw0K",
    "isBase64Encoded": True,
}


def _png(name: str, body: bytes, accept: str | None, rule: str = "binary", api: Api = Api.DEFAULTS) -> Case:
    headers: Headers = () if accept is None else (("Accept", accept),)
    response = responded(200, body, content_type="image/png")
    return _case(f"binary-{name}", rule, _PNG, response, *headers, api=api)


BINARY: Final = (
    _png("accepted", b"\x89PNG\r\n", "image/png"),
    _png("accepted-first", b"\x89PNG\r\n", "image/png,text/html"),
    _png("accepted-second", b"iVBORw0K", "text/html,image/png", "binary-first-type"),
    _png("any-accepted", b"iVBORw0K", "*/*"),
    _png("not-accepted", b"iVBORw0K", "text/plain", "base64-text"),
    _png("no-accept", b"iVBORw0K", None, "base64-text"),
    _png("everything", b"\x89PNG\r\n", None, "binary-everything", Api.CUSTOMISED),
    _case(
        "binary-broken",
        "binary-broken",
        {"statusCode": 200, "body": "?", "isBase64Encoded": True},
        refused(500, "InternalServerErrorException", '{"message": "Internal server error"}'),
        ("Accept", "image/png"),
    ),
    _case("binary-unflagged", "binary", {"statusCode": 200, "body": "iVBORw0K"}, responded(200, b"iVBORw0K"),
          ("Accept", "image/png")),
)  # fmt: skip


def _bodiless(status: int, *own: tuple[str, str]) -> Response:
    headers: Expected = own
    return responded(status, b"", *headers, content_type=None)


def _get(name: str, rule: str, result: Any, response: Response) -> Case:
    target = f"/answer?result={quote(json.dumps(result), safe='')}"
    request = Request(target=target)
    return Case(id=f"response.{name}", rule=f"response.{rule}", request=request, response=response)


WITHOUT_BODY: Final = (
    _get("get", "status-and-body", {"statusCode": 200, "body": "x"}, responded(200, b"x", content_type=JSON)),
    _get("no-content", "no-content", {"statusCode": 204}, _bodiless(204)),
    _get("no-content-with-body", "no-content", {"statusCode": 204, "body": "x"}, _bodiless(204)),
    _get(
        "not-modified",
        "no-content",
        {"statusCode": 304, "headers": {"ETag": '"a"'}},
        _bodiless(304, ("ETag", '"a"')),
    ),
    _get("empty-body", "empty-body", {"statusCode": 200, "body": ""}, responded(length="0")),
    _get("empty-404", "empty-body", {"statusCode": 404}, responded(404, length="0")),
)

CASES: Final = (*ACCEPTED, *REFUSED, *HEADERS, *BINARY, *WITHOUT_BODY)
