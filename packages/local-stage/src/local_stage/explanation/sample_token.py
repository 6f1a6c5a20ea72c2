"""The token of a sample's caller, signed by a key of this moment: judged as every other, and never shown."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from local_stage.api_gateway.exchange import Clock, RandomBytes
from local_stage.cognito.issued_claims import SignIn, machine_claims
from local_stage.errors import UsageError
from local_stage.jwt.jose import build_key_set, encode_part, make_key, sign_token
from local_stage.jwt.jwks import JsonWebKeySet

EXAMPLE_TOKEN: Final = f"{encode_part({'kid': 'example'})}.{encode_part({'sub': 'example'})}.c2lnbmF0dXJl"
"""Stands where the token stood; its signature is the word."""

SIGNED_IN_BEFORE: Final = 142
"""Seconds from the sign-in to the request."""

_KID: Final = "example"


@dataclass(frozen=True, slots=True)
class SampleCaller:
    """Who calls: a user with groups, a machine (`username` None), or nobody at all (None in its place).

    `scope` None means those that the method asks for; `claims` are added, or replace what the pool would say.
    """

    username: str | None = None
    groups: Sequence[str] = ()
    scope: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    signs_in_by: str | None = None
    """`email` or `phone_number`, where the users of the pool have no name of their own."""


@dataclass(frozen=True, slots=True)
class SampleIssuer:
    """Issues the claims and tokens of callers, as the issuer of this URL."""

    url: str
    clock: Clock
    random_bytes: RandomBytes

    def issue_claims(
        self, caller: SampleCaller, scopes: Sequence[str], others: Mapping[str, Any], *, is_access: bool
    ) -> dict[str, Any]:
        """Return the claims of a caller's token, `others` among them; a machine has no ID token."""
        at = int(self.clock()) - SIGNED_IN_BEFORE
        scope = " ".join(scopes) if caller.scope is None else caller.scope
        if caller.username is None:
            return machine_claims(scope, self.url, at, self._new_id, others)
        sign_in = SignIn(caller.username, caller.groups, self.url, at, self._new_id, caller.signs_in_by)
        return sign_in.access_claims(scope, others) if is_access else sign_in.id_claims(others)

    def sign(self, claims: Mapping[str, Any]) -> tuple[str, JsonWebKeySet]:
        """Return a token with these claims, and the keys by which it is judged."""
        key = make_key()

        async def fetch(_: str) -> bytes:
            return build_key_set(_KID, key.public_key())

        token = sign_token({"kid": _KID, "alg": "RS256"}, claims, key)
        return token, JsonWebKeySet(self.url, fetch, self.clock)

    def _new_id(self) -> str:
        return str(uuid.UUID(bytes=self.random_bytes(16), version=4))


def require_fitting(route: str, *, asks: bool, caller: SampleCaller | None) -> None:
    """Raise UsageError unless there is a caller where the route asks for a token, and none where not."""
    if asks and caller is None:
        raise UsageError(
            f"{route} asks for a token: say whose by --user or --machine; --no-authorizer makes the event"
            " without claims, as `sam local start-api` sends it"
        )
    if caller is not None and not asks:
        raise UsageError(f"{route} asks nobody for a token, so no claims reach the function")
