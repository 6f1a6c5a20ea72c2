"""The user pools whose tokens the authorizers take: in the template, outside of it, or named at start."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizer
from local_stage.api_gateway.authorizers.registry import AuthorizerDefinition
from local_stage.cognito.directory.sign_in_offer import SignInOffer
from local_stage.cognito.user_pool import UserPoolArn
from local_stage.deployment.deployment import Deployment
from local_stage.deployment.served_api import ServedApi, find_first_protected
from local_stage.state import RunningStage


def find_outside_pools(deployment: Deployment) -> list[str]:
    """Return what authorizers name that is no local pool: ARNs, issuers, or texts for what is not known.

    No pool can stand in for what a closed authorizer names.
    """
    named = {
        arn
        for api in deployment.apis
        for authorizer in api.cognito_authorizers
        if authorizer.closed_because is None
        for arn in authorizer.user_pool_arns
    }
    issuers = {
        one.issuer for api in deployment.apis for one in api.jwt_authorizers if one.closed_because is None
    }
    here = {UserPoolArn.parse(arn).issuer for arn in deployment.local_user_pool_arns}
    return sorted((named - deployment.local_user_pool_arns) | (issuers - here))


def tell_authorizers(
    definitions: Iterable[AuthorizerDefinition],
    authorizers: Mapping[str, Authorizer],
    local_arns: Collection[str],
) -> list[dict[str, Any]]:
    """Return what other commands are told of an API's authorizers: whose tokens they take.

    `local_arns` are those of the template's own pools.
    """
    of_issuers = (one for one in authorizers.values() if isinstance(one, JwtAuthorizer))
    return [*map(asdict, definitions), *(one.describe(local_arns) for one in of_issuers)]


def offer_sign_in(running: RunningStage, served: Sequence[ServedApi]) -> tuple[ServedApi, ...]:
    """Return the APIs with how people sign in for each of them; the call blocks."""
    return tuple(
        replace(api, sign_in=SignInOffer.find(running, told, route.authorizer if route else None))
        for api, told in zip(served, running.apis, strict=True)
        for route in [find_first_protected(api.definition)]
    )
