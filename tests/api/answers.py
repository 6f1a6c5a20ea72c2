"""What an answer of API Gateway itself looks like: status, headers and body to the letter."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass

import requests

EVERY_ANSWER = frozenset(
    {"Date", "Content-Type", "Content-Length", "Connection", "x-amzn-RequestId", "x-amz-apigw-id"}
)
"""Names of the headers on every answer, in API Gateway's own casing."""

EVERY_REFUSAL = EVERY_ANSWER | {"x-amzn-ErrorType", "X-Amzn-Trace-Id", "Access-Control-Allow-Origin"}
"""Names of the headers on every refusal: the template has tracing on, and allows the page's origin."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer in which the gateway itself refuses a request."""

    status: int
    reason: str
    error_type: str | None
    body: str

    @classmethod
    def read(cls, response: requests.Response) -> Refusal:
        error_type = response.headers.get("x-amzn-ErrorType")
        return cls(response.status_code, response.reason, error_type, response.text)


UNAUTHORIZED = Refusal(401, "Unauthorized", "UnauthorizedException", '{"message":"Unauthorized"}')
EXPIRED = Refusal(
    401, "Unauthorized", "UnauthorizedException", '{"message":"The incoming token has expired"}'
)
MISSING_AUTHENTICATION_TOKEN = Refusal(
    403, "Forbidden", "MissingAuthenticationTokenException", '{"message":"Missing Authentication Token"}'
)
FORBIDDEN = Refusal(403, "Forbidden", "ForbiddenException", '{"message":"Forbidden"}')


def not_a_signature(authorization: str) -> Refusal:
    """Return the answer on an unknown route to a header that API Gateway takes for a bad AWS signature."""
    digest = base64.b64encode(hashlib.sha256(authorization.encode()).digest()).decode()
    message = (
        "Invalid key=value pair (missing equal-sign) in Authorization header"
        f" (hashed with SHA-256 and encoded with Base64): '{digest}'."
    )
    if "=" in authorization or " " not in authorization:
        message = (
            "Authorization header requires 'Credential' parameter."
            " Authorization header requires 'Signature' parameter."
            " Authorization header requires 'SignedHeaders' parameter."
            " Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
            f" (Hashed with SHA-256 and encoded with Base64) Authorization={digest}"
        )
    body = json.dumps({"message": message}, separators=(",", ":"))
    return Refusal(403, "Forbidden", "IncompleteSignatureException", body)


def header_names(response: requests.Response) -> list[str]:
    """Return the names of the headers as they were sent, sorted."""
    return sorted(response.raw.headers)
