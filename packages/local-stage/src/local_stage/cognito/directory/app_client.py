"""The app clients of a user pool, and which of them a person or a machine signs in with.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self

from local_stage.cloudformation.aws_refusal import explaining_refusals
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.directory.stand_in import LOCAL_CLIENT, create_local_client
from local_stage.errors import UsageError

type Flow = Literal["srp", "password", "admin"]
"""How a person's password is proved: without sending it, by sending it inside TLS, or by an administrator."""

FLOWS: Final[Mapping[Flow, str]] = {
    "srp": "USER_SRP_AUTH",
    "password": "USER_PASSWORD_AUTH",
    "admin": "ADMIN_USER_PASSWORD_AUTH",
}
"""What Cognito calls each flow; of several that a client allows the first is taken."""

_OLD_NAMES: Final[Mapping[str, str]] = {"ADMIN_NO_SRP_AUTH": "ADMIN_USER_PASSWORD_AUTH"}
_WITHOUT_FLOWS: Final = frozenset({"USER_SRP_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH"})
"""What a client that names no flow allows (API_CreateUserPoolClient, ExplicitAuthFlows)."""

_MACHINE: Final = "client_credentials"

type Tell = Callable[[str], None]
"""Takes a sentence for the developer, without a full stop."""


class FlowRefusedError(UsageError):
    """The app client does not allow this way to prove the password."""


class SeveralClientsError(UsageError):
    """Several app clients would do, and none is named."""

    def __init__(self, why: str, clients: Sequence[AppClient]) -> None:
        super().__init__(why)
        self.clients = clients


def say_nothing(_: str) -> None:
    """Take a sentence and tell it nobody."""


@dataclass(frozen=True, slots=True)
class AppClient:
    """An app client; `flows` and `grants` are what it allows, `secret` is None where it has none."""

    client_id: str
    name: str
    logical_id: str | None = None
    flows: frozenset[str] = _WITHOUT_FLOWS
    grants: frozenset[str] = frozenset()
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, described: Mapping[str, Any], logical_id: str | None = None) -> Self:
        """Return the client that Cognito describes, with the name that it has in its stack."""
        named = (flow.removeprefix("ALLOW_") for flow in described.get("ExplicitAuthFlows") or ())
        return cls(
            str(described["ClientId"]),
            str(described.get("ClientName", "")),
            logical_id,
            frozenset(_OLD_NAMES.get(flow, flow) for flow in named) or _WITHOUT_FLOWS,
            frozenset(described.get("AllowedOAuthFlows") or ()),
            described.get("ClientSecret") or None,
        )

    @property
    def option(self) -> str:
        """What `--client` takes it by."""
        return self.logical_id or self.client_id

    @property
    def is_for_machines(self) -> bool:
        """Whether the client has the grant of machines, and no other."""
        return self.grants == {_MACHINE}

    def allows(self, flow: Flow) -> bool:
        """Say whether a person may sign in by this flow."""
        return FLOWS[flow] in self.flows

    def hash_secret(self, username: str) -> dict[str, str]:
        """Return the parameter SECRET_HASH for a user's name, or nothing for a client without a secret.

        https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
        """
        if self.secret is None:
            return {}
        digest = hmac.digest(self.secret.encode(), f"{username}{self.client_id}".encode(), "sha256")
        return {"SECRET_HASH": base64.b64encode(digest).decode()}


def find_person_client(
    stack: PoolStack, flow: Flow | None = None, tell: Tell = say_nothing
) -> tuple[AppClient, Flow]:
    """Return the app client by which a person signs in to the stack's pool, and the flow that it allows.

    Without a flow it is SRP; in a local pool, where the password goes nowhere, any that a client allows.
    Where no client of a local pool allows any, one is made there, which `tell` hears. Raises FlowRefusedError
    where none allows it, UsageError where several do and none is named, StartError where Cognito refuses.
    """
    clients = _find_named(stack, _list_clients(stack))
    own = [
        client
        for client in clients
        if stack.client or (stack.accepts(client.client_id) and client.name != LOCAL_CLIENT)
    ]
    people = [client for client in own if not client.is_for_machines]
    wanted: Iterable[Flow] = [flow] if flow else FLOWS if stack.is_local else ["srp"]
    for candidate in wanted:
        if able := [client for client in people if client.allows(candidate)]:
            return _pick(able, f"let a person sign in by {FLOWS[candidate]}"), candidate
    if flow is None and stack.is_local and stack.client is None:
        why = "none of the template's app clients lets a person sign in by password"
        return _find_local_client(
            stack, clients, why if own else "the user pool has no app client", tell
        ), "srp"
    raise FlowRefusedError(_explain_refusal(stack, people, flow or "srp"))


def find_machine_client(stack: PoolStack) -> AppClient:
    """Return the app client by which a machine gets a token.

    Raises UsageError where there is none, or where there are several and none is named; StartError where
    Cognito refuses.
    """
    clients = _find_named(stack, _list_clients(stack))
    able = [client for client in clients if _MACHINE in client.grants and stack.accepts(client.client_id)]
    if not able:
        why = f"no app client allows {_MACHINE}; set AllowedOAuthFlows, AllowedOAuthScopes and GenerateSecret"
        raise UsageError(why, resource=stack.user_pool_id)
    return _pick(able, f"allow {_MACHINE}")


def list_accepted_clients(stack: PoolStack) -> list[AppClient]:
    """Return the app clients whose tokens an authorizer takes. Raises StartError where Cognito refuses."""
    return [client for client in _list_clients(stack) if stack.accepts(client.client_id)]


def _list_clients(stack: PoolStack) -> list[AppClient]:
    with explaining_refusals():
        pages = stack.cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=stack.user_pool_id)
        ids = [client["ClientId"] for page in pages for client in page["UserPoolClients"]]
        return [
            AppClient.of(
                stack.cognito.describe_user_pool_client(UserPoolId=stack.user_pool_id, ClientId=client_id)[
                    "UserPoolClient"
                ],
                stack.client_names.get(client_id),
            )
            for client_id in ids
        ]


def _find_named(stack: PoolStack, clients: Sequence[AppClient]) -> Sequence[AppClient]:
    if stack.client is None:
        return clients
    named = [client for client in clients if stack.client in {client.client_id, client.name}]
    if not named:
        why = f"--client {stack.client}: is none of the pool's app clients; it has {_list_names(clients)}"
        raise UsageError(why)
    return named


def _pick(able: Sequence[AppClient], what: str) -> AppClient:
    if len(able) > 1:
        why = f"several app clients {what}; name one with --client: {_list_names(able)}"
        raise SeveralClientsError(why, able)
    return able[0]


def _find_local_client(stack: PoolStack, clients: Sequence[AppClient], why: str, tell: Tell) -> AppClient:
    """Return the client of the stage's own in a local pool, made where it is not there yet."""
    found = next((client for client in clients if client.name == LOCAL_CLIENT), None)
    if found is None:
        if not stack.takes_any_client:
            raise FlowRefusedError(_explain_refusal(stack, (), "srp"))
        with explaining_refusals():
            found = AppClient.of(create_local_client(stack.cognito, stack.user_pool_id))
        tell(f"{why}; {LOCAL_CLIENT} was made, an app client in the local pool alone")
    return found


def _explain_refusal(stack: PoolStack, people: Sequence[AppClient], flow: Flow) -> str:
    who = _list_names(people) if people else "none that the authorizer takes"
    return (
        f"{stack.user_pool_id}: no app client lets a person sign in by {FLOWS[flow]} ({who}); choose the"
        f" other --flow, or put ALLOW_{FLOWS[flow]} into the client's ExplicitAuthFlows"
    )


def _list_names(clients: Iterable[AppClient]) -> str:
    return (
        ", ".join(f"{client.logical_id or client.name} ({client.client_id})" for client in clients) or "none"
    )
