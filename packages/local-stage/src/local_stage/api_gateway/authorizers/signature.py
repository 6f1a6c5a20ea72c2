"""AWS's Signature Version 4 on a request, and whether it is good.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from calendar import timegm
from collections.abc import Iterable
from dataclasses import dataclass
from time import gmtime, strftime, strptime
from typing import Final
from urllib.parse import quote

from local_stage.api_gateway.gateway_error import (
    GatewayError,
    GatewayResponseType,
    missing_authentication_token,
    unknown_route,
)
from local_stage.api_gateway.http_message import HttpRequest, decode_query

SERVICE: Final = "execute-api"
TOLERANCE: Final = 300
"""Seconds that a signature may be old, or ahead."""

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_PARAMETERS: Final = ("Credential", "Signature", "SignedHeaders")
_TIMESTAMP: Final = "%Y%m%dT%H%M%SZ"
_SCOPE_PARTS: Final = 5
_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret"
    " Access Key and signing method. Consult the service documentation for details.\n\n"
    "The Canonical String for this request should have been\n'{canonical}'\n\n"
    "The String-to-Sign should have been\n'{string_to_sign}'\n"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What an Authorization header and the date beside it say."""

    access_key: str
    day: str
    region: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    value: str
    timestamp: str


class InvalidTokenError(GatewayError):
    """403 for an access key that is not known; type and spelling of the body are unverified."""

    @property
    def default_body(self) -> str:
        """The body, with a small `message` as that of every refusal of a signature."""
        return f'{{"message":{self.message_string}}}'


def read_signature(request: HttpRequest) -> Signature:
    """Read the signature of a request. Raises GatewayError (403) where it has none, or not all of it."""
    headers = [*request.header_values("Authorization")]
    if not headers or not headers[-1].strip():
        raise missing_authentication_token("the request is not signed; sign it with SigV4 for execute-api")
    header = headers[-1]
    algorithm, _, rest = header.strip().partition(" ")
    if algorithm != _ALGORITHM or len(headers) > 1:
        raise unknown_route(header, "the Authorization header is no signature of the form AWS4-HMAC-SHA256")
    parameters = {
        name.strip(): value.strip() for name, _, value in (part.partition("=") for part in rest.split(","))
    }
    timestamp = request.header("X-Amz-Date") or request.header("Date") or ""
    missing = [name for name in _PARAMETERS if not parameters.get(name)]
    if missing or not timestamp:
        raise _refuse_incomplete(header, missing, has_date=bool(timestamp))
    scope = parameters["Credential"].rsplit("/", _SCOPE_PARTS - 1)
    if len(scope) != _SCOPE_PARTS:
        why = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term,"
        raise _refuse(f"{why} got '{parameters['Credential']}'", "IncompleteSignatureException")
    names = tuple(name.strip().lower() for name in parameters["SignedHeaders"].split(";"))
    access_key, day, region, service, terminator = scope
    value = parameters["Signature"]
    return Signature(access_key, day, region, service, terminator, names, value, timestamp)


def verify_signature(
    request: HttpRequest, signature: Signature, secret: str, region: str, now: float
) -> None:
    """Return if a request is signed with a secret.

    Raises GatewayError (403) for every request that is not signed with it, for this API's Region, at most
    five minutes ago, over its method, path, query, body, Host and the headers that it names.
    """
    _check_scope(signature, region)
    _check_date(signature, now)
    if "host" not in signature.signed_headers:
        why = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        raise _refuse(why)
    canonical = build_canonical_request(request, signature.signed_headers)
    scope = f"{signature.day}/{region}/{SERVICE}/aws4_request"
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    string_to_sign = f"{_ALGORITHM}\n{signature.timestamp}\n{scope}\n{digest}"
    expected = _sign(secret, scope, string_to_sign)
    if not hmac.compare_digest(expected.encode(), signature.value.encode("utf-8", "surrogateescape")):
        raise _refuse(
            _MISMATCH.format(canonical=canonical, string_to_sign=string_to_sign),
            reason="the signature is not this request's: its secret, path, query, body or a header differs",
        )


def build_canonical_request(request: HttpRequest, signed_headers: tuple[str, ...]) -> str:
    """Return what is signed of a request: its path is encoded once more, as for every service but S3."""
    path = quote(request.path.encode("utf-8", "surrogateescape"), safe="/-_.~")
    pairs = sorted((_encode(name), _encode(value)) for name, value in decode_query(request.query))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    headers = "".join(f"{name}:{_join(request, name)}\n" for name in signed_headers)
    body = hashlib.sha256(request.body).hexdigest()
    return f"{request.method}\n{path}\n{query}\n{headers}\n{';'.join(signed_headers)}\n{body}"


def _encode(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="-_.~")


def _join(request: HttpRequest, name: str) -> str:
    return ",".join(re.sub(" +", " ", value.strip()) for value in request.header_values(name))


def _sign(secret: str, scope: str, string_to_sign: str) -> str:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, string_to_sign.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def _check_scope(signature: Signature, region: str) -> None:
    faults = []
    if signature.region != region:
        faults.append(f"Credential should be scoped to a valid region, not '{signature.region}'. ")
    if signature.service != SERVICE:
        faults.append(f"Credential should be scoped to correct service: '{SERVICE}'. ")
    if signature.terminator != "aws4_request":
        ending = f"'aws4_request', not '{signature.terminator}'. "
        faults.append(f"Credential should be scoped with a valid terminator: {ending}")
    if faults:
        raise _refuse("".join(faults))


def _check_date(signature: Signature, now: float) -> None:
    try:
        at = timegm(strptime(signature.timestamp, _TIMESTAMP))
    except ValueError:
        why = "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601"
        raise _refuse(why.format(signature.timestamp), "IncompleteSignatureException") from None
    here, limit = _write(now), "5 min."
    if at < now - TOLERANCE:
        earliest = _write(now - TOLERANCE)
        raise _refuse(
            f"Signature expired: {signature.timestamp} is now earlier than {earliest} ({here} - {limit})"
        )
    if at > now + TOLERANCE:
        latest = f"{_write(now + TOLERANCE)} ({here} + {limit})"
        raise _refuse(f"Signature not yet current: {signature.timestamp} is still later than {latest}")
    if signature.day != signature.timestamp[:8]:
        raise _refuse(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            f" '{signature.day}' != '{signature.timestamp[:8]}', from '{signature.timestamp}'."
        )


def _write(now: float) -> str:
    return strftime(_TIMESTAMP, gmtime(now))


def _refuse_incomplete(authorization: str, missing: Iterable[str], *, has_date: bool) -> GatewayError:
    """403 for a signature that lacks parameters, each of which is named."""
    digest = b64encode(hashlib.sha256(authorization.encode("utf-8", "surrogateescape")).digest()).decode()
    told = [f"Authorization header requires '{name}' parameter." for name in missing]
    if not has_date:
        told.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    told.append(f"(Hashed with SHA-256 and encoded with Base64) Authorization={digest}")
    return _refuse(" ".join(told), "IncompleteSignatureException")


def _refuse(
    message: str, error_type: str = "InvalidSignatureException", *, reason: str | None = None
) -> GatewayError:
    return GatewayError(GatewayResponseType.INVALID_SIGNATURE, message, reason, error_type=error_type)
