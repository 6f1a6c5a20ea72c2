"""A user pool's token: read strictly, verified, and only then believed.

`parse_token` → `UnverifiedToken` → `verify_token` → `Claims`. Nothing of an `UnverifiedToken` may be used for
anything but to choose the user pool and the key that verify it.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, override

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from local_stage.jwt.jose import JoseError, decode_base64url, parse_json_object
from local_stage.jwt.signature_verifier import SignatureVerifier
from local_stage.jwt.token_error import (
    ExpiredTokenError,
    InvalidClaimError,
    InvalidSignatureError,
    MalformedTokenError,
    MissingScopeError,
    NotYetValidError,
    UnknownTokenUseError,
    UnsupportedHeaderError,
    WrongAudienceError,
    WrongTokenUseError,
)

MAX_TOKEN_LENGTH = 10_240
"""Characters; API Gateway takes no more than this of all header values together."""

MAX_KID_LENGTH = 256
"""Characters; Cognito's have 44."""

LAST_SECOND = 253_402_300_799
"""The end of the year 9999, the last Unix second that a date can show."""

REFUSED_HEADER_PARAMETERS = ("crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c")
"""Those that change what is signed, or bring their own key. No user pool sends one."""

_SEAL = object()
_FORGETFUL = SignatureVerifier(limit=0)


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A token in its parts, written by anybody: `kid` and `issuer` only choose what verifies it."""

    kid: str
    issuer: str
    payload: Mapping[str, Any] = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Claims(Mapping[str, Any]):
    """The claims of a verified token, in the order of its payload; `verify_token` alone makes them."""

    _payload: Mapping[str, Any]
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("claims come from verify_token")

    @override
    def __getitem__(self, name: str) -> Any:
        return self._payload[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._payload)

    @override
    def __len__(self) -> int:
        return len(self._payload)

    @override
    def __repr__(self) -> str:
        """Name the caller, and no personal claim."""
        return f"<Claims of {self['sub']!a}>"


def parse_token(text: str) -> UnverifiedToken:
    """Take a token apart (RFC 7515, section 3.1), without believing any of it.

    Raises:
        MalformedTokenError: not three canonical base64url parts, or header or payload is no strict JSON.
        UnsupportedHeaderError: no RS256, no usable `kid`, or a parameter that no user pool sends.
        InvalidClaimError: `iss` is no text.
    """
    header_part, payload_part, signature_part = _split(text)
    kid = _read_kid(header_part)
    payload = _parse_object("payload", payload_part)
    return UnverifiedToken(
        kid=kid,
        issuer=_require_text(payload, "iss"),
        payload=payload,
        signing_input=f"{header_part}.{payload_part}".encode("ascii"),
        signature=_decode("signature", signature_part),
    )


def verify_token(
    token: UnverifiedToken,
    key: RSAPublicKey,
    *,
    scopes: Sequence[str],
    audience: re.Pattern[str] | None,
    now: float,
    verifier: SignatureVerifier = _FORGETFUL,
) -> Claims:
    """Return the token's claims if `key` signed it and it is good for a method with these `scopes`.

    Without scopes only an ID token is good, with scopes only an access token that has any one of them.
    `audience` is matched with the whole `aud`; where it is set, access tokens are refused. `now` is in Unix
    seconds; there is no leeway, and a token has expired when `now` is its `exp`. Expiry comes last: only a
    caller whose token is good in all else learns that it has expired. What a `verifier` may remember is that
    the signature was good; all the rest is judged anew.

    Raises:
        TokenError: one subclass a reason.
    """
    _verify_signature(token, key, verifier)
    payload = token.payload
    _validate_token_use(payload, scopes)
    _require_text(payload, "sub")
    _validate_not_before(payload, now)
    _validate_client(payload, scopes, audience)
    _validate_scopes(payload, scopes)
    _validate_not_expired(payload, now)
    return Claims(MappingProxyType(dict(payload)), _SEAL)


def _split(text: str) -> list[str]:
    if len(text) > MAX_TOKEN_LENGTH:
        raise MalformedTokenError(
            f"token of {len(text)} characters, more than {MAX_TOKEN_LENGTH}; put less into it, as groups"
        )
    parts = text.split(".")
    if len(parts) == 5:  # noqa: PLR2004 - an encrypted token (RFC 7516, section 3.1)
        raise MalformedTokenError("an encrypted token, as refresh tokens are; send the ID or access token")
    if len(parts) != 3:  # noqa: PLR2004 - a signed token (RFC 7515, section 3.1)
        raise MalformedTokenError(f"no token: it has {text.count('.')} dots, expected 2; send it whole")
    return parts


def _decode(part: str, text: str) -> bytes:
    try:
        return decode_base64url(text)
    except JoseError as error:
        reason = f"token's {part} is {error}; send the token unchanged and whole"
        raise MalformedTokenError(reason, part) from error


def _parse_object(part: str, text: str) -> dict[str, Any]:
    try:
        return parse_json_object(_decode(part, text))
    except JoseError as error:
        reason = f"token's {part} is {error}; send the token as the pool issued it"
        raise MalformedTokenError(reason, part) from error


@lru_cache(maxsize=16)  # All tokens that a key has signed have the same header.
def _read_kid(header_part: str) -> str:
    header = _parse_object("header", header_part)
    if header.get("alg") != "RS256":
        raise UnsupportedHeaderError("alg", header.get("alg"), "RS256")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID_LENGTH:
        raise UnsupportedHeaderError("kid", kid, f"a text of 1 to {MAX_KID_LENGTH} characters")
    for parameter in REFUSED_HEADER_PARAMETERS:
        if parameter in header:
            raise UnsupportedHeaderError(parameter, header[parameter], "none")
    return kid


def _verify_signature(token: UnverifiedToken, key: RSAPublicKey, verifier: SignatureVerifier) -> None:
    try:
        verifier.verify(key, token.signature, token.signing_input)
    except InvalidSignature as error:
        raise InvalidSignatureError(token.kid) from error


def _validate_token_use(payload: Mapping[str, Any], scopes: Sequence[str]) -> None:
    token_use = payload.get("token_use")
    if token_use not in ("id", "access"):
        raise UnknownTokenUseError(token_use)
    if token_use != ("access" if scopes else "id"):
        raise WrongTokenUseError(token_use, scopes)


def _validate_not_before(payload: Mapping[str, Any], now: float) -> None:
    _require_second(payload, "iat")
    for claim in ("iat", "nbf"):
        if claim in payload and (second := _require_second(payload, claim)) > now:
            raise NotYetValidError(claim, second - now)
    if "auth_time" in payload:
        _require_second(payload, "auth_time")


def _validate_client(
    payload: Mapping[str, Any], scopes: Sequence[str], audience: re.Pattern[str] | None
) -> None:
    client_id = _require_text(payload, "client_id" if scopes else "aud")
    if audience is None:
        return
    # "this validation rejects the request due to the access token not containing the aud field":
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
    if scopes:
        raise WrongAudienceError(None, audience.pattern)
    if not audience.fullmatch(client_id):
        raise WrongAudienceError(client_id, audience.pattern)


def _validate_scopes(payload: Mapping[str, Any], scopes: Sequence[str]) -> None:
    if not scopes:
        return
    granted = _require_text(payload, "scope")
    # RFC 6749, section 3.3: scopes are separated by one blank each, and compared letter by letter.
    if not set(granted.split(" ")).difference({""}).intersection(scopes):
        raise MissingScopeError(granted, scopes)


def _validate_not_expired(payload: Mapping[str, Any], now: float) -> None:
    expires_at = _require_second(payload, "exp")
    if not now < expires_at:
        raise ExpiredTokenError(now - expires_at)


def _require_text(payload: Mapping[str, Any], claim: str) -> str:
    value = payload.get(claim)
    if not isinstance(value, str) or not value:
        raise InvalidClaimError(claim, value, "a text")
    return value


def _require_second(payload: Mapping[str, Any], claim: str) -> int:
    """Return a NumericDate; Cognito writes whole seconds, so fractions (RFC 7519, section 2) are refused."""
    value = payload.get(claim)
    if type(value) is not int or not 0 <= value <= LAST_SECOND:
        raise InvalidClaimError(claim, value, "whole Unix seconds")
    return value
