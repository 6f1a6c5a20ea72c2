"""The API's authorizers; those with user pools also in a form that another command can read."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.lambda_authorizer import LambdaAuthorizer, LambdaAuthorizerSettings
from local_stage.api_gateway.integrations.integration import Function
from local_stage.cognito.user_pool import ClosedPool, UserPool, UserPoolArn
from local_stage.errors import MachineError
from local_stage.jwt.jwks import Clock, Fetch, KeysUnavailableError

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AuthorizerDefinition:
    """An authorizer as JSON can hold it.

    `local_user_pool_arns` are those of `user_pool_arns` whose keys the local AWS has; AWS has the others'.
    `stand_ins` names, by the ARN of each local pool that stands in for another, the pool of the template.
    `closed_because` says why nobody is let in, whatever the pools are.
    """

    name: str
    identity_source: str
    validation_expression: str | None
    user_pool_arns: list[str]
    local_user_pool_arns: list[str]
    stand_ins: dict[str, str] = field(default_factory=dict)
    closed_because: str | None = None

    @classmethod
    def of(
        cls,
        authorizer: CognitoAuthorizerSettings,
        *,
        local_arns: Collection[str],
        user_pool_arn: str | None,
        stand_ins: Mapping[str, str] = _NOTHING,
    ) -> Self:
        """Return the definition of an authorizer.

        `user_pool_arn` takes the place of the template's pools. `stand_ins` has, by the ARN that the template
        names, the ARN of the local pool that takes its place.
        """
        named = [user_pool_arn] if user_pool_arn else list(authorizer.user_pool_arns)
        arns = [stand_ins.get(arn, arn) for arn in named]
        return cls(
            authorizer.name,
            authorizer.identity_source,
            authorizer.validation_expression,
            arns,
            [arn for arn in arns if arn in local_arns or arn in stand_ins.values()],
            {stand_ins[arn]: arn for arn in named if arn in stand_ins},
            authorizer.closed_because,
        )


async def build_authorizers(
    definitions: Sequence[AuthorizerDefinition],
    aws_endpoint_url: str,
    fetch: Fetch,
    clock: Clock,
    *,
    needs_keys: bool = True,
) -> dict[str, CognitoAuthorizer]:
    """Return the authorizers by name, the keys of their user pools fetched.

    A pool outside the local AWS whose keys cannot be had, or that is not known, is closed: no token of it
    passes until its keys are there. Raises StartError instead with `needs_keys`, and always for a pool of the
    local AWS.
    """
    arns = dict.fromkeys(arn for definition in definitions for arn in definition.user_pool_arns)
    local = {arn for definition in definitions for arn in definition.local_user_pool_arns}
    stand_ins = {arn: of for definition in definitions for arn, of in definition.stand_ins.items()}
    # One pool of the local AWS after the other: it makes a pool's keys when they are asked for first.
    pools: dict[str, UserPool | ClosedPool] = {
        arn: await _fetch_pool(arn, aws_endpoint_url, stand_ins.get(arn), fetch, clock)
        for arn in arns
        if arn in local
    }
    foreign = [arn for arn in arns if arn not in local]
    fetched = await asyncio.gather(*(_fetch_pool(arn, None, None, fetch, clock) for arn in foreign))
    pools |= zip(foreign, fetched, strict=True)
    for arn, pool in pools.items():
        if isinstance(pool, ClosedPool) and (needs_keys or arn in local):
            raise MachineError(f"{pool.why}; see that the user pool exists and that its address answers")
    return {
        definition.name: _build(definition, [pools[arn] for arn in definition.user_pool_arns], clock)
        for definition in definitions
    }


def _build(
    definition: AuthorizerDefinition, pools: Iterable[UserPool | ClosedPool], clock: Clock
) -> CognitoAuthorizer:
    settings = CognitoAuthorizerSettings(
        definition.name,
        tuple(definition.user_pool_arns),
        definition.identity_source,
        definition.validation_expression,
        definition.closed_because,
    )
    known = list(pools)
    return CognitoAuthorizer(
        settings,
        [pool for pool in known if isinstance(pool, UserPool)],
        clock,
        closed=[pool for pool in known if isinstance(pool, ClosedPool)],
    )


def build_lambda_authorizers(
    authorizers: Iterable[LambdaAuthorizerSettings],
    functions: Mapping[str, Function],
    clock: Clock,
    *,
    has_time_limits: bool = True,
) -> dict[str, LambdaAuthorizer]:
    """Return the authorizers by name, each with nothing in its cache; `functions` are by ARN."""
    return {
        settings.name: LambdaAuthorizer(
            settings, functions.get(settings.function_arn), clock, has_time_limit=has_time_limits
        )
        for settings in authorizers
    }


async def _fetch_pool(
    arn: str, local_aws_url: str | None, stands_in_for: str | None, fetch: Fetch, clock: Clock
) -> UserPool | ClosedPool:
    """Return the pool with its keys, or why it is closed; `local_aws_url` is None for a pool of AWS."""
    if UserPoolArn.find(arn) is None:
        return ClosedPool(arn, f"{arn!a} is no user pool's ARN that is known here")
    if local_aws_url is None:
        pool = UserPool.on_aws(arn, fetch, clock)
    else:
        pool = UserPool.on_local_aws(arn, local_aws_url, fetch, clock, stands_in_for=stands_in_for)
    try:
        await pool.keys.refresh()
    except KeysUnavailableError as error:
        return ClosedPool(arn, f"the user pool {arn}: {error.reason}", pool)
    return pool
