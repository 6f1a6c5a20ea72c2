"""The user pool that is meant: of the running stage's authorizers, or of a stack that was deployed to AWS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Self

from local_stage.cloudformation.aws_refusal import explaining_refusals
from local_stage.cloudformation.boto3_clients import ACCESS_KEY
from local_stage.cloudformation.deployed_stack import DeployedStack, StackResource
from local_stage.cloudformation.json_client import COGNITO, JsonClient
from local_stage.cloudformation.pool_settings import CLIENT, USER_POOL
from local_stage.errors import UsageError, spell_command
from local_stage.state import RunningStage

PRODUCTION: Final = "prod"

NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})

_POOL_ID: Final = re.compile(r"[a-z0-9-]+_[0-9A-Za-z]{1,54}")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Which app clients' tokens an authorizer takes: those of `audience`, or None for every client.

    `expression` has to match the client's id as a whole, where there is one.
    """

    audience: Sequence[str] | None = None
    expression: str | None = None

    def accepts(self, client_id: str) -> bool:
        """Say whether the authorizer takes this client's tokens."""
        matches = self.expression is None or re.fullmatch(self.expression, client_id, re.ASCII)
        return bool(matches) and (self.audience is None or client_id in self.audience)


@dataclass(frozen=True, slots=True)
class PoolStack:
    """A user pool with its stack's parameters, and a client of Cognito where it is, with boto3's methods.

    `is_local` says that it is one of a running stage, whose users and keys are this machine's. `acceptances`
    are those of the authorizers that take its tokens, none where they are not known. `client` is the id or
    name of the app client that was asked for, or None.
    """

    name: str
    user_pool_id: str
    parameters: Mapping[str, str]
    is_local: bool
    cognito: Any = field(repr=False)
    acceptances: tuple[Acceptance, ...] = ()
    client: str | None = None
    token_endpoint: str | None = None
    """Of the local AWS; on AWS the pool's domain has it."""
    client_names: Mapping[str, str] = NO_NAMES
    """The logical ids of the stack's app clients, by client id."""
    pool_name: str = ""
    """What `--pool` takes the pool by."""
    is_only: bool = True
    """Whether `--pool` may be left out."""

    @classmethod
    def of_running_stage(
        cls, running: RunningStage, *, pool: str | None = None, client: str | None = None
    ) -> Self:
        """Return the pool of the stage's authorizers, or the stack's where no authorizer names a local one.

        `pool` is its id, its logical id or the name of its authorizer; without it there has to be one pool.
        Raises UsageError with all of them where it is not clear which one is meant, StartError where the
        local AWS does not answer.
        """
        named = running.user_pools
        accepted = _find_accepted_pools(running)
        names: dict[str, list[str]] = {pool_id: [] for pool_id in (*accepted, *named.values())}
        for logical_id, pool_id in named.items():
            names[pool_id].append(logical_id)
        for pool_id, authorizers in accepted.items():
            names[pool_id] += [str(one["name"]) for one in authorizers]
        if not names:
            raise UsageError(_explain_no_pool(running))
        wanted = names if pool or not accepted else {one: names[one] for one in accepted}
        chosen = _choose(wanted, pool)
        return cls(
            running.stack_name,
            chosen,
            {},
            is_local=True,
            cognito=new_cognito(running.region, running.aws_endpoint_url),
            acceptances=tuple(
                Acceptance(one.get("audience"), one.get("validation_expression"))
                for one in accepted.get(chosen, ())
            ),
            client=running.app_clients.get(client or "", client),
            client_names={physical: logical for logical, physical in running.app_clients.items()},
            token_endpoint=f"{running.aws_endpoint_url}/oauth2/token",
            pool_name=[*names[chosen], chosen][0],
            is_only=len(accepted or names) == 1,
        )

    @classmethod
    def deployed(
        cls,
        name: str,
        region: str | None,
        endpoint_url: str | None,
        *,
        pool: str | None = None,
        client: str | None = None,
    ) -> Self:
        """Return the pool of a stack on AWS; boto3 finds a region or endpoint of None as the AWS CLI does.

        `pool` is its id, which may be of another stack, or its logical id. Raises StartError where there is
        none, or without credentials.
        """
        stack = DeployedStack.find(name, region, endpoint_url)
        resources = stack.find_resources()
        named, clients = (_find_physical_ids(resources, kind) for kind in (USER_POOL, CLIENT))
        if pool is not None and pool not in {*named, *named.values()} and _POOL_ID.fullmatch(pool):
            named = {pool: pool}
        if not named:
            raise UsageError("has no user pool of its own; name its pool by id with --pool", resource=name)
        chosen = _choose({pool_id: (logical_id,) for logical_id, pool_id in named.items()}, pool)
        endpoint = f"{stack.local_aws_url}/oauth2/token" if stack.local_aws_url else None
        return cls(
            stack.name,
            chosen,
            stack.parameters,
            is_local=False,
            cognito=_find_cognito(stack),
            client=clients.get(client or "", client),
            client_names={physical: logical for logical, physical in clients.items()},
            token_endpoint=endpoint,
        )

    @property
    def option(self) -> str:
        """What has to be added to another command of ours for the same stack."""
        return "" if self.is_local else f" --stack-name {self.name}"

    @property
    def takes_any_client(self) -> bool:
        """Whether an authorizer takes the tokens of every app client, as far as is known."""
        return not self.acceptances or any(
            one.audience is None and one.expression is None for one in self.acceptances
        )

    def accepts(self, client_id: str) -> bool:
        """Say whether an authorizer takes this client's tokens, as far as is known."""
        return not self.acceptances or any(one.accepts(client_id) for one in self.acceptances)

    def refuse_production(self) -> None:
        """Raise StartError for a stack of prod on AWS: its users are people, with passwords of their own."""
        if not self.is_local and self.parameters.get("Environment") == PRODUCTION:
            why = (
                "is prod: its users are people whose passwords nobody else sets; make users for a test in"
                " a stack of dev or staging"
            )
            raise UsageError(why, resource=self.name, property_path="Environment")


def new_cognito(region: str, endpoint_url: str) -> JsonClient:
    """Return a client of Cognito in the local AWS there, with the methods of boto3's."""
    return JsonClient(endpoint_url, region, "cognito-idp", COGNITO, ACCESS_KEY)


def _find_cognito(stack: DeployedStack) -> Any:
    with explaining_refusals():
        return stack.client("cognito-idp")


def _find_physical_ids(resources: Iterable[StackResource], kind: str) -> dict[str, str]:
    return {item.logical_id: item.physical_id for item in resources if item.kind == kind}


def _find_accepted_pools(running: RunningStage) -> dict[str, tuple[Mapping[str, Any], ...]]:
    """Return the authorizers that take each local pool's tokens, by the pool's id."""
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for authorizer in _list_authorizers(running):
        for arn in authorizer.get("local_user_pool_arns", ()):
            pool_id = str(arn).rpartition("/")[2]
            found[pool_id] = (*found.get(pool_id, ()), authorizer)
    return found


def _list_authorizers(running: RunningStage) -> list[Mapping[str, Any]]:
    return [authorizer for api in running.apis for authorizer in api.authorizers]


def _choose(names: Mapping[str, Iterable[str]], wanted: str | None) -> str:
    """Return the id of the pool that has the wanted name, or of the only one."""
    fitting = [pool_id for pool_id, known in names.items() if wanted in {None, pool_id, *known}]
    if len(fitting) == 1:
        return fitting[0]
    listed = "; ".join(f"{pool_id} ({', '.join(dict.fromkeys(known))})" for pool_id, known in names.items())
    if wanted is None:
        raise UsageError(f"there are {len(names)} user pools; name one with --pool: {listed}")
    raise UsageError(f"--pool {wanted}: names {len(fitting)} of the user pools; there are {listed}")


def _explain_no_pool(running: RunningStage) -> str:
    arns = dict.fromkeys(
        str(arn) for authorizer in _list_authorizers(running) for arn in authorizer.get("user_pool_arns", ())
    )
    if not arns:
        return "the template has no user pool, and no authorizer names one: there is nobody to sign in"
    return (
        f"nobody can sign in from here to {' or '.join(arns)};"
        f" `{spell_command('start --stand-in-pool')}` puts a local user pool in its place"
    )
