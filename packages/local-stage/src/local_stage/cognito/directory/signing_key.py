"""The private keys of a local user pool, which sign what the pool itself never issues.

AWS shows nobody its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from local_stage.errors import MachineError


def read_signing_key(state_folder: Path, user_pool_id: str, kind: Literal["id", "access"]) -> RSAPrivateKey:
    """Return the key that signs a pool's ID tokens or its access tokens.

    MiniStack keeps it from the first time that the pool is asked for its keys or a token. Raises StartError
    where it is not there.
    """
    file = state_folder / "aws" / "state" / "cognito-pool-keys" / f"{user_pool_id}-{kind}.pem"
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError):
        raise MachineError("is not the private key of the local user pool", file=str(file)) from None
    assert isinstance(key, RSAPrivateKey)  # noqa: S101 - a pool signs by RS256 alone
    return key
