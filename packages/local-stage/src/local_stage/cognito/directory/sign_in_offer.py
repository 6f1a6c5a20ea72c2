"""How a person signs in for an API: pool and app client, and the command that makes a user with a token."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Final, Self

from local_stage.cognito.directory.app_client import (
    SeveralClientsError,
    find_person_client,
    list_accepted_clients,
)
from local_stage.cognito.directory.pool_rules import PoolRules, choose_address
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.errors import StartError
from local_stage.state import RunningApi, RunningStage

_CODE: Final = "code"


@dataclass(frozen=True, slots=True)
class SignInOffer:
    """The local pool of an API's authorizers, and who may sign in to it how.

    `arguments` are those of our own command that makes a user and prints an ID token. `person_client` is the
    id of the app client that it signs in by, `login_client` the one of the login form, and `password_client`
    one that takes a password from a browser itself, as it has no secret; the last two may be None. `notes`
    are sentences on what was made in the pool.
    """

    user_pool_id: str
    arguments: str
    person_client: str
    login_client: str | None = None
    password_client: str | None = None
    notes: tuple[str, ...] = ()
    signs_in_by: str | None = None
    """`email` or `phone_number`, where users have no name of their own."""

    @classmethod
    def find(cls, running: RunningStage, api: RunningApi, authorizer: str | None) -> Self | None:
        """Ask the local AWS for the pool of an authorizer or, without one, of any of the API's.

        The call blocks. Return None where nobody can sign in for the API.
        """
        arns = [
            str(arn)
            for one in api.authorizers
            if authorizer in {None, one["name"]}
            for arn in one.get("local_user_pool_arns", ())
        ]
        if authorizer is not None and not arns:
            return None
        try:
            stack = PoolStack.of_running_stage(running, pool=arns[0].rpartition("/")[2] if arns else None)
            return cls._of(stack)
        except StartError:
            return None

    @classmethod
    def _of(cls, stack: PoolStack) -> Self:
        notes: list[str] = []
        options = "" if stack.is_only else f" --pool {stack.pool_name}"
        try:
            person, _ = find_person_client(stack, tell=notes.append)
        except SeveralClientsError as error:
            person = error.clients[0]
            options += f" --client {person.option}"
        rules = PoolRules.of(stack)
        clients = list_accepted_clients(stack)
        login = [client for client in clients if _CODE in client.grants]
        password = [client for client in clients if client.secret is None and client.allows("password")]
        user = shlex.quote(rules.example_username)
        return cls(
            stack.user_pool_id,
            f"token {user} --create --password {rules.example_password}{options}",
            person.client_id,
            login[0].client_id if login else None,
            password[0].client_id if password else None,
            tuple(f"{note}." for note in notes),
            choose_address(rules.signs_in_by),
        )
