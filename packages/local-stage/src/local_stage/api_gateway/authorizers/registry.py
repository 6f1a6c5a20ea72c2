"""The API's authorizers with the user pools they accept, in a form that another command can read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.cognito.user_pool import UserPool
from local_stage.errors import MachineError
from local_stage.jwt.jwks import Clock, Fetch, KeysUnavailableError


@dataclass(frozen=True, slots=True)
class AuthorizerDefinition:
    """An authorizer as JSON can hold it.

    `local_user_pool_arns` are those of `user_pool_arns` whose keys the local AWS has; AWS has the others'.
    """

    name: str
    identity_source: str
    validation_expression: str | None
    user_pool_arns: list[str]
    local_user_pool_arns: list[str]

    @classmethod
    def of(
        cls, authorizer: CognitoAuthorizerSettings, *, local_arns: Collection[str], user_pool_arn: str | None
    ) -> Self:
        """Return the definition of an authorizer; `user_pool_arn` takes the place of the template's pools."""
        arns = [user_pool_arn] if user_pool_arn else list(authorizer.user_pool_arns)
        return cls(
            authorizer.name,
            authorizer.identity_source,
            authorizer.validation_expression,
            arns,
            [arn for arn in arns if arn in local_arns],
        )


async def build_authorizers(
    definitions: Iterable[AuthorizerDefinition], aws_endpoint_url: str, fetch: Fetch, clock: Clock
) -> dict[str, CognitoAuthorizer]:
    """Return the authorizers by name, the keys of their user pools fetched.

    Raises StartError for what is no user pool, and for a pool whose keys cannot be had: an authorizer without
    keys could let nobody in.
    """
    pools: dict[str, UserPool] = {}
    authorizers = {}
    for definition in definitions:
        for arn in definition.user_pool_arns:
            if arn not in pools:
                pools[arn] = await _fetch_pool(definition, arn, aws_endpoint_url, fetch, clock)
        settings = CognitoAuthorizerSettings(
            definition.name,
            tuple(definition.user_pool_arns),
            definition.identity_source,
            definition.validation_expression,
        )
        accepted = [pools[arn] for arn in definition.user_pool_arns]
        authorizers[definition.name] = CognitoAuthorizer(settings, accepted, clock)
    return authorizers


async def _fetch_pool(
    definition: AuthorizerDefinition, arn: str, aws_endpoint_url: str, fetch: Fetch, clock: Clock
) -> UserPool:
    if arn in definition.local_user_pool_arns:
        pool = UserPool.on_local_aws(arn, aws_endpoint_url, fetch, clock)
    else:
        pool = UserPool.on_aws(arn, fetch, clock)
    try:
        await pool.keys.refresh()
    except KeysUnavailableError as error:
        raise MachineError(f"the user pool {arn}: {error}") from None
    return pool
