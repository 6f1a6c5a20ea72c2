"""Checks that hold for the tokens of any issuer: form, header, issuer, key, signature and time."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from cryptography.exceptions import InvalidSignature

from local_stage.jwt.jose import JoseError, decode_base64url, parse_json_object, quote
from local_stage.jwt.judgement import Evidence, Failure, FailureKind, Finding, Unknown, UnverifiedToken
from local_stage.jwt.jwks import KeysUnavailableError

logger: Final = logging.getLogger(__name__)

MAX_TOKEN_LENGTH: Final = 10_240
"""Characters; API Gateway takes no more than this of all header values together."""

MAX_KID_LENGTH: Final = 256
"""Characters; Cognito's have 44."""

LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999, the last Unix second that a date can show."""

IAT_TOLERANCE: Final = 5
"""Seconds that an `iat` may be ahead of this clock: Cognito's has been seen ahead of laptops' by some.

How much API Gateway tolerates is unverified. A token is good no longer for it: `exp` has no such leeway.
"""

MAX_LISTED: Final = 3
"""Entries of a list that a reason names."""

REFUSED_HEADER_PARAMETERS: Final = ("crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c")
"""Those that change what is signed, or bring their own key. No user pool sends one."""


def check_form(evidence: Evidence) -> Finding:
    """Ask for three parts (RFC 7515, section 3.1) and a header that is one strict JSON object."""
    text = evidence.text
    if len(text) > MAX_TOKEN_LENGTH:
        reason = f"token of {len(text)} characters, more than {MAX_TOKEN_LENGTH}"
        return Failure(FailureKind.MALFORMED, reason, "put less into it, as groups")
    parts = evidence.parts = text.split(".")
    if len(parts) == 5:  # noqa: PLR2004 - an encrypted token (RFC 7516, section 3.1)
        reason = "an encrypted token, as refresh tokens are"
        return Failure(FailureKind.MALFORMED, reason, "send the ID or access token")
    if len(parts) != 3:  # noqa: PLR2004 - a signed token (RFC 7515, section 3.1)
        reason = f"this is not a JWT: it has {len(parts) - 1} dots, expected 2"
        remedy = "send the whole token, three parts with two dots; it begins with eyJ"
        return Failure(FailureKind.MALFORMED, reason, remedy)
    return _read_header(parts[0]).malformed


def check_algorithm(evidence: Evidence) -> Finding:
    """Ask for RS256, a `kid`, and no header parameter that changes what is signed or brings its own key."""
    return _read_header(evidence.parts[0]).unsupported


def check_contents(evidence: Evidence) -> Finding:
    """Ask for a payload that is one strict JSON object, and a signature in base64url."""
    header, payload_part, signature_part = evidence.parts
    payload = _parse_object("payload", payload_part)
    if isinstance(payload, Failure):
        return payload
    signature = _decode("signature", signature_part)
    if isinstance(signature, Failure):
        return signature
    signing_input = f"{header}.{payload_part}".encode("ascii")
    evidence.token = UnverifiedToken(_read_header(header).kid, payload, signing_input, signature)
    return None


def check_issuer(evidence: Evidence) -> Finding:
    """Ask for an `iss` that is accepted, to the letter."""
    issuer = evidence.token.payload.get("iss")
    if not isinstance(issuer, str) or not issuer:
        return invalid_claim("iss", issuer, "a text")
    if evidence.key_sets is None:
        return Unknown.NOT_CHECKED
    evidence.key_set = evidence.key_sets.get(issuer)
    if evidence.key_set is None:
        accepted = list_some([*evidence.key_sets])
        reason = f"token of another user pool (iss {quote(issuer)}): this stage accepts {accepted}"
        return Failure(FailureKind.UNKNOWN_ISSUER, reason, "get a token from that pool")
    return None


async def check_key(evidence: Evidence) -> Finding:
    """Ask for a `kid` that the issuer publishes; an unknown one may cause a fetch."""
    keys = evidence.key_set
    if keys is None:
        return Unknown.NOT_CHECKED
    try:
        evidence.key = await keys.find_key(evidence.token.kid)
    except KeysUnavailableError as error:
        return Failure(FailureKind.KEYS_UNAVAILABLE, error.reason, error.remedy)
    if evidence.key is None:
        stale = f" (last fetch failed: {keys.failure})" if keys.failure else ""
        reason = f"no key with kid {quote(evidence.token.kid)} in {keys.url}{stale}"
        return Failure(
            FailureKind.UNKNOWN_KEY, reason, "sign in again, and see that the token is from this pool"
        )
    return None


def check_signature(evidence: Evidence) -> Finding:
    """Ask for a signature that the key has made over this very header and payload."""
    if evidence.key is None:
        return Unknown.NOT_CHECKED
    token = evidence.token
    try:
        evidence.verifier.verify(evidence.key, token.signature, token.signing_input)
    except InvalidSignature:
        reason = f"signature does not fit key {quote(token.kid)}"
        return Failure(FailureKind.INVALID_SIGNATURE, reason, "send the token unchanged and whole")
    evidence.verified = MappingProxyType(dict(token.payload))
    return None


def check_not_before(evidence: Evidence) -> Finding:
    """Ask for an `iat` and an `nbf` that lie in the past, where the token has them; `nbf` has no leeway."""
    return find_early(evidence.token.payload, evidence.now)


def find_early(payload: Mapping[str, Any], now: float) -> Failure | None:
    """Return why it is too early for a token, None where its time has come; `now` is in Unix seconds."""
    for claim, tolerance in (("iat", IAT_TOLERANCE), ("nbf", 0)):
        if claim in payload:
            if failure := require_second(payload, claim):
                return failure
            if payload[claim] > now + tolerance:
                reason = f"{claim} is {describe_duration(payload[claim] - now)} ahead of this clock"
                return Failure(FailureKind.NOT_YET_VALID, reason, "set the clock right")
    return None


def warn_of_clock(claims: Mapping[str, Any], now: float) -> None:
    """Say in the log that a token was let in whose verified `iat` is ahead of `now`, in Unix seconds."""
    if (ahead := claims.get("iat", now) - now) > 0:
        logger.warning(
            "a token's iat is %.1f s ahead of this clock, and is let in; set the clock right", ahead
        )


def check_expiry(evidence: Evidence) -> Finding:
    """Ask for an `exp` that lies in the future; a token has expired when `now` is its `exp`."""
    return find_expired(evidence.token.payload, evidence.now)


def find_expired(payload: Mapping[str, Any], now: float) -> Failure | None:
    """Return why a token has expired, or when it will is not known, None where it has not."""
    if failure := require_second(payload, "exp"):
        return failure
    if not now < payload["exp"]:
        reason = f"token expired {describe_duration(now - payload['exp'])} ago"
        return Failure(FailureKind.EXPIRED, reason, "sign in again")
    return None


def require_text(payload: Mapping[str, Any], claim: str) -> Failure | None:
    """Return why a claim is no text, or None for one that is and is not empty."""
    value = payload.get(claim)
    return None if isinstance(value, str) and value else invalid_claim(claim, value, "a text")


def require_second(payload: Mapping[str, Any], claim: str) -> Failure | None:
    """Return why a claim is no NumericDate of whole seconds, or None for one that is.

    Cognito writes whole seconds, so fractions (RFC 7519, section 2) are refused.
    """
    value = payload.get(claim)
    if type(value) is int and 0 <= value <= LAST_SECOND:
        return None
    return invalid_claim(claim, value, "whole Unix seconds")


def invalid_claim(
    claim: str, actual: object, expected: str, remedy: str = "sign in again for a new token"
) -> Failure:
    """Return the failure of a claim that is missing, or has a type or value that no issuer gives it."""
    found = "missing or null" if actual is None else quote(actual)
    return Failure(FailureKind.INVALID_CLAIM, f"claim {claim} is {found}, expected {expected}", remedy)


def list_some(values: Sequence[str]) -> str:
    """Return the first few of a list, and how many more there are."""
    shown = ", ".join(values[:MAX_LISTED])
    return shown if len(values) <= MAX_LISTED else f"{shown} and {len(values) - MAX_LISTED} more"


def describe_duration(seconds: float) -> str:
    """Return a number of seconds as a person says it, in its two largest units: `2 h 5 min`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")) if n]
    return " ".join(parts[:2]) or "less than 1 s"


@dataclass(frozen=True, slots=True)
class _Header:
    """A token's header as the two checks on it find it."""

    malformed: Failure | None = None
    unsupported: Failure | None = None
    kid: str = ""


@lru_cache(maxsize=16)  # All tokens that a key has signed have the same header.
def _read_header(part: str) -> _Header:
    header = _parse_object("header", part)
    if isinstance(header, Failure):
        return _Header(malformed=header)
    if header.get("alg") != "RS256":
        return _Header(unsupported=_unsupported("alg", header.get("alg"), "RS256"))
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID_LENGTH:
        return _Header(unsupported=_unsupported("kid", kid, f"a text of 1 to {MAX_KID_LENGTH} characters"))
    for parameter in REFUSED_HEADER_PARAMETERS:
        if parameter in header:
            return _Header(unsupported=_unsupported(parameter, header[parameter], "none"))
    return _Header(kid=kid)


def _unsupported(parameter: str, actual: object, expected: str) -> Failure:
    reason = f"token header has {parameter} {quote(actual)}, expected {expected}"
    return Failure(FailureKind.UNSUPPORTED_HEADER, reason, "send a token as the user pool issued it")


def _parse_object(part: str, text: str) -> dict[str, Any] | Failure:
    data = _decode(part, text)
    if isinstance(data, Failure):
        return data
    try:
        return parse_json_object(data)
    except JoseError as error:
        reason = f"token's {part} is {error}"
        return Failure(FailureKind.MALFORMED, reason, "send the token as the pool issued it")


def _decode(part: str, text: str) -> bytes | Failure:
    try:
        return decode_base64url(text)
    except JoseError as error:
        reason = f"token's {part} is {error}"
        return Failure(FailureKind.MALFORMED, reason, "send the token unchanged and whole")
