"""Which claims a trigger has changed of the tokens issued last, for `local-stage explain`.

Nothing is decided by it: a token that is not written down is explained without it.
"""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from local_stage.cloudformation.pool_front.refresh_tokens import read_claims
from local_stage.cloudformation.pool_front.triggers.token_generation import TokenChanges

FILE: Final = "changed-claims"
_MOST: Final = 500
"""Tokens that are remembered."""
_TOKENS: Final = {"id": ("IdToken", "id_token"), "access": ("AccessToken", "access_token")}


class IssuedChanges:
    """What was changed of each token, by its `jti`, in a file of the local AWS's folder."""

    def __init__(self, file: Path) -> None:
        """Go on with what the file has."""
        self._file = file
        self._known: deque[tuple[str, list[str], list[str]]] = deque(maxlen=_MOST)
        self._known.extend(_read(file))

    def record(self, changes: TokenChanges, response: Mapping[str, Any]) -> None:
        """Write down what was changed of the tokens in a response of the pool."""
        tokens: Mapping[str, Any] = response.get("AuthenticationResult") or response
        for use, names in _TOKENS.items():
            jti = next((read_claims(tokens[name]).get("jti") for name in names if name in tokens), None)
            added, dropped = changes.set.get(use, ()), changes.dropped.get(use, ())
            if jti is not None and (added or dropped):
                self._known.append((str(jti), [*added], [*dropped]))
        with contextlib.suppress(OSError):  # a full disk; the token is explained without it
            self._file.write_text(json.dumps([*self._known]), encoding="utf-8")


def tell_changes(file: Path, token: str) -> str | None:
    """Say which claims a trigger has set and dropped in a token; None where nothing is known of it."""
    jti = read_claims(token).get("jti")
    found = next(((added, dropped) for known, added, dropped in _read(file) if known == jti), None)
    if found is None:
        return None
    changes = [
        f"{verb} {', '.join(ascii(name)[1:-1] for name in names)}"
        for verb, names in zip(("set", "dropped"), found, strict=True)
        if names
    ]
    return f"A PreTokenGeneration trigger has changed the claims of this token: {'; '.join(changes)}."


def _read(file: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        yield from ((str(jti), [*map(str, added)], [*map(str, dropped)]) for jti, added, dropped in known)
    except (OSError, ValueError, TypeError):
        return
