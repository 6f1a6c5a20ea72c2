"""Gateway responses as the API defines them, and a preflight that asks for a token."""

from __future__ import annotations

from typing import Final

from conformance.case import Api, Case, Headers, Request, Response, Text
from conformance.responses import REQUEST_ID, forbidden, mocked, refused

_ORIGIN: Final = ("Origin", "https://app.example")
_ANY_ORIGIN: Final = ("Access-Control-Allow-Origin", "*")
_SIGNED_IN: Final = (("Authorization", "Bearer {id_token}"),)


def _case(  # noqa: PLR0917 - in the order of a request line
    name: str,
    rule: str,
    response: Response,
    target: str,
    method: str = "GET",
    headers: Headers = (),
    body: bytes = b"",
) -> Case:
    request = Request(method=method, target=target, headers=headers, body=body)
    return Case(id=name, rule=rule, request=request, response=response, api=Api.CUSTOMISED)


def _refused(status: int, error_type: str, body: str, *own: tuple[str, Text]) -> Response:
    """Return what a traced stage answers itself."""
    return refused(status, error_type, body, *own, traced=True)


def _body(message: str) -> str:
    """Return what the template of UNAUTHORIZED makes of a message."""
    return (
        f'{{"quoted":"{message}","bare":"{message}","type":"UNAUTHORIZED", '
        '"stage":"dev","table":"orders","code":"#if(true)run#end"}'
    )


def _unauthorized(message: str, *own: tuple[str, Text]) -> Response:
    literal, request_id = ("X-Literal", "of the template"), ("X-Request", REQUEST_ID)
    return _refused(418, "UnauthorizedException", _body(message), literal, request_id, *own)


def _class_4(error_type: str, message: str) -> Response:
    return _refused(422, error_type, f'{{"class":4,"message":"{message}"}}', _ANY_ORIGIN)


_MISSING_PAGE: Final = _class_4("BadRequestException", "Missing required request parameters: [page]")
_NO_SIGNATURE: Final = _class_4(
    "IncompleteSignatureException",
    "Invalid key=value pair (missing equal-sign) in Authorization header"
    " (hashed with SHA-256 and encoded with Base64): 'w1Xc6WwWEogNEZQP/dkBTThsJT4MNlKmzQanIm970rY='.",
)
_CLASS_5: Final = _refused(
    503,
    "InternalServerErrorException",
    '{"class":5,"message":"Internal server error"}',
    _ANY_ORIGIN,
)
_NOT_FOUND: Final = _refused(
    404, "MissingAuthenticationTokenException", '{"message":"Missing Authentication Token"}'
)
_RETRY: Final = _refused(
    429, "TooManyRequestsException", '{"message":"Too Many Requests"}', ("Retry-After", "1")
)
_WHY: Final = _refused(
    400,
    "BadRequestException",
    '{"why":"[object has missing required properties (["name"])]"}',
)

GATEWAY_RESPONSES: Final = (
    _case(
        "refusal.traced",
        "refusal.trace-id",
        _unauthorized("Unauthorized"),
        "/protected",
        headers=(("X-Amzn-Trace-Id", "Root=1-667050e4-0123456789abcdef01234567;Parent=0123456789abcdef"),),
    ),
    _case(
        "gateway-response.own",
        "gateway-response.own-type-wins",
        _unauthorized("Unauthorized", ("X-Origin", "https://app.example")),
        "/protected",
        headers=(_ORIGIN,),
    ),
    _case(
        "gateway-response.template",
        "gateway-response.template",
        _unauthorized("Unauthorized", ("X-Origin", "a")),
        "/protected",
        headers=(("Origin", "a"),),
    ),
    _case(
        "gateway-response.no-value",
        "gateway-response.header-without-value",
        _unauthorized("Unauthorized"),
        "/protected",
    ),
    _case(
        "gateway-response.expired",
        "gateway-response.expired-is-unauthorized",
        _unauthorized("The incoming token has expired"),
        "/protected",
        headers=(("Authorization", "Bearer {expired_id_token}"),),
    ),
    _case(
        "gateway-response.accept",
        "gateway-response.accept",
        _unauthorized("Unauthorized"),
        "/protected",
        headers=(("Accept", "text/html"),),
    ),
    _case("gateway-response.default-4xx", "gateway-response.default-4xx", _MISSING_PAGE, "/required"),
    _case(
        "gateway-response.default-4xx-signature",
        "gateway-response.default-4xx",
        _NO_SIGNATURE,
        "/nowhere",
        headers=(("Authorization", "Bearer abc"),),
    ),
    _case("gateway-response.default-5xx", "gateway-response.default-5xx", _CLASS_5, "/fail/raise"),
    _case("gateway-response.status-alone", "gateway-response.status-alone", _NOT_FOUND, "/nowhere"),
    _case("gateway-response.headers-alone", "gateway-response.headers-alone", _RETRY, "/throttled"),
    _case(
        "gateway-response.validation-error",
        "gateway-response.validation-error",
        _WHY,
        "/validated",
        "POST",
        (("Content-Type", "application/json"),),
        b"{}",
    ),
    Case(
        id="gateway-response.unknown-stage",
        rule="gateway-response.unknown-stage",
        request=Request(target="/protected", stage="prod"),
        response=forbidden(),
        api=Api.CUSTOMISED,
    ),
)

PREFLIGHT: Final = (
    _case(
        "cors.preflight-without-token",
        "cors.preflight-asks-by-default",
        _unauthorized("Unauthorized", ("X-Origin", "https://app.example")),
        "/protected",
        "OPTIONS",
        (_ORIGIN, ("Access-Control-Request-Method", "GET")),
    ),
    _case(
        "cors.preflight-with-token",
        "cors.string-form",
        mocked(_ANY_ORIGIN, ("Access-Control-Allow-Methods", "GET,OPTIONS"), traced=True),
        "/protected",
        "OPTIONS",
        _SIGNED_IN,
    ),
)

CASES: Final = (*GATEWAY_RESPONSES, *PREFLIGHT)
