"""Local user pools that stand in for pools outside the template, which this machine cannot sign in to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_stage.cloudformation.aws_refusal import explaining_refusals

LOCAL_CLIENT: Final = "local-stage"
"""The name of the app client that is made in a local pool where none of its own lets people sign in."""

LOCAL_CLIENT_FLOWS: Final = ("ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")

_MAX_RESULTS: Final = 60


@dataclass(frozen=True, slots=True)
class StandIn:
    """A local user pool that stands in for another, and its app client for people."""

    arn: str
    client_id: str


def bring_up_stand_ins(cognito: Any, stack_name: str, named: Iterable[str]) -> dict[str, StandIn]:
    """Return the local pool that stands in for each user pool that the template names.

    `cognito` is a boto3 client of the local AWS. A pool that stood in before does so again, with its users.
    The call blocks. Raises StartError.
    """
    with explaining_refusals():
        known = _find_pools(cognito)
        return {text: _bring_up(cognito, known, stack_name, text) for text in dict.fromkeys(named)}


def create_local_client(cognito: Any, user_pool_id: str) -> dict[str, Any]:
    """Make an app client of the stage's own in a local pool, and return its description."""
    created = cognito.create_user_pool_client(
        UserPoolId=user_pool_id, ClientName=LOCAL_CLIENT, ExplicitAuthFlows=[*LOCAL_CLIENT_FLOWS]
    )
    client: dict[str, Any] = created["UserPoolClient"]
    return client


def _name_pool(stack_name: str, text: str) -> str:
    return f"{stack_name}-stand-in-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _find_pools(cognito: Any) -> Mapping[str, str]:
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": _MAX_RESULTS})
    return {pool["Name"]: pool["Id"] for page in pages for pool in page["UserPools"]}


def _bring_up(cognito: Any, known: Mapping[str, str], stack_name: str, text: str) -> StandIn:
    name = _name_pool(stack_name, text)
    if name in known:
        pool = cognito.describe_user_pool(UserPoolId=known[name])["UserPool"]
    else:
        pool = cognito.create_user_pool(PoolName=name, UserPoolTags={"StandsInFor": text[:256]})["UserPool"]
    clients = cognito.list_user_pool_clients(UserPoolId=pool["Id"], MaxResults=1)["UserPoolClients"]
    client = clients[0] if clients else create_local_client(cognito, pool["Id"])
    return StandIn(str(pool["Arn"]), str(client["ClientId"]))
