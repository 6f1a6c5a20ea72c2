"""Every situation in which an HTTP API responds by itself, and what it responds then.

Statuses, bodies and headers as recorded from AWS, or marked unverified. All bodies are `{"message":"…"}`
without a blank, and no response says `x-amzn-ErrorType`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.http_message import HttpResponse

_TYPES: Final = {
    HTTPStatus.UNAUTHORIZED: GatewayResponseType.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN: GatewayResponseType.ACCESS_DENIED,
    HTTPStatus.NOT_FOUND: GatewayResponseType.RESOURCE_NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: GatewayResponseType.REQUEST_TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS: GatewayResponseType.THROTTLED,
    HTTPStatus.INTERNAL_SERVER_ERROR: GatewayResponseType.INTEGRATION_FAILURE,
    HTTPStatus.SERVICE_UNAVAILABLE: GatewayResponseType.INTEGRATION_TIMEOUT,
}
_MESSAGES: Final = {
    HTTPStatus.UNAUTHORIZED: "Unauthorized",
    HTTPStatus.FORBIDDEN: "Forbidden",
    HTTPStatus.NOT_FOUND: "Not Found",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Request Entity Too Large",
    HTTPStatus.TOO_MANY_REQUESTS: "Too Many Requests",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Internal Server Error",
    HTTPStatus.SERVICE_UNAVAILABLE: "Service Unavailable",
}
"""401, 403, 404, 500 and 503 are recorded; 413 and 429 are unverified."""


class HttpApiError(GatewayError):
    """An HTTP API responds to this request by itself.

    `challenge` is the value of `www-authenticate`, None for no such header. `authorizer_error` is what
    `$context.authorizer.error` says in the access log.
    """

    def __init__(
        self,
        status: HTTPStatus,
        reason: str,
        *,
        challenge: str | None = None,
        authorizer_error: str | None = None,
    ) -> None:
        super().__init__(_TYPES[status], _MESSAGES[status], reason, status=status, customizable=False)
        self.challenge = challenge
        self.authorizer_error = authorizer_error

    @property
    def default_body(self) -> str:
        """The body of the response: `{"message":"Not Found"}`."""
        return f'{{"message":{self.message_string}}}'


def not_found(reason: str) -> HttpApiError:
    """404 for a path, a verb or a stage that the API does not have."""
    return HttpApiError(HTTPStatus.NOT_FOUND, reason)


def unauthorized(reason: str, *, challenge: str | None, authorizer_error: str | None = None) -> HttpApiError:
    """401 for a request without a token that is good for the route."""
    return HttpApiError(
        HTTPStatus.UNAUTHORIZED, reason, challenge=challenge, authorizer_error=authorizer_error
    )


def forbidden(
    reason: str, *, challenge: str | None = None, authorizer_error: str | None = None
) -> HttpApiError:
    """403 for a caller who is known, and may not call this route."""
    return HttpApiError(HTTPStatus.FORBIDDEN, reason, challenge=challenge, authorizer_error=authorizer_error)


def request_too_large(reason: str) -> HttpApiError:
    """413 for a payload that Lambda does not take (unverified)."""
    return HttpApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)


def internal_server_error(reason: str) -> HttpApiError:
    """500 for a function that fails, may not be invoked, or returns what is no response."""
    return HttpApiError(HTTPStatus.INTERNAL_SERVER_ERROR, reason)


def service_unavailable(reason: str) -> HttpApiError:
    """503 for a function that takes longer than the integration's timeout, or that Lambda throttles."""
    return HttpApiError(HTTPStatus.SERVICE_UNAVAILABLE, reason)


def as_http_error(error: GatewayError) -> HttpApiError:
    """Return the error of an HTTP API for one that is raised without regard to the API's kind."""
    if isinstance(error, HttpApiError):
        return error
    status = HTTPStatus(error.status)
    return HttpApiError(status if status in _TYPES else HTTPStatus.INTERNAL_SERVER_ERROR, error.reason)


def build_error_response(error: HttpApiError) -> HttpResponse:
    """Return the response, whose headers are those that it alone has."""
    headers = [("Content-Type", "application/json")]
    if error.challenge is not None:
        headers.append(("www-authenticate", error.challenge))
    return HttpResponse(error.status, headers, error.default_body.encode())
