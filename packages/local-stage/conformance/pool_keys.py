"""The private keys of a user pool in MiniStack, which keeps them in its state folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.tokens import TokenSigner, decode_part


class LocalPoolKeys:
    """Signs what the pool itself would not issue, with the pool's own keys."""

    def __init__(self, state_folder: Path) -> None:
        """Read keys from the state folder of the MiniStack that has the pool."""
        self._folder = state_folder / "state" / "cognito-pool-keys"

    def sign(self, token: str, payload: Mapping[str, Any]) -> str:
        """Sign a payload with the key that has signed the token."""
        claims = decode_part(token, 1)
        user_pool_id = claims["iss"].rpartition("/")[2]
        file = self._folder / f"{user_pool_id}-{claims['token_use']}.pem"
        key = load_pem_private_key(file.read_bytes(), password=None)
        assert isinstance(key, RSAPrivateKey)  # noqa: S101 - Cognito's keys are
        return TokenSigner(claims["iss"], decode_part(token, 0)["kid"], key=key).sign(payload)
