"""What the front has to know again after a restart: factors and passwords of users, used refresh tokens.

It lies beside MiniStack's own files, in their form. Sessions of challenges and wrong passwords are kept in
memory: after a restart a session is unknown, and so refused, and nobody is locked out.
"""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from local_stage.errors import MachineError
from local_stage.state import write_json

FILE: Final = "sign-in.json"
_PAYLOAD: Final = "payload"
_KEY_BYTES: Final = 32


@dataclass(slots=True)
class Factor:
    """A user's authenticator app: `last_step` is that of the last code used, and a code is good once."""

    secret: str
    last_step: int
    is_enabled: bool
    is_preferred: bool = False


@dataclass(slots=True)
class SentFactors:
    """The second factors by SMS and email that a user has turned on, and which of them is preferred."""

    enabled: list[str] = field(default_factory=list)
    preferred: str | None = None


@dataclass(slots=True)
class PastPasswords:
    """The digests of a user's passwords, the current one last.

    `temporary_at` is when a temporary one was set, in Unix seconds.
    """

    salt: str
    digests: list[str] = field(default_factory=list)
    temporary_at: float | None = None


@dataclass(slots=True)
class RefreshTokenUse:
    """When a refresh token of a rotating client was first used and when it ends, in Unix seconds."""

    used_at: float
    expires_at: float


class FrontState:
    """The state in its file: `factors`, `sent_factors` and `passwords` by the user's `sub`.

    `refresh_tokens` are there by their digest, and `key` encrypts them, in base64.
    """

    def __init__(self, folder: Path) -> None:
        """Read the state; that the file is whole has been looked at before."""
        self.folder = folder
        self._file = folder / FILE
        kept: dict[str, Any] = json.loads(self._file.read_text())[_PAYLOAD] if self._file.exists() else {}
        self.factors = {sub: Factor(**one) for sub, one in kept.get("factors", {}).items()}
        self.sent_factors = {sub: SentFactors(**one) for sub, one in kept.get("sent_factors", {}).items()}
        self.passwords = {sub: PastPasswords(**one) for sub, one in kept.get("passwords", {}).items()}
        self.refresh_tokens = {
            digest: RefreshTokenUse(**one) for digest, one in kept.get("refresh_tokens", {}).items()
        }

        self.key: str = kept.get("key") or base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
        if "key" not in kept:
            with contextlib.suppress(MachineError):  # refresh tokens are then good until the next start alone
                self.save()

    def save(self) -> None:
        """Write the state. Raises MachineError where it cannot be written."""
        kept = {
            "key": self.key,
            "factors": {sub: asdict(one) for sub, one in self.factors.items()},
            "sent_factors": {sub: asdict(one) for sub, one in self.sent_factors.items()},
            "passwords": {sub: asdict(one) for sub, one in self.passwords.items()},
            "refresh_tokens": {digest: asdict(one) for digest, one in self.refresh_tokens.items()},
        }
        write_json(self._file, {_PAYLOAD: kept})
