"""What a token says of itself, in words, believed or not: nothing is decided by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from local_stage.cognito.user_pool import find_user_pool_id
from local_stage.jwt.checks import LAST_SECOND, describe_duration
from local_stage.jwt.jose import quote
from local_stage.jwt.judgement import UnverifiedToken

KINDS: Final[Mapping[object, str]] = {"id": "an ID token", "access": "an access token"}


@dataclass(frozen=True, slots=True)
class DecodedToken:
    """A token's claims as anybody may have written them, and its key id; empty where it cannot be read."""

    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    kid: str = ""

    @classmethod
    def of(cls, token: UnverifiedToken) -> Self:
        """Return what could be read of a token that was judged."""
        return cls(token.payload, token.kid)

    @property
    def kind(self) -> str:
        """`an ID token`, `an access token`, or what it says instead."""
        use = self.claims.get("token_use")
        return KINDS.get(use, "") if isinstance(use, str) and use in KINDS else f"token_use {quote(use)}"

    @property
    def user_pool_id(self) -> str:
        """The id of the user pool that it names, or its whole issuer where that is no pool's."""
        issuer = self.claims.get("iss")
        return name_user_pool(issuer) if isinstance(issuer, str) else quote(issuer)

    @property
    def subject(self) -> str:
        """Whom it is for: a user's name, or a machine's app client."""
        name = self.claims.get("cognito:username", self.claims.get("username"))
        if name is not None:
            return f"the user {quote(name)}"
        client_id = self.claims.get("client_id")
        if client_id is not None and client_id == self.claims.get("sub"):
            return f"the app client {quote(client_id)} itself, and no user"
        return f"sub {quote(self.claims.get('sub'))}"

    @property
    def client_id(self) -> str:
        """The app client that it was issued to."""
        return quote(self.claims.get("aud", self.claims.get("client_id")))

    @property
    def scopes(self) -> str:
        """Its scopes as they stand in it."""
        scope = self.claims.get("scope")
        return "no scope" if scope is None else f"scope {quote(scope)}"

    @property
    def groups(self) -> Sequence[str]:
        """The groups that it names."""
        groups = self.claims.get("cognito:groups")
        return [group for group in groups if isinstance(group, str)] if isinstance(groups, list) else []

    def describe_time(self, claim: str, now: float) -> str:
        """Return a claim's time in this machine's zone, and how far it is from `now`."""
        second = self.claims.get(claim)
        if type(second) is not int or not 0 <= second <= LAST_SECOND:
            return f"{claim} {quote(second)}"
        distance = describe_duration(abs(now - second))
        return f"{_as_local_time(second)}, {f'{distance} ago' if second <= now else f'in {distance}'}"


def name_user_pool(issuer: str) -> str:
    """Return the id of the user pool that an issuer is of, or the whole of what is no user pool's issuer."""
    return find_user_pool_id(issuer) or quote(issuer)


def _as_local_time(second: int) -> str:
    try:
        return f"{datetime.fromtimestamp(second).astimezone():%Y-%m-%d %H:%M:%S %Z}"
    except (OverflowError, OSError, ValueError):  # the last days of 9999 east of Greenwich
        return f"Unix second {second}"
