"""Everybody who calls the API in the tests: persons, a machine, and a stranger from another pool."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.api.deployed_stack import DeployedStack
from tests.api.routes import Route
from tests.api.temporary import User, create_public_client, temporary_pool, temporary_user
from tests.api.token_session import Clock, TokenSession, machine_session

SCOPE = "hello/read"
ADMINS = "admins"


@dataclass(frozen=True, slots=True)
class Callers:
    """A person without groups, an administrator, a machine with the scope, and a user of another pool."""

    person: User
    admin: User
    machine: TokenSession
    stranger: User

    def token_for(self, route: Route) -> str:
        """Return a token that opens the route."""
        return self.machine.access_token if route.kind == "access" else self.admin.session.id_token

    def strangers_token_for(self, route: Route) -> str:
        """Return the stranger's token of the kind that the route takes."""
        session = self.stranger.session
        return session.access_token if route.kind == "access" else session.id_token


@contextlib.contextmanager
def create_callers(stack: DeployedStack) -> Iterator[Callers]:
    """Create them all; each of them is deleted at the end, whatever happens."""
    with contextlib.ExitStack() as everybody:
        user_pool = (stack.cognito, stack.user_pool_id, stack.password_client_id)
        other_pool_id = everybody.enter_context(temporary_pool(stack.cognito))
        other_client_id = create_public_client(stack.cognito, other_pool_id)
        other_pool = (stack.cognito, other_pool_id, other_client_id)
        yield Callers(
            person=everybody.enter_context(temporary_user(*user_pool)),
            admin=everybody.enter_context(temporary_user(*user_pool, groups=[ADMINS])),
            machine=find_machine(stack),
            stranger=everybody.enter_context(temporary_user(*other_pool)),
        )


def find_machine(stack: DeployedStack, clock: Clock = time.time) -> TokenSession:
    """Return the session of the stack's machine client, whose secret Cognito tells."""
    client = stack.cognito.describe_user_pool_client(
        UserPoolId=stack.user_pool_id, ClientId=stack.outputs["MachineClientId"]
    )["UserPoolClient"]
    return machine_session(
        stack.outputs["TokenEndpoint"], client["ClientId"], client["ClientSecret"], SCOPE, clock
    )
