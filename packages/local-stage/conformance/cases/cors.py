"""The preflight that SAM writes for `Cors` in object form, open to all; and who else sends CORS headers."""

from __future__ import annotations

from typing import Final

from conformance.case import Case, Request, Response
from conformance.responses import mocked, responded, unknown_route

_PREFLIGHT: Final = (("Origin", "https://app.example"), ("Access-Control-Request-Method", "GET"))


def _allowed(methods: str) -> Response:
    return mocked(
        ("Access-Control-Allow-Origin", "https://app.example"),
        ("Access-Control-Allow-Headers", "Authorization,X-Tenant"),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Max-Age", "600"),
        ("Access-Control-Allow-Credentials", "true"),
    )


def _preflight(name: str, rule: str, target: str, response: Response) -> Case:
    request = Request(method="OPTIONS", target=target, headers=_PREFLIGHT)
    return Case(id=f"cors.{name}", rule=f"cors.{rule}", request=request, response=response)


CASES: Final = (
    _preflight("preflight", "preflight", "/protected", _allowed("GET,OPTIONS,POST")),
    _preflight("preflight-of-one-verb", "methods", "/scoped", _allowed("GET,OPTIONS")),
    _preflight("preflight-of-any", "methods", "/any", _allowed("DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT")),
    _preflight("preflight-parameter", "every-path", "/users/7", _allowed("GET,OPTIONS")),
    _preflight(
        "preflight-greedy", "every-path", "/files/a/b", _allowed("DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT")
    ),
    _preflight("preflight-nowhere", "every-path", "/nowhere", unknown_route()),
    Case(
        id="cors.without-origin",
        rule="cors.preflight",
        request=Request(method="OPTIONS", target="/protected"),
        response=_allowed("GET,OPTIONS,POST"),
    ),
    Case(
        id="cors.function-response",
        rule="cors.none-on-function-responses",
        request=Request(method="POST", target="/answer", headers=_PREFLIGHT[:1], body=b'{"statusCode":200}'),
        response=responded(),
    ),
)
