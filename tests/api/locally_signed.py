"""Tokens signed with the private keys of a local pool, in ways in which the pool itself would not sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.api.callers import ADMINS, SCOPE
from tests.api.routes import Route
from tests.local_pool_keys import read_pool_signer
from tests.stage_process import StageProcess
from tests.tokens import TokenSigner


@dataclass(frozen=True, slots=True)
class LocalSigners:
    """A pool's two signing halves."""

    id: TokenSigner
    access: TokenSigner

    @classmethod
    def read(cls, stage: StageProcess, user_pool_id: str, client_id: str) -> LocalSigners:
        return cls(
            id=read_pool_signer(stage, user_pool_id, "id", client_id),
            access=read_pool_signer(stage, user_pool_id, "access", client_id),
        )

    def token_for(self, route: Route, **claims: Any) -> str:
        """Return a token of the kind that the route takes, for an administrator, but for these claims."""
        if route.kind == "access":
            return self.access.access_token(**{"scope": SCOPE} | claims)
        return self.id.id_token(**{"cognito:groups": [ADMINS]} | claims)
