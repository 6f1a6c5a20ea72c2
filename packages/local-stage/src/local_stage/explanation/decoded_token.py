"""What a token says of itself, in words, believed or not: nothing is decided by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from local_stage.cognito.cognito_token import LAST_SECOND, parse_token
from local_stage.jwt.token_error import TokenError, describe_duration, quote

KINDS: Final[Mapping[object, str]] = {"id": "an ID token", "access": "an access token"}
_ISSUER: Final = re.compile(
    r"https://cognito-idp\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
    r"/(?P<pool_id>(?P=region)_[0-9A-Za-z]{1,54})"
)
_SENT: Final = re.compile(r"(?:[Bb]earer )?(?P<token>[!-~]+)")


@dataclass(frozen=True, slots=True)
class DecodedToken:
    """A token's claims as anybody may have written them, and its key id; empty where it cannot be read."""

    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    kid: str = ""

    @classmethod
    def read(cls, sent: str | None) -> Self:
        """Read the value of the header that carries the token."""
        found = _SENT.fullmatch(sent or "")
        with suppress(TokenError):
            if found is not None:
                token = parse_token(found["token"])
                return cls(token.payload, token.kid)
        return cls()

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
    found = _ISSUER.fullmatch(issuer)
    return found["pool_id"] if found else quote(issuer)


def _as_local_time(second: int) -> str:
    try:
        return f"{datetime.fromtimestamp(second).astimezone():%Y-%m-%d %H:%M:%S %Z}"
    except (OverflowError, OSError, ValueError):  # the last days of 9999 east of Greenwich
        return f"Unix second {second}"
