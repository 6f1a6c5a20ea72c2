"""Tokens of the running stage's pool: good ones, which it issues itself, and ones that must be refused."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Final, Literal

from local_stage.cognito.broken_token import Defect, break_token
from local_stage.cognito.directory.authenticators import Authenticators
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.directory.sign_in import fetch_machine_token, sign_in
from local_stage.cognito.directory.signing_key import read_signing_key
from local_stage.console.console_client import read_clock
from local_stage.state import RunningStage
from local_stage.testing.pool_user import PoolUser, UserFactory

type Kind = Literal["id", "access"]

_RESULT: Final = {"id": "IdToken", "access": "AccessToken"}


class TokenFactory:
    """Gets tokens for users and machines, of the pool of the API's authorizers.

    The app client is the one that lets people, or machines, sign in. StartError lists them where there are
    several, or says that there is none.
    """

    def __init__(
        self, running: RunningStage, state_folder: Path, stack: PoolStack, make_user: UserFactory
    ) -> None:
        self._running = running
        self._state_folder = state_folder
        self._stack = stack
        self._make_user = make_user

    def __call__(
        self, user: PoolUser | None = None, *, kind: Kind = "id", defect: Defect | str | None = None
    ) -> str:
        """Return a token of a user, who is made where none is given.

        With a defect it is one that must be refused, for this reason alone: `expired`, `not-yet-valid`,
        `tampered`, `other-pool`, or `none`, its algorithm. Raises ValueError for another defect.
        """
        credentials = (user or self._make_user()).credentials
        authenticators = Authenticators(self._state_folder)
        signed_in = sign_in(self._stack, credentials, tell=_warn, authenticators=authenticators)
        token = signed_in[_RESULT[kind]]
        return token if defect is None else self._break(token, kind, Defect(defect))

    def machine(self, scopes: str | None = None, *, defect: Defect | str | None = None) -> str:
        """Return an access token of the stack's machine client, with these scopes or all that it may have.

        `scopes` are separated by blanks; `defect` as for a user's.
        """
        token = fetch_machine_token(self._stack, scopes)
        return token if defect is None else self._break(token, "access", Defect(defect))

    def _break(self, token: str, kind: Kind, defect: Defect) -> str:
        now = read_clock(self._running)
        key = (
            read_signing_key(self._state_folder, self._stack.user_pool_id, kind) if defect.needs_key else None
        )
        return break_token(token, defect, now=now, key=key)


def _warn(sentence: str) -> None:
    warnings.warn(sentence, stacklevel=2)
