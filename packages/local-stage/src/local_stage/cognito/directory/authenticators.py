"""Second factors for users of a local pool that asks for them: commands and tests sign in.

The secrets of authenticator apps lie in the state folder, for its owner alone, beside the users of the local
pool itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.pool_front.sent_codes import FILE as SENT_CODES
from local_stage.cloudformation.pool_front.sent_codes import find_code
from local_stage.cloudformation.pool_front.totp import STEP, make_code
from local_stage.state import write_json

FILE: Final = "authenticator-apps.json"


@dataclass(frozen=True, slots=True)
class Authenticators:
    """The apps in a state folder; `clock` gives Unix seconds, `sleep` waits for so many."""

    state_folder: Path
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    def begin(self, user_pool_id: str, username: str, secret: str) -> str:
        """Keep the secret of a user's new app, and return its first code. Raises StartError."""
        return self._use(user_pool_id, username, secret, int(self.clock()) // STEP)

    def find_code(self, user_pool_id: str, username: str) -> str | None:
        """Return the next code of a user's app, or None where the secret is not known here.

        Each is good once: this waits, for half a minute at most, where the next one is not good yet.
        """
        kept = self._read().get(f"{user_pool_id}/{username}")
        if not isinstance(kept, dict):
            return None
        step = max(int(kept["step"]) + 1, int(self.clock()) // STEP)
        self.sleep(max(0.0, (step - 1) * STEP - self.clock()))
        return self._use(user_pool_id, username, str(kept["secret"]), step)

    def find_sent_code(self, session: str) -> str | None:
        """Return the code that the local pool would have sent in a session, or None where it is not known."""
        return find_code(self.state_folder / "aws" / SENT_CODES, session)

    def _use(self, user_pool_id: str, username: str, secret: str, step: int) -> str:
        others = self._read()
        kept = {**others, f"{user_pool_id}/{username}": {"secret": secret, "step": step}}
        write_json(self.state_folder / FILE, kept)
        return make_code(secret, step)

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads((self.state_folder / FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}
