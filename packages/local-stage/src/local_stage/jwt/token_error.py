"""Why a token is refused: one class a reason, each with one line for the developer that names the remedy.

Nothing of a token stands in a reason but its `kid` and single claim values, quoted: ASCII, one line, limited.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_QUOTED = 100
"""Characters of a value from outside that may reach the log."""

MAX_LISTED = 3
"""Entries of a list that a reason names."""


class TokenError(Exception):
    """A token, or what came instead of one, that is refused; `reason` is for the developer's log only."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MalformedTokenError(TokenError):
    """The text is no signed JSON web token in compact form (RFC 7515, section 3.1).

    `part` is the one that cannot be read: `header`, `payload` or `signature`; None where there are not three.
    """

    def __init__(self, reason: str, part: str | None = None) -> None:
        super().__init__(reason)
        self.part = part


class UnsupportedHeaderError(TokenError):
    """The token's header asks for something that no user pool's token asks for."""

    def __init__(self, parameter: str, actual: object, expected: str) -> None:
        super().__init__(
            f"token header has {parameter} {quote(actual)}, expected {expected};"
            " send a token as the user pool issued it"
        )
        self.parameter = parameter


class InvalidClaimError(TokenError):
    """A claim is missing, or has a type or value that no user pool gives it."""

    remedy = "sign in again for a new token"

    def __init__(self, claim: str, actual: object, expected: str) -> None:
        found = "missing or null" if actual is None else quote(actual)
        super().__init__(f"claim {claim} is {found}, expected {expected}; {self.remedy}")
        self.claim = claim


class UnknownTokenUseError(InvalidClaimError):
    """The token is for something else than calling an API, as a refresh token is."""

    remedy = "send the ID token, or the access token where the method has scopes"

    def __init__(self, actual: object) -> None:
        super().__init__("token_use", actual, "id or access")


class UnknownIssuerError(TokenError):
    """The token names a user pool that the authorizer does not accept."""

    def __init__(self, actual: str, expected: Iterable[str]) -> None:
        self.actual = actual
        self.expected = tuple(expected)
        super().__init__(
            f"token of another user pool (iss {quote(actual)}): this stage accepts {_list(self.expected)};"
            " get a token from that pool"
        )


class UnknownKeyError(TokenError):
    """The user pool has no key with the token's `kid`; `failure` is why the last fetch failed, if it did."""

    def __init__(self, kid: str, url: str, failure: str | None) -> None:
        missing = f"no key with kid {quote(kid)} in {url}"
        stale = f" (last fetch failed: {failure})" if failure else ""
        super().__init__(f"{missing}{stale}; sign in again, and see that the token is from this pool")
        self.kid = kid


class InvalidSignatureError(TokenError):
    """The signature is not the user pool's over this header and payload."""

    def __init__(self, kid: str) -> None:
        super().__init__(f"signature does not fit key {quote(kid)}; send the token unchanged and whole")
        self.kid = kid


class WrongTokenUseError(TokenError):
    """An access token where API Gateway asks for an ID token, or the other way round."""

    def __init__(self, actual: str, scopes: Sequence[str]) -> None:
        self.actual = actual
        self.expected = "access" if scopes else "id"
        super().__init__(
            f"ID token on a method with scopes; send an access token with {_list(scopes)}"
            if scopes
            else "access token on a method without scopes; send the ID token or set AuthorizationScopes"
        )


class NotYetValidError(TokenError):
    """`iat` or `nbf` lies in the future."""

    def __init__(self, claim: str, seconds: float) -> None:
        super().__init__(f"{claim} is {describe_duration(seconds)} ahead of this clock; set the clock right")
        self.claim = claim


class WrongAudienceError(TokenError):
    """The token's `aud` does not match the authorizer's validation expression."""

    def __init__(self, actual: str | None, expected: str) -> None:
        self.actual = actual
        self.expected = expected
        super().__init__(
            f"aud {quote(actual)} does not match the authorizer's validation expression {quote(expected)};"
            " sign in with an app client that it matches"
            if actual is not None
            else "access token, which has no aud to match the authorizer's validation expression"
            f" {quote(expected)}; send an ID token to a method without scopes, or remove the expression"
        )


class MissingScopeError(TokenError):
    """The access token has none of the method's scopes."""

    def __init__(self, actual: str, expected: Sequence[str]) -> None:
        self.actual = actual
        self.expected = tuple(expected)
        super().__init__(
            f"access token has scope {quote(actual)}, the method asks for any of {_list(expected)};"
            " ask the token endpoint for one"
        )


class ExpiredTokenError(TokenError):
    """The token was good in all else, but its `exp` has come."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"token expired {describe_duration(seconds)} ago; sign in again")
        self.seconds = seconds


def quote(value: object) -> str:
    """Return `value` as Python would write it, in ASCII on one line, cut to `MAX_QUOTED` characters."""
    text = ascii(value[:MAX_QUOTED] if isinstance(value, str) else value)
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}..."


def _list(values: Sequence[str]) -> str:
    shown = ", ".join(values[:MAX_LISTED])
    return shown if len(values) <= MAX_LISTED else f"{shown} and {len(values) - MAX_LISTED} more"


def describe_duration(seconds: float) -> str:
    """Return a number of seconds as a person says it, in its two largest units: `2 h 5 min`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")) if n]
    return " ".join(parts[:2]) or "less than 1 s"
