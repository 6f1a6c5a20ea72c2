"""Explains a call of an API that does not run here: a template's, or a deployed stack's."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_stage.api_gateway.api import choose_api, name_api
from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.authorizers.registry import AuthorizerDefinition, build_authorizers
from local_stage.api_gateway.authorizers.trusted_issuers import IssuerSources, build_jwt_authorizers
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.cloudformation.deployed_stack import DeployedStack
from local_stage.cloudformation.template import read_template
from local_stage.cognito.user_pool import UserPool
from local_stage.deployment.deployment import is_placeholder, read_template_apis
from local_stage.deployment.required_groups import RequiredGroups, read_required_groups
from local_stage.deployment.served_api import DefinedApi
from local_stage.errors import TemplateError
from local_stage.explanation.any_api import explain_call, has_route, name_calls
from local_stage.explanation.explanation import Explanation
from local_stage.explanation.pasted import Pasted
from local_stage.jwt.fetcher import Fetcher
from local_stage.jwt.jwks import Fetch


@dataclass(frozen=True, slots=True)
class FoundApi:
    """An API, its authorizers, the groups that its functions ask for, and the time that it goes by.

    `now` is in Unix seconds, `aws_endpoint_url` is the local AWS's, empty where there is none.
    """

    api: DefinedApi
    groups: RequiredGroups
    definitions: Sequence[AuthorizerDefinition]
    now: float
    aws_endpoint_url: str = ""
    local_pool_arns: frozenset[str] = frozenset()

    @property
    def has_pools(self) -> bool:
        """Whether the user pools are known: a template alone does not say which they will be."""
        named = [arn for definition in self.definitions for arn in definition.user_pool_arns]
        return not any(map(is_placeholder, named or _name_pools(self.api)))


@dataclass(frozen=True, slots=True)
class FoundApis:
    """The APIs of a template, deployed or not; `local_pool_arns` are those whose keys the local AWS has."""

    apis: Sequence[DefinedApi]
    groups: RequiredGroups
    local_pool_arns: frozenset[str] = frozenset()
    aws_endpoint_url: str = ""

    def choose(self, name: str | None, route: str) -> FoundApi:
        """Return the API of this name, or else the only one that has the route.

        Raises UsageError where none or several would do, and where `route` is none.
        """
        return self._find(choose_api(self.apis, name, lambda api: has_route(api, route)))

    def choose_all(self, name: str | None) -> list[tuple[str, FoundApi]]:
        """Return the API of this name, or else all of them, each with its name.

        Raises UsageError where there is none of this name.
        """
        chosen = self.apis if name is None else [choose_api(self.apis, name)]
        return [(name_api(api, self.apis), self._find(api)) for api in chosen]

    def _find(self, api: DefinedApi) -> FoundApi:
        definitions = _define(api, self.local_pool_arns)
        return FoundApi(
            api, self.groups, definitions, time.time(), self.aws_endpoint_url, self.local_pool_arns
        )


def find_template_apis(
    template: Path,
    overrides: Mapping[str, str],
    stack_name: str,
    region: str,
    imports: Mapping[str, str] | None = None,
) -> FoundApis:
    """Return the APIs of a template, deployed or not. Raises StartError where they cannot be served."""
    return FoundApis(*_read(template, overrides, stack_name, region, imports=imports))


def find_deployed_apis(template: Path, stack: DeployedStack) -> FoundApis:
    """Return the APIs of a template as it is deployed: with the stack's parameters and user pools.

    Raises StartError where the template cannot be served or is not the stack's, or CloudFormation refuses.
    """
    pools = stack.find_user_pool_arns()
    apis, groups = _read(template, stack.parameters, stack.name, stack.region, pools)
    if any(is_placeholder(pool) for api in apis for pool in _name_pools(api)):
        raise TemplateError(
            "the stack lacks a user pool that this template has", file=str(template), resource=stack.name
        )
    is_local = stack.local_aws_url is not None
    return FoundApis(
        apis, groups, frozenset(pools.values()) if is_local else frozenset(), stack.local_aws_url or ""
    )


async def explain_found(found: FoundApi, route: str, pasted: Pasted | None) -> Explanation:
    """Explain a call of the API, with what was pasted in its header or without any.

    The token is sent nowhere: this process fetches the pools' public keys and decides. Raises
    StartError where the keys cannot be had, or `route` is none.
    """
    authorizers = await _find_authorizers(found)
    return await explain_call(found.api, authorizers, found.groups, route, pasted, now=found.now)


async def explain_every_route(found: FoundApi, pasted: Pasted | None) -> list[Explanation]:
    """Explain a call of every route of the API, as `explain_found` does of one."""
    authorizers = await _find_authorizers(found)
    return [
        await explain_call(found.api, authorizers, found.groups, route, pasted, now=found.now)
        for route in name_calls(found.api)
    ]


async def _find_authorizers(found: FoundApi) -> Mapping[str, Authorizer] | None:
    """Return the authorizers with their pools' keys, or None where the pools are not known."""
    if not found.has_pools:
        return None
    async with Fetcher() as fetcher:
        return await _build_authorizers(found, fetcher.fetch)


async def _build_authorizers(found: FoundApi, fetch: Fetch) -> Mapping[str, Authorizer]:
    def clock() -> float:
        return found.now

    if isinstance(found.api, HttpApi):
        arns, url = sorted(found.local_pool_arns), found.aws_endpoint_url
        pools = [UserPool.on_local_aws(arn, url, fetch, clock) for arn in arns]
        return await build_jwt_authorizers(found.api.jwt_authorizers, IssuerSources(pools, fetch, clock))
    return await build_authorizers(found.definitions, found.aws_endpoint_url, fetch, clock)


def _name_pools(api: DefinedApi) -> Iterator[str]:
    """Yield the user pools of an API's authorizers by ARN, or the issuers of an HTTP API's."""
    if isinstance(api, HttpApi):
        yield from (one.issuer for one in api.jwt_authorizers)
    else:
        yield from (arn for one in api.cognito_authorizers for arn in one.user_pool_arns)


def _read(
    template: Path,
    overrides: Mapping[str, str],
    stack_name: str,
    region: str,
    user_pool_arns: Mapping[str, str] | None = None,
    *,
    imports: Mapping[str, str] | None = None,
) -> tuple[tuple[DefinedApi, ...], RequiredGroups]:
    read = read_template(template, overrides, region, imports)
    apis = read_template_apis(read, stack_name, region, user_pool_arns)
    return apis, read_required_groups(read.file)


def _define(api: DefinedApi, local_arns: frozenset[str]) -> list[AuthorizerDefinition]:
    return [
        AuthorizerDefinition.of(authorizer, local_arns=local_arns, user_pool_arn=None)
        for authorizer in api.cognito_authorizers
    ]
