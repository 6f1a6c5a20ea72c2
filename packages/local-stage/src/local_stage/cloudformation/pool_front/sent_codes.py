"""Codes that Cognito would send: how one is made, compared and told.

Those of sign-ins under way lie in the local AWS's folder, for its owner alone, by the digest of the session:
`local-stage token` and the pytest plugin give them for the user, and nothing is decided by the file.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import secrets
from collections import deque
from hashlib import sha256
from pathlib import Path
from typing import Final

from local_stage.cloudformation.pool_front.accounts import User
from local_stage.errors import MachineError
from local_stage.state import write_json

MOST_WRONG: Final = 5
"""Guesses after which a code is good no more."""
_DIGITS: Final = 6

FILE: Final = "sent-codes.json"
_MOST: Final = 100
"""Codes that are remembered."""


def make_code() -> str:
    """Return a new code, of six digits."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"


def is_same(code: str, sent: str) -> bool:
    """Say whether a code is the one that was sent, in the same time whatever it is."""
    return hmac.compare_digest(code.encode(), sent.encode(errors="replace"))


def tell_code(user: User, purpose: str, code: str) -> str:
    """Return the sentence that the log has in place of a message to the user."""
    return f"The local pool sends nothing; the code of {ascii(user.name)[1:-1]} to {purpose} is {code}"


class SentCodes:
    """The codes sent last, in a file."""

    def __init__(self, file: Path) -> None:
        """Begin with none: the sessions of another start are gone."""
        self._file = file
        self._known: deque[tuple[str, str]] = deque(maxlen=_MOST)

    def record(self, session: str, code: str) -> None:
        """Write down the code of a session."""
        self._known.append((_digest(session), code))
        with contextlib.suppress(MachineError):  # a full disk; the log tells the code all the same
            write_json(self._file, dict(self._known))


def find_code(file: Path, session: str) -> str | None:
    """Return the code of a session, or None where it is not known."""
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    code = known.get(_digest(session)) if isinstance(known, dict) else None
    return code if isinstance(code, str) else None


def _digest(session: str) -> str:
    return sha256(session.encode()).hexdigest()
