"""What an HTTP API answers: routes, the JWT authorizer, CORS, and what the gateway says by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from conformance.case import Api, Case, Headers, Request, Response
from conformance.http_responses import CHALLENGE, echoed, refused, told

_PREFLIGHT: Final = (("Origin", "https://app.example"), ("Access-Control-Request-Method", "GET"))
_ALLOWED: Final = (
    ("access-control-allow-origin", "https://app.example"),
    ("vary", "origin"),
    ("access-control-allow-methods", "GET,POST"),
    ("access-control-allow-headers", "authorization,x-tenant"),
    ("access-control-max-age", "600"),
    ("access-control-allow-credentials", "true"),
)
_ON_RESPONSES: Final = (
    ("access-control-allow-origin", "https://app.example"),
    ("vary", "origin"),
    ("access-control-expose-headers", "x-seen"),
    ("access-control-allow-credentials", "true"),
)


def _case(
    name: str,
    rule: str,
    line: str,
    response: Response,
    headers: Headers = (),
    *,
    claims: Mapping[str, Any] | None = None,
    body: bytes = b"",
) -> Case:
    method, target = line.split(" ", 1)
    request = Request(method=method, target=target, headers=headers, stage="", body=body)
    return Case(
        id=f"http-{name}",
        rule=f"http.{rule}",
        request=request,
        response=response,
        api=Api.HTTP,
        claims=claims,
    )


def _reaches(name: str, rule: str, line: str, route_key: str, raw_path: str = "") -> Case:
    path = line.split(" ", 1)[1].partition("?")[0]
    shown = {"/routeKey": route_key, "/rawPath": raw_path or path}
    return _case(f"routing.{name}", rule, line, echoed(shown))


def _nowhere(name: str, rule: str, line: str) -> Case:
    return _case(f"routing.{name}", rule, line, refused(404, "Not Found"))


ROUTING: Final = (
    _reaches("literal", "route-order", "GET /pets/dog/1", "GET /pets/dog/1"),
    _reaches("parameter", "route-order", "GET /pets/dog/2", "GET /pets/dog/{id}"),
    _reaches("greedy", "route-order", "GET /pets/cat/1", "GET /pets/{proxy+}"),
    _reaches("literal-beside-greedy", "route-order", "GET /files/readme", "GET /files/readme"),
    _reaches("verb-falls-through", "path-before-verb", "POST /files/readme", "ANY /files/{proxy+}"),
    _nowhere("greedy-needs-a-segment", "greedy-needs-a-segment", "GET /pets"),
    _reaches("greedy-empty", "greedy-empty", "GET /pets/", "GET /pets/{proxy+}"),
    _nowhere("unknown-path", "not-found", "GET /nowhere"),
    _nowhere("unknown-verb", "not-found", "DELETE /open"),
    _nowhere("trailing-slash", "trailing-slash", "GET /open/"),
    _reaches("double-slash", "double-slash", "GET //open", "GET /open"),
    _nowhere("case", "case-counts", "GET /Open"),
    _reaches("encoded", "path-decoded", "GET /%6Fpen", "GET /open", raw_path="/open"),
    _case("routing.head", "head", "HEAD /open", replace(refused(404, "Not Found"), body=b"")),
    _nowhere("options", "options", "OPTIONS /open"),
    *(
        _reaches(f"any-{verb.lower()}", "any", f"{verb} /any", "ANY /any")
        for verb in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    ),
    _nowhere("unknown-stage", "unknown-stage", "GET /dev/open"),
)


def _token(
    name: str, rule: str, sent: str, response: Response, path: str = "/protected", **claims: Any
) -> Case:
    headers = (("Authorization", sent),)
    return _case(f"jwt.{name}", rule, f"GET {path}", response, headers, claims=claims or None)


def _unauthorized(description: str | re.Pattern[str]) -> Response:
    if isinstance(description, re.Pattern):
        return refused(401, "Unauthorized", ("www-authenticate", description))
    value = f'Bearer scope="" error="invalid_token" error_description="{description}"'
    return refused(401, "Unauthorized", ("www-authenticate", value))


_AUDIENCE: Final = _unauthorized("the token does not have a valid audience")
_SEGMENTS: Final = _unauthorized("token contains an invalid number of segments")
_OTHER: Final = _unauthorized(CHALLENGE)
_PASSES: Final = echoed({"/requestContext/authorizer/jwt/scopes": None})
_SCOPES: Final = "books/read books/write"
_INSUFFICIENT: Final = (
    f'Bearer scope="{_SCOPES}" error="insufficient_scope" error_description="expected scopes: [{_SCOPES}]"'
)
_FORBIDDEN: Final = refused(403, "Forbidden", ("www-authenticate", _INSUFFICIENT), in_order=True)

JWT: Final = (
    _case(
        "jwt.no-token",
        "no-token",
        "GET /protected",
        refused(401, "Unauthorized", ("www-authenticate", "Bearer"), in_order=True),
    ),
    _token("id-token", "id-token", "{id_token}", _PASSES),
    _token("id-token-bearer", "bearer", "Bearer {id_token}", _PASSES),
    _token("access-token", "client-id", "{access_token}", _PASSES),
    _token("access-token-bearer", "bearer", "Bearer {access_token}", _PASSES),
    *(
        _token(f"no-jwt-{number}", "no-jwt", sent, _SEGMENTS)
        for number, sent in enumerate(("x", "Bearer x", "Bearer abc.def"))
    ),
    _token("lower-case-bearer", "lower-case-bearer", "bearer {id_token}", _OTHER),
    _token("other-client", "audience", "{second_client_id_token}", _AUDIENCE),
    _token("audience-of-several", "audience-list", "{signed_token}", _AUDIENCE, aud=["a", "b"]),
    _token("no-audience", "audience", "{signed_token}", _AUDIENCE, aud="other", client_id="other"),
    _token("expired", "expired", "{expired_id_token}", _OTHER),
    _token("expired-access", "expired", "{expired_access_token}", _OTHER),
    _token("tampered", "signature", "{tampered_id_token}", _OTHER),
    _token("forged", "signature", "{forged_id_token}", _OTHER),
    _token("unsigned", "algorithm", "{unsigned_id_token}", _OTHER),
    _token("other-pool", "issuer", "{other_pool_id_token}", _OTHER),
    _token("foreign", "issuer", "{foreign_id_token}", _OTHER),
    _token("other-issuer", "issuer", "{signed_token}", _OTHER, iss="https://issuer.example"),
    _token("not-yet", "not-before", "{signed_token}", _OTHER, nbf=4_000_000_000),
    _token("issued-later", "not-before", "{signed_token}", _OTHER, iat=4_000_000_000),
    _token("signed-out", "signed-out", "{signed_out_id_token}", _PASSES),
    _token("disabled", "signed-out", "{disabled_id_token}", _PASSES),
    _token("refresh-token", "refresh-token", "{refresh_token}", _OTHER),
    _token("scope-missing", "scope-missing", "{access_token}", _FORBIDDEN, "/scoped"),
    _token("id-token-scoped", "id-token-scoped", "{id_token}", _FORBIDDEN, "/scoped"),
    _token(
        "scope",
        "scope",
        "{access_token}",
        echoed({"/requestContext/authorizer/jwt/scopes": ["aws.cognito.signin.user.admin"]}),
        "/person-scope",
    ),
    *(
        _token(
            f"scope-{name}",
            "scope",
            "{signed_token}",
            echoed({"/requestContext/authorizer/jwt/scopes": scope.split()}),
            "/scoped",
            scope=scope,
        )
        for name, scope in (("first", "books/read"), ("second", "books/write"), ("among", "a books/read b"))
    ),
    _token("scp", "scp", "{signed_token}", echoed({}), "/scoped", scp="books/read"),
    _token("scope-part", "scope-missing", "{signed_token}", _FORBIDDEN, "/scoped", scope="books/rea"),
    _token("scope-case", "scope-missing", "{signed_token}", _FORBIDDEN, "/scoped", scope="Books/Read"),
    _case(
        "jwt.query",
        "token-in-query",
        "GET /query",
        refused(401, "Unauthorized", ("www-authenticate", "Bearer")),
    ),
)


def _claim(name: str, rule: str, value: Any, rendered: Any) -> Case:
    response = echoed({"/requestContext/authorizer/jwt/claims/x": rendered})
    return _token(f"claim-{name}", rule, "{signed_token}", response, x=value)


CLAIMS: Final = (
    _claim("text", "claims-texts", "a b", "a b"),
    _claim("number", "claims-texts", 1_718_722_804, "1718722804"),
    _claim("large", "claims-texts", 10**18, "1000000000000000000"),
    _claim("true", "claims-texts", True, "true"),
    _claim("false", "claims-texts", False, "false"),
    _claim("list", "claims-lists", ["a", "b"], "[a b]"),
    _claim("list-of-one", "claims-lists", ["a"], "[a]"),
    _claim("empty-list", "claims-lists", [], "[]"),
    _claim("object", "claims-objects", {"a": 1}, '{"a":1}'),
    _token(
        "groups",
        "claims-lists",
        "{id_token}",
        echoed({"/requestContext/authorizer/jwt/claims/cognito:groups": "[admin staff]"}),
    ),
    _token(
        "format-1",
        "claims-format-1",
        "{id_token}",
        echoed(
            {"/requestContext/authorizer/scopes": None, "/requestContext/authorizer/claims/token_use": "id"}
        ),
        "/old-protected",
    ),
)

CORS: Final = (
    _case("cors.preflight", "preflight", "OPTIONS /open", told(204, *_ALLOWED), _PREFLIGHT),
    _case("cors.preflight-no-route", "preflight", "OPTIONS /nowhere", told(204, *_ALLOWED), _PREFLIGHT),
    _case(
        "cors.other-origin",
        "origin-not-allowed",
        "OPTIONS /open",
        told(204),
        (("Origin", "https://evil.example"), _PREFLIGHT[1]),
    ),
    _case(
        "cors.refusal",
        "cors-on-refusals",
        "GET /protected",
        refused(401, "Unauthorized", *_ON_RESPONSES, ("www-authenticate", "Bearer")),
        _PREFLIGHT[:1],
    ),
    _case(
        "cors.any-with-authorizer",
        "preflight-of-any",
        "OPTIONS /any-protected",
        refused(401, "Unauthorized", *_ALLOWED, ("www-authenticate", "Bearer")),
        _PREFLIGHT,
    ),
    _case(
        "cors.response",
        "cors-on-responses",
        "POST /answer",
        told(200, *_ON_RESPONSES, ("x-seen", "1"), body=b"hi"),
        (("Origin", "https://app.example"), ("Content-Type", "application/json")),
        body=(
            b'{"statusCode": 200, "body": "hi",'
            b' "headers": {"Access-Control-Allow-Origin": "*", "X-Seen": "1"}}'
        ),
    ),
)

GATEWAY: Final = (
    _case("gateway.timeout", "timeout", "GET /slow", refused(503, "Service Unavailable")),
    _case(
        "gateway.throttled-function",
        "function-throttled",
        "GET /switched-off",
        refused(503, "Service Unavailable"),
    ),
    *(
        _case(
            f"gateway.fail-{how}",
            "function-failed",
            f"GET /fail/{how}",
            refused(500, "Internal Server Error"),
        )
        for how in ("raise", "exit", "set")
    ),
    _case("gateway.throttled", "throttled", "GET /throttled", refused(429, "Too Many Requests")),
    _case("gateway.header-order", "header-order", "GET /nowhere", refused(404, "Not Found", in_order=True)),
)


CASES: Final[tuple[Case, ...]] = (*ROUTING, *JWT, *CLAIMS, *CORS, *GATEWAY)
