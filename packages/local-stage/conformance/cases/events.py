"""The event as the function gets it: keys, paths, query, headers, body, identity of the request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from conformance.case import Api, Case, Headers, Request
from conformance.event import ABSENT, Keys, Output, ResponseHeader
from conformance.responses import EXTENDED_ID, REQUEST_ID, TRACE, echoed

_EVENT_KEYS: Final = Keys(
    (
        "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext", "body",
        "isBase64Encoded",
    )
)  # fmt: skip
_OPEN_CONTEXT: Final = (
    "resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "path", "accountId",
    "protocol", "stage", "domainPrefix", "requestTimeEpoch", "requestId", "identity", "domainName",
    "deploymentId", "apiId",
)  # fmt: skip
_IDENTITY: Final = (
    "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp", "principalOrgId",
    "accessKey", "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "userAgent", "user",
)  # fmt: skip
_NOT_KNOWN: Final = {
    f"/requestContext/identity/{key}": None for key in _IDENTITY if key not in {"sourceIp", "userAgent"}
}
_SIGNED_IN: Final = (("Authorization", "{id_token}"),)
_ADDRESS: Final = re.compile(r"[0-9a-f.:]+")


def _case(  # noqa: PLR0917 - in the order of a request line
    name: str,
    rule: str,
    places: Mapping[str, Any],
    target: str = "/open",
    method: str = "GET",
    headers: Headers = (),
    **more: Any,
) -> Case:
    api = more.pop("api", Api.DEFAULTS)
    request = Request(method=method, target=target, headers=headers, **more)
    return Case(id=f"event.{name}", rule=f"event.{rule}", request=request, response=echoed(places), api=api)


KEYS: Final = (
    _case("keys", "key-order", {"": _EVENT_KEYS}),
    _case("context-keys", "context-keys", {"/requestContext": Keys(_OPEN_CONTEXT)}),
    _case(
        "context-keys-signed-in",
        "context-keys",
        {"/requestContext": Keys((_OPEN_CONTEXT[0], "authorizer", *_OPEN_CONTEXT[1:]))},
        "/protected",
        headers=_SIGNED_IN,
    ),
    _case("identity-keys", "identity", {"/requestContext/identity": Keys(_IDENTITY)}),
    _case("identity-nulls", "identity", _NOT_KNOWN),
    _case(
        "identity-caller",
        "identity",
        {
            "/requestContext/identity/sourceIp": _ADDRESS,
            "/requestContext/identity/userAgent": "conformance/1",
            "/requestContext/identity/apiKey": ABSENT,
            "/requestContext/identity/apiKeyId": ABSENT,
        },
        headers=(("User-Agent", "conformance/1"),),
    ),
    _case(
        "nothing-there",
        "null",
        {
            "/queryStringParameters": None,
            "/multiValueQueryStringParameters": None,
            "/pathParameters": None,
            "/stageVariables": None,
            "/body": None,
            "/isBase64Encoded": False,
        },
    ),
    _case("stage-variables", "stage-variables", {"/stageVariables": {"table": "orders"}}, api=Api.CUSTOMISED),
    _case("no-authorizer", "no-authorizer", {"/requestContext/authorizer": ABSENT}),
    _case(
        "authorizer-keys",
        "authorizer-holds-claims",
        {"/requestContext/authorizer": Keys(("claims",))},
        "/protected",
        headers=_SIGNED_IN,
    ),
)

IDENTITY_OF_THE_REQUEST: Final = (
    _case("request-id", "request-id", {"/requestContext/requestId": ResponseHeader("x-amzn-RequestId")}),
    _case(
        "extended-id", "extended-id", {"/requestContext/extendedRequestId": ResponseHeader("x-amz-apigw-id")}
    ),
    _case(
        "forms-of-ids",
        "request-id",
        {"/requestContext/requestId": REQUEST_ID, "/requestContext/extendedRequestId": EXTENDED_ID},
    ),
    _case(
        "time",
        "time",
        {
            "/requestContext/requestTime": re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000"),
            "/requestContext/requestTimeEpoch": int,
        },
    ),
    _case(
        "api",
        "api",
        {
            "/requestContext/apiId": Output("ApiId"),
            "/requestContext/domainPrefix": Output("ApiId"),
            "/requestContext/domainName": re.compile(r"\w+\.execute-api\.[a-z0-9-]+\.amazonaws\.com"),
            "/requestContext/accountId": re.compile(r"\d{12}"),
            "/requestContext/resourceId": re.compile(r"[a-z0-9]{6,10}"),
            "/requestContext/deploymentId": re.compile(r"[a-z0-9]{6,10}"),
            "/requestContext/stage": "dev",
            "/requestContext/protocol": "HTTP/1.1",
        },
    ),
    _case(
        "route",
        "route",
        {
            "/resource": "/users/{id}",
            "/requestContext/resourcePath": "/users/{id}",
            "/httpMethod": "GET",
            "/requestContext/httpMethod": "GET",
        },
        "/users/7",
    ),
)


def _path(name: str, rule: str, target: str, path: str, **parameters: str) -> Case:
    places = {"/path": path, "/requestContext/path": f"/dev{path}", "/pathParameters": parameters or None}
    return _case(name, rule, places, target)


PATHS: Final = (
    _path("path", "path-and-stage", "/open", "/open"),
    _path("path-of-the-root", "path-and-stage", "/", "/"),
    _path("trailing-slash", "trailing-slash", "/open/", "/open/"),
    _path("trailing-slash-parameter", "trailing-slash", "/users/7/", "/users/7/", id="7"),
    _path("trailing-slash-greedy", "trailing-slash", "/files/a/b/", "/files/a/b/", proxy="a/b"),
    _path("double-slash", "double-slash", "/files/a//b", "/files/a//b", proxy="a//b"),
    _path("encoded-blank", "percent-encoding", "/users/a%20b", "/users/a%20b", id="a%20b"),
    _path("encoded-slash", "percent-encoding", "/users/a%2Fb", "/users/a%2Fb", id="a%2Fb"),
    _path("encoded-text", "percent-encoding", "/users/%E5%A4%AA", "/users/%E5%A4%AA", id="%E5%A4%AA"),
    _path("plus", "percent-encoding", "/users/a+b", "/users/a+b", id="a+b"),
    _path("two-parameters", "parameters", "/users/7/orders/9", "/users/7/orders/9", id="7", order="9"),
)


def _query(name: str, rule: str, query: str, **values: list[str]) -> Case:
    places = {
        "/multiValueQueryStringParameters": values,
        "/queryStringParameters": {key: several[-1] for key, several in values.items()},
    }
    return _case(name, rule, places, f"/open?{query}")


QUERIES: Final = (
    _query("query", "query", "a=1&b=2", a=["1"], b=["2"]),
    _query("query-plus", "query-decoded", "a=x+y", a=["x y"]),
    _query("query-blank", "query-decoded", "a=x%20y", a=["x y"]),
    _query("query-encoded-plus", "query-decoded", "a=x%2By", a=["x+y"]),
    _query("query-text", "query-decoded", "a=%E5%A4%AA%E9%83%8E", a=["太郎"]),
    _query("query-encoded-name", "query-decoded", "%61=1", a=["1"]),
    _query("query-repeated", "query-repeated", "a=1&b=2&a=3", a=["1", "3"], b=["2"]),
    _query("query-empty-value", "query-empty", "a=", a=[""]),
    _query("query-without-value", "query-empty", "a", a=[""]),
)

BODIES: Final = (
    _case("body", "body", {"/body": '{"a": 1}', "/isBase64Encoded": False}, method="POST", body=b'{"a": 1}'),
    _case(
        "body-text", "body", {"/body": "太郎", "/isBase64Encoded": False}, method="POST", body="太郎".encode()
    ),
    _case("body-chunked", "body", {"/body": "abc"}, method="POST", body=b"abc", chunked=True),
    _case(
        "body-binary",
        "binary-body",
        {"/body": "iVBORw0K", "/isBase64Encoded": True},
        method="POST",
        headers=(("Content-Type", "image/png"),),
        body=b"\x89PNG\r\n",
    ),
    _case(
        "body-of-other-type",
        "binary-body",
        {"/body": "GIF", "/isBase64Encoded": False},
        method="POST",
        headers=(("Content-Type", "image/gif"),),
        body=b"GIF",
    ),
    _case(
        "body-all-binary",
        "binary-everything",
        {"/body": "YWJj", "/isBase64Encoded": True},
        method="POST",
        headers=(("Content-Type", "text/plain"),),
        body=b"abc",
        api=Api.CUSTOMISED,
    ),
    _case("no-body-all-binary", "empty-body", {"/body": None, "/isBase64Encoded": False}, api=Api.CUSTOMISED),
)

_CLIENT_TRACE: Final = "Root=1-667050e4-0123456789abcdef01234567;Parent=53995c3f42cd8ad8"

TRACE_ID: Final = (
    _case("trace-id", "added-headers", {"/headers/X-Amzn-Trace-Id": TRACE}),
    _case(
        "trace-id-of-the-client",
        "client-trace-id",
        {"/headers/X-Amzn-Trace-Id": "Root=1-667050e4-0123456789abcdef01234567"},
        headers=(("X-Amzn-Trace-Id", "Root=1-667050e4-0123456789abcdef01234567"),),
    ),
    _case(
        "whole-trace-id-of-the-client",
        "client-trace-id-in-event",
        {"/headers/X-Amzn-Trace-Id": f"{_CLIENT_TRACE};Sampled=1"},
        headers=(("X-Amzn-Trace-Id", f"{_CLIENT_TRACE};Sampled=1"),),
    ),
)

CASES: Final = (*KEYS, *IDENTITY_OF_THE_REQUEST, *PATHS, *QUERIES, *BODIES, *TRACE_ID)
