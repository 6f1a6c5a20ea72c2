"""Who calls: what a gateway's verified claims say, read in this one place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, Self

_SUB: Final = re.compile(r"[A-Za-z0-9_+-]{1,128}")
_REST_API_DATE: Final = "%a %b %d %H:%M:%S UTC %Y"


class RefusedError(Exception):
    """The caller may not have the answer. The message is fit for a log: it never holds a claim's value."""


class ClaimsError(RefusedError):
    """The claims do not say who calls, or are of another kind of token than the route takes."""


class NoClaimsError(ClaimsError):
    """The gateway in front of the function has run no authorizer, as `sam local start-api` does not."""

    def __init__(self) -> None:
        super().__init__("no claims: no authorizer has run in front of the function")


class WrongClaimError(ClaimsError):
    """A claim is missing, or is not of a form that a gateway gives it."""

    def __init__(self, claim: str) -> None:
        super().__init__(f"claim {claim}: missing or of an unknown form")
        self.claim = claim


class WrongTokenUseError(ClaimsError):
    """An access token where an ID token is needed, or the other way round."""

    def __init__(self, *, actual: TokenUse, expected: TokenUse) -> None:
        super().__init__(f"token_use {actual}: the route takes {expected}")
        self.actual = actual
        self.expected = expected


class MissingScopeError(ClaimsError):
    """The access token does not carry the scope that the route needs."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"scope {scope}: not among the token's scopes")
        self.scope = scope


class NotInGroupError(RefusedError):
    """The caller is known, and not in the group that the route needs."""

    def __init__(self, group: str) -> None:
        super().__init__(f"group {group}: the caller is not in it")
        self.group = group


class TokenUse(StrEnum):
    """The two kinds of token that Cognito issues and a gateway verifies."""

    ID = "id"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class Caller:
    """The person or machine whose token the gateway has verified.

    `username` is the user's name in the pool or, for a machine, its client id. `client_id` and `scopes` are
    an access token's; `email` is an ID token's, where the user has one.
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
    """

    sub: str
    token_use: TokenUse
    username: str
    signed_in_at: datetime
    expires_at: datetime
    email: str | None = None
    email_verified: bool = False
    groups: tuple[str, ...] = ()
    client_id: str | None = None
    scopes: frozenset[str] = frozenset()

    @classmethod
    def from_proxy_event(cls, event: Mapping[str, Any]) -> Self:
        """Read the caller from a Lambda proxy event of format 1.0.

        Raises NoClaimsError where `requestContext.authorizer.claims` is no object, else as `from_claims`.
        https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
        """
        match event:
            case {"requestContext": {"authorizer": {"claims": dict(claims)}}}:
                return cls.from_claims(claims)
            case _:
                raise NoClaimsError

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any]) -> Self:
        """Read the caller from the claims as a REST API, an HTTP API or the JWT itself renders them.

        Raises WrongClaimError for a claim that is missing or of an unknown form.
        """
        match claims.get("token_use"):
            case TokenUse.ID.value:
                return cls._from_id_token(claims)
            case TokenUse.ACCESS.value:
                return cls._from_access_token(claims)
            case _:
                raise WrongClaimError("token_use")

    @classmethod
    def _from_id_token(cls, claims: Mapping[str, Any]) -> Self:
        return cls(
            sub=_read_sub(claims),
            token_use=TokenUse.ID,
            username=_read_text(claims, "cognito:username"),
            signed_in_at=_read_date(claims, "auth_time"),
            expires_at=_read_date(claims, "exp"),
            email=_find_text(claims, "email"),
            email_verified=_read_flag(claims, "email_verified"),
            groups=_read_groups(claims),
        )

    @classmethod
    def _from_access_token(cls, claims: Mapping[str, Any]) -> Self:
        client_id = _read_text(claims, "client_id")
        return cls(
            sub=_read_sub(claims),
            token_use=TokenUse.ACCESS,
            username=_find_text(claims, "username") or client_id,
            signed_in_at=_read_date(claims, "auth_time"),
            expires_at=_read_date(claims, "exp"),
            groups=_read_groups(claims),
            client_id=client_id,
            scopes=_read_scopes(claims),
        )

    def require_token_use(self, expected: TokenUse) -> None:
        """Raise WrongTokenUseError unless the token is of this kind."""
        if self.token_use is not expected:
            raise WrongTokenUseError(actual=self.token_use, expected=expected)

    def require_scope(self, scope: str) -> None:
        """Raise WrongTokenUseError for an ID token, MissingScopeError for one without this very scope."""
        self.require_token_use(TokenUse.ACCESS)
        if scope not in self.scopes:
            raise MissingScopeError(scope)

    def require_group(self, group: str) -> None:
        """Raise NotInGroupError unless the caller is in the pool's group of exactly this name."""
        if group not in self.groups:
            raise NotInGroupError(group)


def _read_sub(claims: Mapping[str, Any]) -> str:
    # A user's UUID or a machine's client id. It is logged, so it may hold nothing that could forge a line.
    sub = claims.get("sub")
    if not isinstance(sub, str) or not _SUB.fullmatch(sub):
        raise WrongClaimError("sub")
    return sub


def _read_text(claims: Mapping[str, Any], name: str) -> str:
    text = _find_text(claims, name)
    if text is None:
        raise WrongClaimError(name)
    return text


def _find_text(claims: Mapping[str, Any], name: str) -> str | None:
    text = claims.get(name)
    if text is not None and (not isinstance(text, str) or not text):
        raise WrongClaimError(name)
    return text


def _read_flag(claims: Mapping[str, Any], name: str) -> bool:
    match claims.get(name):
        case True | "true":
            return True
        case False | "false" | None:
            return False
        case _:
            raise WrongClaimError(name)


def _read_date(claims: Mapping[str, Any], name: str) -> datetime:
    try:
        match claims.get(name):
            case int(seconds) if not isinstance(seconds, bool):
                return datetime.fromtimestamp(seconds, UTC)
            case str(digits) if digits.isascii() and digits.isdigit():
                return datetime.fromtimestamp(int(digits), UTC)
            case str(date):
                return _parse_rest_api_date(date)
            case _:
                raise WrongClaimError(name)
    except (ValueError, OverflowError, OSError):
        # The cause's message would hold the claim's value.
        raise WrongClaimError(name) from None


@lru_cache(maxsize=128)  # A caller's token says the same in each call, and strptime takes long.
def _parse_rest_api_date(date: str) -> datetime:
    return datetime.strptime(date, _REST_API_DATE).replace(tzinfo=UTC)


def _read_groups(claims: Mapping[str, Any]) -> tuple[str, ...]:
    # A REST API renders a list as `a,b`, an HTTP API as `[a b]`. Neither quotes, and Cognito allows commas
    # and brackets in a group's name: a person who may create groups could call one "x,admins".
    match claims.get("cognito:groups"):
        case None | "":
            return ()
        case [*groups] if all(isinstance(group, str) for group in groups):
            return tuple(groups)
        case str(groups) if groups.startswith("[") and groups.endswith("]"):
            return tuple(groups[1:-1].split())
        case str(groups):
            return tuple(groups.split(","))
        case _:
            raise WrongClaimError("cognito:groups")


def _read_scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    return frozenset((_find_text(claims, "scope") or "").split(" "))
