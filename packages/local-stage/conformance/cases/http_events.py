"""The events that an HTTP API sends to functions, in both formats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from conformance.case import Api, Case, Headers, Request
from conformance.event import ABSENT, Keys, ResponseHeader
from conformance.http_responses import echoed
from conformance.responses import EXTENDED_ID, TRACE

_KEYS: Final = ("version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext")
_CONTEXT: Final = (
    "accountId", "apiId", "domainName", "domainPrefix", "http", "requestId", "routeKey", "stage", "time",
    "timeEpoch",
)  # fmt: skip
_CONTEXT_1: Final = (
    "accountId", "apiId", "domainName", "domainPrefix", "extendedRequestId", "httpMethod", "identity", "path",
    "protocol", "requestId", "requestTime", "requestTimeEpoch", "resourceId", "resourcePath", "stage",
)  # fmt: skip
_ADDRESS: Final = re.compile(r"[0-9a-f.:]+")


def _event(  # noqa: PLR0917 - in the order of a request
    name: str,
    rule: str,
    places: Mapping[str, Any],
    line: str = "GET /open",
    headers: Headers = (),
    body: bytes = b"",
) -> Case:
    method, target = line.split(" ", 1)
    request = Request(method=method, target=target, headers=headers, stage="", body=body)
    return Case(
        id=f"http-event.{name}", rule=f"http.{rule}", request=request, response=echoed(places), api=Api.HTTP
    )


EVENTS: Final = (
    _event("keys", "key-order", {"": Keys((*_KEYS, "isBase64Encoded", "stageVariables"))}),
    _event(
        "all-keys",
        "key-order",
        {
            "": Keys(
                (
                    *_KEYS[:4],
                    "cookies",
                    "headers",
                    "queryStringParameters",
                    "requestContext",
                    "pathParameters",
                    "isBase64Encoded",
                    "stageVariables",
                )
            )
        },
        "GET /pets/dog/2?a=1",
        (("Cookie", "a=1"),),
    ),
    _event("body-key", "key-order", {"/body": "hi"}, "POST /open", (("Content-Type", "text/plain"),), b"hi"),
    _event("version", "key-order", {"/version": "2.0"}),
    _event("context-keys", "context-keys", {"/requestContext": Keys(_CONTEXT)}),
    _event(
        "context-signed-in",
        "context-keys",
        {"/requestContext": Keys((*_CONTEXT[:2], "authorizer", *_CONTEXT[2:]))},
        "GET /protected",
        (("Authorization", "{id_token}"),),
    ),
    _event(
        "http",
        "context-keys",
        {
            "/requestContext/http": Keys(("method", "path", "protocol", "sourceIp", "userAgent")),
            "/requestContext/http/method": "GET",
            "/requestContext/http/path": "/open",
            "/requestContext/http/protocol": "HTTP/1.1",
            "/requestContext/http/sourceIp": _ADDRESS,
            "/requestContext/http/userAgent": "tester",
        },
        headers=(("User-Agent", "tester"),),
    ),
    _event(
        "stage", "context-keys", {"/requestContext/stage": "$default", "/stageVariables": Keys(("color",))}
    ),
    _event("request-id", "request-id", {"/requestContext/requestId": ResponseHeader("apigw-requestid")}),
    _event("request-id-form", "request-id", {"/requestContext/requestId": EXTENDED_ID}),
    _event(
        "time",
        "time",
        {
            "/requestContext/time": re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000"),
            "/requestContext/timeEpoch": int,
        },
    ),
    _event(
        "header-names",
        "header-names",
        {"/headers/x-own": "1", "/headers/X-Own": ABSENT},
        headers=(("X-Own", "1"),),
    ),
    _event(
        "header-repeated",
        "header-names",
        {"/headers/x-own": "first,second"},
        headers=(("X-Own", "first"), ("x-own", "second")),
    ),
    _event(
        "added-headers",
        "added-headers",
        {
            "/headers/x-amzn-trace-id": TRACE,
            "/headers/x-forwarded-for": _ADDRESS,
            "/headers/content-length": "0",
        },
    ),
    _event(
        "cookies",
        "cookies",
        {"/cookies": ["a=1", "b=2"], "/headers/cookie": ABSENT},
        headers=(("Cookie", "a=1; b=2"),),
    ),
    _event("no-query", "query", {"/rawQueryString": "", "/queryStringParameters": ABSENT}),
    *(
        _event(
            f"query-{name}",
            "query",
            {"/rawQueryString": query, "/queryStringParameters": decoded},
            f"GET /open?{query}",
        )
        for name, query, decoded in (
            ("plus", "a=b+c", {"a": "b c"}),
            ("encoded", "a=%2B%20", {"a": "+ "}),
            ("repeated", "a=1&b=2&a=3", {"a": "1,3", "b": "2"}),
            ("empty", "a=&b=1", {"a": "", "b": "1"}),
        )
    ),
    _event("path-parameters", "path-parameters", {"/pathParameters": {"id": "a b"}}, "GET /pets/dog/a%20b"),
    _event("greedy", "path-parameters", {"/pathParameters": {"proxy": "a/b"}}, "GET /pets/a/b"),
    _event("no-path-parameters", "path-parameters", {"/pathParameters": ABSENT}),
    _event("raw-path", "path-decoded", {"/rawPath": "/pets/a b"}, "GET /pets/a%20b"),
    *(
        _event(
            f"body-{name}",
            "base64",
            {"/body": body, "/isBase64Encoded": body != "hi"},
            "POST /open",
            (("Content-Type", content_type),) if content_type else (),
            b"hi",
        )
        for name, content_type, body in (
            ("text", "text/plain", "hi"),
            ("json", "application/json", "hi"),
            ("json-charset", "application/json; charset=utf-8", "hi"),
            ("xml", "application/xml", "hi"),
            ("javascript", "application/javascript", "hi"),
            ("form", "application/x-www-form-urlencoded", "aGk="),
            ("octets", "application/octet-stream", "aGk="),
            ("json-suffix", "application/problem+json", "aGk="),
            ("no-type", None, "aGk="),
        )
    ),
)

FORMAT_1: Final = (
    _event(
        "format-1-keys",
        "format-1-keys",
        {
            "": Keys(
                (
                    "version",
                    "resource",
                    "path",
                    "httpMethod",
                    "headers",
                    "multiValueHeaders",
                    "queryStringParameters",
                    "multiValueQueryStringParameters",
                    "requestContext",
                    "pathParameters",
                    "stageVariables",
                    "body",
                    "isBase64Encoded",
                )
            ),
            "/version": "1.0",
            "/body": None,
            "/queryStringParameters": None,
        },
        "GET /old/7",
    ),
    _event("format-1-context", "format-1-keys", {"/requestContext": Keys(_CONTEXT_1)}, "GET /old/7"),
    _event(
        "format-1-route",
        "format-1-route",
        {
            "/resource": "/old/{id}",
            "/requestContext/resourceId": "GET /old/{id}",
            "/requestContext/requestId": ResponseHeader("apigw-requestid"),
            "/requestContext/extendedRequestId": ResponseHeader("apigw-requestid"),
            "/pathParameters": {"id": "7"},
        },
        "GET /old/7",
    ),
    _event(
        "format-1-headers",
        "format-1-headers",
        {"/headers/accept": "a", "/headers/User-Agent": "me", "/multiValueHeaders/x": ["1", "2"]},
        "GET /old/7",
        (("accept", "a"), ("user-agent", "me"), ("x", "1"), ("x", "2")),
    ),
    _event(
        "format-1-query",
        "format-1-query",
        {"/multiValueQueryStringParameters": {"a": ["1", "2"]}},
        "GET /old/7?a=1&a=2",
    ),
)

CASES: Final[tuple[Case, ...]] = (*EVENTS, *FORMAT_1)
