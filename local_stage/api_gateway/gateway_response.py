"""Gateway responses: what API Gateway answers itself, and how an API may customise it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Self


class GatewayResponseType(Enum):
    """Every gateway response type of a REST API; the value is AWS's name of it.

    `default_status` is the status code that AWS documents, and None for DEFAULT_4XX and DEFAULT_5XX, which keep
    the status of the error that they stand in for.
    """

    ACCESS_DENIED = "ACCESS_DENIED", 403
    API_CONFIGURATION_ERROR = "API_CONFIGURATION_ERROR", 500
    AUTHORIZER_CONFIGURATION_ERROR = "AUTHORIZER_CONFIGURATION_ERROR", 500
    AUTHORIZER_FAILURE = "AUTHORIZER_FAILURE", 500
    BAD_REQUEST_BODY = "BAD_REQUEST_BODY", 400
    BAD_REQUEST_PARAMETERS = "BAD_REQUEST_PARAMETERS", 400
    DEFAULT_4XX = "DEFAULT_4XX", None
    DEFAULT_5XX = "DEFAULT_5XX", None
    EXPIRED_TOKEN = "EXPIRED_TOKEN", 403  # noqa: S105 - the name of a response type
    INTEGRATION_FAILURE = "INTEGRATION_FAILURE", 504
    INTEGRATION_TIMEOUT = "INTEGRATION_TIMEOUT", 504
    INVALID_API_KEY = "INVALID_API_KEY", 403
    INVALID_SIGNATURE = "INVALID_SIGNATURE", 403
    MISSING_AUTHENTICATION_TOKEN = "MISSING_AUTHENTICATION_TOKEN", 403  # noqa: S105 - the name of a response type
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED", 429
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE", 413
    RESOURCE_NOT_FOUND = "RESOURCE_NOT_FOUND", 404
    THROTTLED = "THROTTLED", 429
    UNAUTHORIZED = "UNAUTHORIZED", 401
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE", 415
    WAF_FILTERED = "WAF_FILTERED", 403

    default_status: int | None

    def __new__(cls, value: str, default_status: int | None) -> Self:
        """Make a member whose value is the name alone, so that `GatewayResponseType("THROTTLED")` finds it."""
        member = object.__new__(cls)
        member._value_ = value
        member.default_status = default_status
        return member


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """How an API customises one gateway response type.

    `status` None keeps the status of the error. `headers` maps a header's name (`X` of
    `gatewayresponse.header.X`) to its mapping expression (`'v'`, `context.requestId`, …). `templates` maps a
    content type to a body template; empty keeps the default body.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


class GatewayError(Exception):
    """API Gateway answers this request itself.

    `message` is what the client learns; `reason` is what the developer's log says, with the remedy, and None
    stands for nothing more than the message. `error_type` is `x-amzn-ErrorType`; `status` differs from the
    type's default where AWS's does (an expired token is 401 from a Cognito authorizer). `traced` says whether the
    answer carries X-Amzn-Trace-Id.
    """

    def __init__(
        self,
        response_type: GatewayResponseType,
        message: str,
        reason: str | None = None,
        *,
        error_type: str | None = None,
        status: int | None = None,
        traced: bool | None = None,
    ) -> None:
        super().__init__(reason or message)
        self.response_type = response_type
        self.message = message
        self.reason = reason or message
        self.status = status or response_type.default_status or 500
        self.error_type = error_type or "InternalServerErrorException"
        self.traced = bool(traced)
