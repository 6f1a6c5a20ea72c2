"""The claims that a user pool puts into its tokens, in the order in which Cognito's have been recorded.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LIFETIME: Final = 3600
"""Seconds: 60 minutes, which is also what a client has that says nothing."""

CLIENT_ID: Final = "6exampleclient0example1234"
MACHINE_CLIENT_ID: Final = "7examplemachine0example123"
VERSION: Final = 2
"""Of a token that the token endpoint has issued (recorded)."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signs in where and when: `at` is in Unix seconds, `new_id` gives a new UUID each time.

    `signs_in_by` is `email` or `phone_number` in a pool whose users have no name of their own: there the pool
    calls a user by the `sub`, and None elsewhere.
    """

    username: str
    groups: Sequence[str]
    issuer: str
    at: int
    new_id: Callable[[], str]
    signs_in_by: str | None = None

    @property
    def name(self) -> str:
        """What the pool calls the user."""
        return self.username if self.signs_in_by is None else self.sub

    @property
    def _address(self) -> dict[str, Any]:
        if self.signs_in_by is None:
            return {}
        is_name = self.signs_in_by == "email" and "@" not in self.username
        address = f"{self.username}@example.com" if is_name else self.username
        return {f"{self.signs_in_by}_verified": True, self.signs_in_by: address}

    @property
    def sub(self) -> str:
        """The user's id, always the same for a name in a pool."""
        digest = hashlib.sha256(f"{self.issuer}/{self.username}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))

    @property
    def _groups(self) -> dict[str, Any]:
        return {"cognito:groups": [*self.groups]} if self.groups else {}

    def id_claims(self, others: Mapping[str, Any]) -> dict[str, Any]:
        """Return the claims of the ID token; `others` are the user's attributes, or replace a claim."""
        others = {**self._address, **others}
        return {
            "sub": self.sub,
            **self._groups,
            **{name: others[name] for name in ("cognito:groups", "email_verified") if name in others},
            "iss": self.issuer,
            "cognito:username": self.name,
            "origin_jti": self.new_id(),
            "aud": CLIENT_ID,
            "event_id": self.new_id(),
            "token_use": "id",
            "auth_time": self.at,
            "exp": self.at + LIFETIME,
            "iat": self.at,
            "jti": self.new_id(),
            **others,
        }

    def access_claims(self, scope: str, others: Mapping[str, Any]) -> dict[str, Any]:
        """Return the claims of the access token of the login page, where a person gets scopes of an API."""
        return {
            "sub": self.sub,
            **self._groups,
            "iss": self.issuer,
            "version": VERSION,
            "client_id": CLIENT_ID,
            "origin_jti": self.new_id(),
            "event_id": self.new_id(),
            "token_use": "access",
            "scope": scope,
            "auth_time": self.at,
            "exp": self.at + LIFETIME,
            "iat": self.at,
            "jti": self.new_id(),
            "username": self.name,
            **others,
        }


def machine_claims(
    scope: str, issuer: str, at: int, new_id: Callable[[], str], others: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the claims of an access token by client_credentials: no user, and `sub` is the client."""
    return {
        "sub": MACHINE_CLIENT_ID,
        "token_use": "access",
        "scope": scope,
        "auth_time": at,
        "iss": issuer,
        "exp": at + LIFETIME,
        "iat": at,
        "version": VERSION,
        "jti": new_id(),
        "client_id": MACHINE_CLIENT_ID,
        **others,
    }
