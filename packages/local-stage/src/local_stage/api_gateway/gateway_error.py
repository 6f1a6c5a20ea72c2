"""Every situation in which API Gateway answers a request itself, and what it answers then.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html;
messages, x-amzn-ErrorType and blanks as recorded from AWS, or marked unverified.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from enum import Enum
from hashlib import sha256
from typing import Final

_encode: Final = json.JSONEncoder(ensure_ascii=False).encode


class GatewayResponseType(Enum):
    """Every gateway response type of a REST API; the value is AWS's name of it."""

    ACCESS_DENIED = "ACCESS_DENIED"
    API_CONFIGURATION_ERROR = "API_CONFIGURATION_ERROR"
    AUTHORIZER_CONFIGURATION_ERROR = "AUTHORIZER_CONFIGURATION_ERROR"
    AUTHORIZER_FAILURE = "AUTHORIZER_FAILURE"
    BAD_REQUEST_BODY = "BAD_REQUEST_BODY"
    BAD_REQUEST_PARAMETERS = "BAD_REQUEST_PARAMETERS"
    DEFAULT_4XX = "DEFAULT_4XX"
    DEFAULT_5XX = "DEFAULT_5XX"
    EXPIRED_TOKEN = "EXPIRED_TOKEN"  # noqa: S105 - the name of a type
    INTEGRATION_FAILURE = "INTEGRATION_FAILURE"
    INTEGRATION_TIMEOUT = "INTEGRATION_TIMEOUT"
    INVALID_API_KEY = "INVALID_API_KEY"
    INVALID_SIGNATURE = "INVALID_SIGNATURE"
    MISSING_AUTHENTICATION_TOKEN = "MISSING_AUTHENTICATION_TOKEN"  # noqa: S105 - the name of a type
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    RESOURCE_NOT_FOUND = "RESOURCE_NOT_FOUND"
    THROTTLED = "THROTTLED"
    UNAUTHORIZED = "UNAUTHORIZED"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    WAF_FILTERED = "WAF_FILTERED"

    @property
    def default_status(self) -> int | None:
        """The documented status code; None for DEFAULT_4XX and DEFAULT_5XX, which keep that of the error."""
        return _DEFAULTS[self][0]

    @property
    def error_type(self) -> str:
        """The usual x-amzn-ErrorType."""
        return _DEFAULTS[self][1]


class GatewayError(Exception):
    """API Gateway answers this request itself.

    `message` is what the client learns (`$context.error.message`), None for a null; `reason` is what the
    developer's log says, with the remedy. `error_type` is `x-amzn-ErrorType`; `status` differs from the
    type's default where AWS's does. `customizable` says whether the API's own gateway responses apply,
    `is_of_stage` whether there is a stage that answers, whose tracing counts. `validation_error` is
    `$context.error.validationErrorString`.
    """

    def __init__(
        self,
        response_type: GatewayResponseType,
        message: str | None,
        reason: str | None = None,
        *,
        error_type: str | None = None,
        status: int | None = None,
        customizable: bool = True,
        is_of_stage: bool = True,
        validation_error: str | None = None,
    ) -> None:
        super().__init__(reason or message)
        self.response_type = response_type
        self.message = message
        self.reason = reason or message or response_type.value
        self.status = status or response_type.default_status or _UNSPECIFIED_STATUS[response_type]
        self.error_type = error_type or response_type.error_type
        self.customizable = customizable
        self.is_of_stage = is_of_stage
        self.validation_error = validation_error

    @property
    def message_string(self) -> str:
        """The message with its quotes: `$context.error.messageString`."""
        return _encode(self.message)

    @property
    def default_body(self) -> str:
        """The body of an answer that nobody has customised.

        400, 413, 415 and 5xx have a blank after the colon, the others have none. Recorded by their
        Content-Length, but for 404 and 415, which are unverified. A null has none (recorded), and what a
        policy refuses says `Message`.
        """
        blank = "" if self.status in _WITHOUT_BLANK or self.message is None else " "
        key = "Message" if self.error_type == _ACCESS_DENIED else "message"
        return f'{{"{key}":{blank}{self.message_string}}}'


_ACCESS_DENIED: Final = "AccessDeniedException"
_INTERNAL: Final = "InternalServerErrorException"
_DEFAULTS: Final[Mapping[GatewayResponseType, tuple[int | None, str]]] = {
    GatewayResponseType.ACCESS_DENIED: (403, _ACCESS_DENIED),
    GatewayResponseType.API_CONFIGURATION_ERROR: (500, _INTERNAL),
    GatewayResponseType.AUTHORIZER_CONFIGURATION_ERROR: (500, "AuthorizerConfigurationException"),
    GatewayResponseType.AUTHORIZER_FAILURE: (500, "AuthorizerFailureException"),
    GatewayResponseType.BAD_REQUEST_BODY: (400, "BadRequestException"),
    GatewayResponseType.BAD_REQUEST_PARAMETERS: (400, "BadRequestException"),
    GatewayResponseType.DEFAULT_4XX: (None, "BadRequestException"),
    GatewayResponseType.DEFAULT_5XX: (None, _INTERNAL),
    GatewayResponseType.EXPIRED_TOKEN: (403, "ExpiredTokenException"),
    GatewayResponseType.INTEGRATION_FAILURE: (504, _INTERNAL),
    GatewayResponseType.INTEGRATION_TIMEOUT: (504, _INTERNAL),
    GatewayResponseType.INVALID_API_KEY: (403, "ForbiddenException"),
    GatewayResponseType.INVALID_SIGNATURE: (403, "IncompleteSignatureException"),
    GatewayResponseType.MISSING_AUTHENTICATION_TOKEN: (403, "MissingAuthenticationTokenException"),
    GatewayResponseType.QUOTA_EXCEEDED: (429, "LimitExceededException"),
    GatewayResponseType.REQUEST_TOO_LARGE: (413, "RequestTooLargeException"),
    GatewayResponseType.RESOURCE_NOT_FOUND: (404, "NotFoundException"),
    GatewayResponseType.THROTTLED: (429, "TooManyRequestsException"),
    GatewayResponseType.UNAUTHORIZED: (401, "UnauthorizedException"),
    GatewayResponseType.UNSUPPORTED_MEDIA_TYPE: (415, "BadRequestException"),
    GatewayResponseType.WAF_FILTERED: (403, "ForbiddenException"),
}
_UNSPECIFIED_STATUS: Final = {GatewayResponseType.DEFAULT_4XX: 400, GatewayResponseType.DEFAULT_5XX: 500}
_WITHOUT_BLANK: Final = frozenset({401, 403, 404, 429})
_SERVER_ERROR: Final = "Internal server error"


def unknown_route(authorization: str | None, reason: str | None = None) -> GatewayError:
    """403 for a path or verb that the API does not have, by what its Authorization header says.

    API Gateway falls back to IAM there: without the header it misses a token, with one it misses a signature.
    A header without `=` is no key=value pair; one that has a `=`, or is a single word, lacks every parameter.
    The first is of type DEFAULT_4XX, not of INVALID_SIGNATURE (recorded); that the second is too is
    unverified.
    """
    header = (authorization or "").strip()
    if not header:
        return missing_authentication_token(reason)
    digest = b64encode(sha256((authorization or "").encode("utf-8", "surrogateescape")).digest()).decode()
    complete = "=" in header or len(header.split()) == 1
    template = _INCOMPLETE_SIGNATURE if complete else _NO_KEY_VALUE_PAIR
    return GatewayError(
        GatewayResponseType.DEFAULT_4XX,
        template.format(digest=digest),
        reason,
        status=403,
        error_type=GatewayResponseType.INVALID_SIGNATURE.error_type,
    )


def missing_authentication_token(reason: str | None = None) -> GatewayError:
    """403 for an unknown path or verb without an Authorization header."""
    return GatewayError(
        GatewayResponseType.MISSING_AUTHENTICATION_TOKEN, "Missing Authentication Token", reason
    )


def unknown_stage(reason: str | None = None) -> GatewayError:
    """403 for a stage or API that does not exist, so that no gateway response of an API applies."""
    return GatewayError(
        GatewayResponseType.ACCESS_DENIED,
        "Forbidden",
        reason,
        error_type="ForbiddenException",
        customizable=False,
        is_of_stage=False,
    )


def bad_request(reason: str) -> GatewayError:
    """400 for a request target that is no URL; it is answered before any stage is looked for.

    Neither the access log nor the execution log has such a request (recorded), so no gateway response of an
    API applies. The message and the kind are unverified.
    """
    return GatewayError(
        GatewayResponseType.DEFAULT_4XX, "Bad Request", reason, customizable=False, is_of_stage=False
    )


def invalid_api_key(reason: str | None = None) -> GatewayError:
    """403 for a missing or wrong API key."""
    return GatewayError(GatewayResponseType.INVALID_API_KEY, "Forbidden", reason)


def unauthorized(reason: str) -> GatewayError:
    """401 of an authorizer, one and the same for everything but an expired token."""
    return GatewayError(GatewayResponseType.UNAUTHORIZED, "Unauthorized", reason)


def expired_token(reason: str) -> GatewayError:
    """401 for a token that is good but for its expiry.

    EXPIRED_TOKEN (403) is documented for AWS credentials, so UNAUTHORIZED customises this answer
    (unverified).
    """
    return GatewayError(GatewayResponseType.UNAUTHORIZED, "The incoming token has expired", reason)


def authorizer_configuration_error(reason: str) -> GatewayError:
    """500 where the authorizer cannot decide; the null is recorded for Lambda authorizers alone."""
    return GatewayError(GatewayResponseType.AUTHORIZER_CONFIGURATION_ERROR, None, reason)


def access_denied(message: str, reason: str) -> GatewayError:
    """403 of a policy, which says what the policy is, and in the log why."""
    return GatewayError(GatewayResponseType.ACCESS_DENIED, message, reason)


def throttled(reason: str) -> GatewayError:
    """429 beyond the rate and burst limits; API Gateway sends no Retry-After."""
    return GatewayError(GatewayResponseType.THROTTLED, "Too Many Requests", reason)


def quota_exceeded(reason: str) -> GatewayError:
    """429 beyond a usage plan's quota."""
    return GatewayError(GatewayResponseType.QUOTA_EXCEEDED, "Limit Exceeded", reason)


def invalid_request_body(validation_error: str, reason: str | None = None) -> GatewayError:
    """400 for a body that its model refuses; only a template shows the client the `validation_error`."""
    return GatewayError(
        GatewayResponseType.BAD_REQUEST_BODY,
        "Invalid request body",
        reason or validation_error,
        validation_error=validation_error,
    )


def missing_request_parameters(names: Iterable[str], reason: str | None = None) -> GatewayError:
    """400 for required parameters that are not there."""
    message = f"Missing required request parameters: [{', '.join(names)}]"
    return GatewayError(GatewayResponseType.BAD_REQUEST_PARAMETERS, message, reason, validation_error=message)


def unsupported_media_type(reason: str) -> GatewayError:
    """415 for a content type that the integration does not take."""
    return GatewayError(GatewayResponseType.UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type", reason)


def request_too_large(reason: str) -> GatewayError:
    """413 for a payload that Lambda does not take; AWS does not let this one be customised.

    With BadRequestException for its type, as recorded from AWS:
    https://github.com/koki-develop/lgtm-generator/issues/10
    """
    return GatewayError(
        GatewayResponseType.REQUEST_TOO_LARGE,
        "Request Too Long",
        reason,
        error_type="BadRequestException",
        customizable=False,
    )


def internal_server_error(reason: str) -> GatewayError:
    """502 for a function that failed, crashed or timed out, or answered what is no proxy response.

    INTEGRATION_FAILURE customises it, though its documented status is 504 (recorded of a function's error;
    unverified of what is no proxy response).
    """
    return GatewayError(GatewayResponseType.INTEGRATION_FAILURE, _SERVER_ERROR, reason, status=502)


def integration_failure(reason: str) -> GatewayError:
    """500 for a function that may not be invoked or is throttled (both recorded).

    That it is of this type, whose documented status is 504, is unverified.
    """
    return GatewayError(GatewayResponseType.INTEGRATION_FAILURE, _SERVER_ERROR, reason, status=500)


def api_configuration_error(reason: str) -> GatewayError:
    """500 for an illegal header mapping, or a body that should be base64 and is not."""
    return GatewayError(GatewayResponseType.API_CONFIGURATION_ERROR, _SERVER_ERROR, reason)


def integration_timeout(reason: str) -> GatewayError:
    """504 for a function that has not answered within the integration's timeout, 29 seconds by default."""
    return GatewayError(GatewayResponseType.INTEGRATION_TIMEOUT, "Endpoint request timed out", reason)


_NO_KEY_VALUE_PAIR: Final = (
    "Invalid key=value pair (missing equal-sign) in Authorization header"
    " (hashed with SHA-256 and encoded with Base64): '{digest}'."
)
_INCOMPLETE_SIGNATURE: Final = (
    "Authorization header requires 'Credential' parameter."
    " Authorization header requires 'Signature' parameter."
    " Authorization header requires 'SignedHeaders' parameter."
    " Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
    " (Hashed with SHA-256 and encoded with Base64) Authorization={digest}"
)
