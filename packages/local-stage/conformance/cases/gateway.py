"""What API Gateway answers itself, uncustomised: in which order it looks at a request, and to the octet."""

from __future__ import annotations

from typing import Final

from conformance.case import Case, Headers, Request, Response
from conformance.responses import (
    bad_gateway,
    forbidden,
    incomplete_signature,
    invalid_body,
    missing_parameters,
    no_key_value_pair,
    refused,
    unauthorized,
    unknown_route,
)

_ORIGIN: Final = ("Origin", "https://app.example")
_SIGNED_IN: Final = (("Authorization", "Bearer {id_token}"),)
_JSON_TYPE: Final = ("Content-Type", "application/json")


def _case(  # noqa: PLR0917 - in the order of a request line
    name: str, rule: str, response: Response, target: str, method: str = "GET", headers: Headers = ()
) -> Case:
    request = Request(method=method, target=target, headers=headers)
    return Case(id=name, rule=rule, request=request, response=response)


def _post(name: str, rule: str, response: Response, body: bytes, *headers: tuple[str, str]) -> Case:
    request = Request(method="POST", target="/validated", headers=headers, body=body)
    return Case(id=name, rule=rule, request=request, response=response)


_THROTTLED: Final = refused(429, "TooManyRequestsException", '{"message":"Too Many Requests"}')
_NOT_INVOKED: Final = refused(500, "InternalServerErrorException", '{"message": "Internal server error"}')
_TIMED_OUT: Final = refused(504, "InternalServerErrorException", '{"message": "Endpoint request timed out"}')

ORDER: Final = (
    _case("order.unknown-path", "order.route-first", unknown_route(), "/nowhere"),
    _case("order.unknown-verb", "order.route-first", unknown_route(), "/protected", "DELETE"),
    _case("order.throttled-without-token", "order.authorize-second", unauthorized(), "/throttled"),
    _post("order.invalid-without-token", "order.authorize-second", unauthorized(), b"{", _JSON_TYPE),
    _case("order.throttled", "order.then-throttle", _THROTTLED, "/throttled", headers=_SIGNED_IN),
    _post("order.invalid", "order.then-validate", invalid_body(), b"{", *_SIGNED_IN, _JSON_TYPE),
)

REFUSAL: Final = (
    _case("refusal.headers", "refusal.headers", unauthorized(in_order=True), "/protected"),
    _case("refusal.origin", "refusal.no-cors", unauthorized(), "/protected", headers=(_ORIGIN,)),
    _case("refusal.route-origin", "refusal.no-cors", unknown_route(), "/nowhere", headers=(_ORIGIN,)),
    _case(
        "refusal.accept-html",
        "refusal.always-json",
        unauthorized(),
        "/protected",
        headers=(("Accept", "text/html"),),
    ),
    _case(
        "refusal.trace",
        "refusal.trace-id",
        unauthorized(),
        "/protected",
        headers=(("X-Amzn-Trace-Id", "Root=1-667050e4-0123456789abcdef01234567"),),
    ),
)


def _unknown_with(name: str, rule: str, authorization: str, response: Response) -> Case:
    headers = (("Authorization", authorization),)
    return _case(f"gateway.{name}", f"gateway.{rule}", response, "/nowhere", headers=headers)


UNKNOWN_ROUTES: Final = (
    _case("gateway.unknown-path", "gateway.unknown-route", unknown_route(), "/open/nowhere"),
    _case("gateway.unknown-verb", "gateway.unknown-route", unknown_route(), "/open", "PUT"),
    _case("gateway.verb-it-does-not-have", "gateway.unknown-verb", unknown_route(), "/any", "PROPFIND"),
    _unknown_with("bearer", "no-equal-sign", "Bearer abc.def.ghi", no_key_value_pair("Bearer abc.def.ghi")),
    _unknown_with("three-words", "no-equal-sign", "one two three", no_key_value_pair("one two three")),
    _case(
        "gateway.bearer-on-unknown-verb",
        "gateway.no-equal-sign",
        no_key_value_pair("Bearer abc"),
        "/protected",
        "PATCH",
        (("Authorization", "Bearer abc"),),
    ),
    _unknown_with("one-word", "one-word", "abc.def.ghi", incomplete_signature("abc.def.ghi")),
    _unknown_with("equal-sign", "equal-sign", "Basic dGFybzp4==", incomplete_signature("Basic dGFybzp4==")),
    _unknown_with("key-value", "equal-sign", "a=b", incomplete_signature("a=b")),
    _unknown_with("empty", "empty-authorization", "", unknown_route()),
)


def _on_stage(name: str, stage: str) -> Case:
    request = Request(target="/open", stage=stage)
    return Case(id=f"gateway.{name}", rule="gateway.unknown-stage", request=request, response=forbidden())


_BAD: Final = refused(400, "BadRequestException", '{"message": "Bad Request"}')

QUERIES: Final = (
    _case("gateway.query-with-brace", "gateway.illegal-query", _BAD, '/open?filter={"a":1}'),
    _case("gateway.query-with-pipe", "gateway.illegal-query", _BAD, "/open?a=b|c"),
    _case("gateway.query-with-stray-percent", "gateway.illegal-query", _BAD, "/open?a=100%"),
    _case("gateway.query-with-caret", "gateway.odd-query", _BAD, "/open?a=^b"),
    _case("gateway.illegal-query-without-token", "gateway.illegal-query", _BAD, "/protected?a={b}"),
    _case("gateway.illegal-query-on-no-route", "gateway.illegal-query", _BAD, "/nowhere?a={b}"),
)

STAGES: Final = (
    _on_stage("unknown-stage", "prod"),
    _on_stage("stage-in-other-case", "DEV"),
    _on_stage("stage-with-more", "dev2"),
    Case(
        id="gateway.unknown-stage-with-token",
        rule="gateway.unknown-stage",
        request=Request(target="/protected", stage="prod", headers=_SIGNED_IN),
        response=forbidden(),
    ),
    Case(
        id="gateway.unknown-api",
        rule="gateway.unknown-api",
        request=Request(target="/open", host="0000000000.execute-api.ap-northeast-1.amazonaws.com"),
        response=forbidden(),
    ),
)

THROTTLING: Final = (
    _case("gateway.throttled", "gateway.throttled", _THROTTLED, "/throttled", headers=_SIGNED_IN),
)

FAILURES: Final = (
    _case("gateway.raised", "gateway.function-failed", bad_gateway(), "/fail/raise"),
    _case("gateway.exited", "gateway.function-failed", bad_gateway(), "/fail/exit"),
    _case("gateway.no-json", "gateway.function-failed", bad_gateway(), "/fail/no-json"),
    _case("gateway.overdue", "gateway.function-timed-out", bad_gateway(), "/overdue"),
    _case("gateway.switched-off", "gateway.function-throttled", _NOT_INVOKED, "/switched-off"),
    _case("gateway.slow", "gateway.integration-timeout", _TIMED_OUT, "/slow"),
)


def _validated(name: str, rule: str, response: Response, body: bytes, content_type: str | None) -> Case:
    headers = _SIGNED_IN if content_type is None else (*_SIGNED_IN, ("Content-Type", content_type))
    return _post(f"validation.{name}", f"validation.{rule}", response, body, *headers)


def _required(name: str, rule: str, names: str, target: str, *headers: tuple[str, str]) -> Case:
    response = missing_parameters(names)
    return _case(f"validation.{name}", f"validation.{rule}", response, target, headers=headers)


_JSON: Final = "application/json"

VALIDATION: Final = (
    _validated("no-name", "body", invalid_body(), b'{"amount":1}', _JSON),
    _validated("wrong-type", "body", invalid_body(), b'{"name":7}', _JSON),
    _validated("too-short", "body", invalid_body(), b'{"name":""}', _JSON),
    _validated("too-low", "body", invalid_body(), b'{"name":"a","amount":0}', _JSON),
    _validated("list", "body", invalid_body(), b"[]", _JSON),
    _validated("no-json", "body", invalid_body(), b"name=a", _JSON),
    _validated("half-json", "body", invalid_body(), b'{"name":"a"', _JSON),
    _validated("charset", "body-content-type", invalid_body(), b"{}", "application/json; charset=utf-8"),
    _validated("no-content-type", "no-content-type", invalid_body(), b"{}", None),
    _validated("empty-body", "empty-body", invalid_body(), b"", None),
    _required("both-missing", "parameters", "X-Tenant, page", "/required"),
    _required("query-missing", "parameters", "page", "/required", ("X-Tenant", "a")),
    _required("header-missing", "parameters", "X-Tenant", "/required?page=1"),
    _required("blank-parameter", "blank-parameter", "page", "/required?page=", ("X-Tenant", "a")),
    _required("header-in-other-case", "parameter-case", "X-Tenant", "/required?page=1", ("x-tenant", "a")),
    _required("query-in-other-case", "parameter-case", "page", "/required?Page=1", ("X-Tenant", "a")),
)

CASES: Final = (*ORDER, *REFUSAL, *UNKNOWN_ROUTES, *QUERIES, *STAGES, *THROTTLING, *FAILURES, *VALIDATION)
