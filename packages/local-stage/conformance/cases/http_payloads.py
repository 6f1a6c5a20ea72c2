"""The events that an HTTP API sends to functions, and what it makes of their results, in both formats."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from conformance.answers import EXTENDED_ID, JSON, TRACE
from conformance.case import Answer, Api, Case, Headers, Request, Text
from conformance.event import ABSENT, AnswerHeader, Keys
from conformance.http_answers import echoed, refused, told

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
_SERVER_ERROR: Final = refused(500, "Internal Server Error")


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
        id=f"http-event.{name}", rule=f"http.{rule}", request=request, answer=echoed(places), api=Api.HTTP
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
    _event("request-id", "request-id", {"/requestContext/requestId": AnswerHeader("apigw-requestid")}),
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
            "/requestContext/requestId": AnswerHeader("apigw-requestid"),
            "/requestContext/extendedRequestId": AnswerHeader("apigw-requestid"),
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


def _result(name: str, rule: str, result: Any, answer: Answer, path: str = "/answer") -> Case:
    request = Request(
        method="POST",
        target=path,
        stage="",
        headers=(("Content-Type", "application/json"),),
        body=json.dumps(result).encode(),
    )
    return Case(id=f"http-result.{name}", rule=f"http.{rule}", request=request, answer=answer, api=Api.HTTP)


def _inferred(name: str, result: Any, body: bytes) -> Case:
    return _result(name, "inferred", result, told(200, body=body, content_type=JSON))


def _given(name: str, rule: str, result: Mapping[str, Any], answer: Answer) -> Case:
    return _result(name, rule, {"statusCode": 200, **result}, answer)


def _set_cookies(*values: str) -> tuple[tuple[str, Text], ...]:
    return tuple(("set-cookie", value) for value in values)


RESULTS: Final = (
    _given("body", "status-given", {"body": "hi"}, told(200, body=b"hi")),
    _given("status", "status-given", {"statusCode": 418, "body": "hi"}, told(418, body=b"hi")),
    _given("no-body", "status-given", {}, told(200)),
    _given("status-text", "status-text", {"statusCode": "201"}, told(201)),
    _given("status-word", "status-text", {"statusCode": "test"}, _SERVER_ERROR),
    _given("status-beyond", "status-beyond", {"statusCode": 99}, _SERVER_ERROR),
    _given("unknown-key", "unknown-keys", {"other": 1, "body": "hi"}, told(200, body=b"hi")),
    _given("multi-value-headers", "unknown-keys", {"multiValueHeaders": {"x": ["1"]}}, told(200)),
    _given("headers", "header-case", {"headers": {"X-Own": "1"}}, told(200, ("x-own", "1"))),
    _given("header-boolean", "header-boolean", {"headers": {"x": True}}, told(200, ("x", "true"))),
    _given(
        "content-type",
        "status-given",
        {"headers": {"Content-Type": "text/html"}, "body": "hi"},
        told(200, body=b"hi", content_type="text/html"),
    ),
    _given("cookies", "set-cookies", {"cookies": ["a=1", "b=2"]}, told(200, *_set_cookies("a=1", "b=2"))),
    _given(
        "cookies-and-header",
        "set-cookies",
        {"cookies": ["a=1"], "headers": {"set-cookie": "b=2"}},
        told(200, *_set_cookies("a=1", "b=2"), in_order=True),
    ),
    _given("cookies-text", "cookies-text", {"cookies": "a=1"}, _SERVER_ERROR),
    _given("base64", "result-base64", {"body": "aGk=", "isBase64Encoded": True}, told(200, body=b"hi")),
    _given(
        "base64-404",
        "result-base64",
        {"statusCode": 404, "body": "aGk=", "isBase64Encoded": True},
        told(404, body=b"hi"),
    ),
    _given(
        "not-base64", "result-base64", {"body": "aGk=", "isBase64Encoded": False}, told(200, body=b"aGk=")
    ),
    _given("broken-base64", "broken-base64", {"body": "!", "isBase64Encoded": True}, _SERVER_ERROR),
    _given("header-line-break", "unsendable", {"headers": {"x": "1\r\ny: 2"}}, _SERVER_ERROR),
    _given("body-object", "body-object", {"body": {"a": 1}}, told(200, body=b'{"a":1}')),
    _inferred("object", {"a": 1}, b'{"a": 1}'),
    _inferred("empty-object", {}, b"{}"),
    _inferred("only-headers", {"headers": {"x": "1"}}, b'{"headers": {"x": "1"}}'),
    _inferred("list", [1, 2], b"[1, 2]"),
    _inferred("number", 7, b"7"),
    _inferred("text", "hi", b"hi"),
    _inferred("text-null", "null", b"null"),
    _inferred("empty-text", "", b""),
    _result("null", "null", None, told(200, body=b"null", content_type=JSON)),
    _result("error-message", "error-message", {"errorMessage": "x"}, _SERVER_ERROR),
    _result(
        "error-message-text",
        "error-message",
        "errorMessage",
        told(200, body=b"errorMessage", content_type=JSON),
    ),
)


def _old(name: str, rule: str, result: Any, answer: Answer) -> Case:
    return _result(f"format-1-{name}", rule, result, answer, "/old-answer")


RESULTS_1: Final = (
    _old("body", "format-1-status", {"statusCode": 200, "body": "hi"}, told(200, body=b"hi")),
    _old("status-text", "format-1-status", {"statusCode": "201"}, told(201)),
    _old("status-word", "format-1-status", {"statusCode": "test"}, _SERVER_ERROR),
    *(
        _old(name, "format-1-no-status", result, _SERVER_ERROR)
        for name, result in (("empty", {}), ("only-headers", {"headers": {"x": "1"}}), ("text", "hi"))
    ),
    _old("unknown-key", "format-1-unknown-keys", {"statusCode": 200, "other": 1}, told(200)),
    _old(
        "several-values",
        "format-1-multi-value",
        {"statusCode": 200, "multiValueHeaders": {"X": ["1", "2"]}},
        told(200, ("x", "1"), ("x", "2")),
    ),
    _old(
        "values-text",
        "format-1-multi-value",
        {"statusCode": 200, "multiValueHeaders": {"x": "1"}},
        _SERVER_ERROR,
    ),
    _old(
        "base64",
        "result-base64",
        {"statusCode": 200, "body": "aGk=", "isBase64Encoded": True},
        told(200, body=b"hi"),
    ),
)

CASES: Final[tuple[Case, ...]] = (*EVENTS, *FORMAT_1, *RESULTS, *RESULTS_1)
