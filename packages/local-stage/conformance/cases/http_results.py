"""What an HTTP API makes of the results of functions, in both formats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from conformance.case import Api, Case, Request, Response, Text
from conformance.http_responses import refused, told
from conformance.responses import JSON

_SERVER_ERROR: Final = refused(500, "Internal Server Error")


def _result(name: str, rule: str, result: Any, response: Response, path: str = "/answer") -> Case:
    request = Request(
        method="POST",
        target=path,
        stage="",
        headers=(("Content-Type", "application/json"),),
        body=json.dumps(result).encode(),
    )
    return Case(
        id=f"http-result.{name}", rule=f"http.{rule}", request=request, response=response, api=Api.HTTP
    )


def _inferred(name: str, result: Any, body: bytes) -> Case:
    return _result(name, "inferred", result, told(200, body=body, content_type=JSON))


def _given(name: str, rule: str, result: Mapping[str, Any], response: Response) -> Case:
    return _result(name, rule, {"statusCode": 200, **result}, response)


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


def _old(name: str, rule: str, result: Any, response: Response) -> Case:
    return _result(f"format-1-{name}", rule, result, response, "/old-answer")


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

CASES: Final[tuple[Case, ...]] = (*RESULTS, *RESULTS_1)
