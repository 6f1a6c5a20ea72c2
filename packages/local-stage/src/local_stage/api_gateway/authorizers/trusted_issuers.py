"""Where the keys are that sign the tokens of each JWT authorizer's issuer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from local_stage.api_gateway.authorizers.jwt import JwtAuthorizer, JwtAuthorizerSettings, TrustedIssuer
from local_stage.cognito.user_pool import REMEDY_OF_UNKNOWN, UserPool, find_user_pool_id
from local_stage.errors import MachineError
from local_stage.jwt.discovery import can_be_trusted, discover_keys
from local_stage.jwt.jwks import Clock, Fetch, JsonWebKeySet, KeysUnavailableError

_REMEDY: Final = "start with --stand-in-pool for a local user pool in its place"
_CLOSED: Final = "is closed: no token passes, since"


@dataclass(frozen=True, slots=True)
class IssuerSources:
    """What is known here of issuers.

    `local_pools` are the user pools of the local AWS. `stand_ins` has, by the issuer that the template names,
    the local pool that takes its place, and the app client whose tokens pass then. `user_pool` on AWS takes
    the place of every user pool.
    """

    local_pools: Iterable[UserPool]
    fetch: Fetch
    clock: Clock
    stand_ins: Mapping[str, tuple[UserPool, str]] = field(default_factory=dict)
    user_pool: UserPool | None = None

    async def trust(self, issuer: str) -> TrustedIssuer:
        """Return an issuer with its keys fetched; without keys none of its tokens passes.

        Raises MachineError for a pool of the local AWS, or one that was asked for, whose keys cannot be had.
        """
        if issuer in self.stand_ins:
            pool, client_id = self.stand_ins[issuer]
            await self._fetch_of(pool)
            stands_in = (
                f"takes tokens of the local user pool {pool.arn.pool_id}, which stands in for {issuer}."
            )
            return TrustedIssuer(pool.issuer, pool.keys, stands_in, (client_id,), pool.arn.text)
        if (found := self._find_pool(issuer)) is not None:
            pool = found
            await self._fetch_of(pool)
            note = (
                None if pool.issuer == issuer else f"takes tokens of {pool.issuer}, and of no other issuer."
            )
            return TrustedIssuer(pool.issuer, pool.keys, note)
        if not can_be_trusted(issuer):
            why = f"its issuer {issuer!a} is no URL that is known here, or does not begin with https"
            return self.close(issuer, f"{why}; {_REMEDY}")
        trusted = TrustedIssuer(issuer, discover_keys(issuer, self.fetch, self.clock))
        try:
            await trusted.keys.refresh()
        except KeysUnavailableError as error:
            later = "they are fetched when the issuer answers"
            return replace(trusted, note=f"{_CLOSED} {error.reason}; {later}, and otherwise {_REMEDY}.")
        return trusted

    def close(self, issuer: str, why: str) -> TrustedIssuer:
        """Return an issuer without keys: none of its tokens passes, and no pool stands in for it."""
        return TrustedIssuer(issuer, JsonWebKeySet(issuer, _refuse_fetch, self.clock), f"{_CLOSED} {why}.")

    def _find_pool(self, issuer: str) -> UserPool | None:
        pool_id = find_user_pool_id(issuer)
        if pool_id is not None and self.user_pool is not None:
            return self.user_pool
        return next((pool for pool in self.local_pools if pool.issuer == issuer), None)

    @staticmethod
    async def _fetch_of(pool: UserPool) -> None:
        try:
            await pool.keys.refresh()
        except KeysUnavailableError as error:
            raise MachineError(f"the user pool {pool.arn.pool_id}: {error}") from None


async def build_jwt_authorizers(
    authorizers: Iterable[JwtAuthorizerSettings], sources: IssuerSources
) -> dict[str, JwtAuthorizer]:
    """Return the authorizers by name, the keys of their issuers fetched. Raises MachineError as `trust`."""
    settings = list(authorizers)
    issuers = dict.fromkeys(one.issuer for one in settings if one.closed_because is None)
    trusted = dict(zip(issuers, await asyncio.gather(*map(sources.trust, issuers)), strict=True))
    return {
        one.name: JwtAuthorizer(
            one,
            trusted[one.issuer]
            if one.closed_because is None
            else sources.close(one.issuer, f"{one.closed_because}; {REMEDY_OF_UNKNOWN}"),
            sources.clock,
        )
        for one in settings
    }


async def _refuse_fetch(url: str) -> bytes:
    raise ValueError(f"{url!a} is no address")
