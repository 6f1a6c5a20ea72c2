"""The random passwords of users that `token --create` has made in a local pool, so that they sign in again.

They lie in the state folder, for its owner alone, beside the keys and users of the local pool itself. A
password that somebody has chosen is not among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local_stage.state import write_json

FILE: Final = "made-passwords.json"


def find_made_password(state_folder: Path, user_pool_id: str, username: str) -> str | None:
    """Return the password that was made for a user, or None; it may have been changed since."""
    found = _read(state_folder).get(user_pool_id, {}).get(username)
    return found if isinstance(found, str) else None


def keep_made_password(state_folder: Path, user_pool_id: str, username: str, password: str) -> None:
    """Keep the password that was made for a user. Raises StartError where it cannot be written."""
    kept = dict(_read(state_folder))
    kept[user_pool_id] = {**kept.get(user_pool_id, {}), username: password}
    write_json(state_folder / FILE, kept)


def _read(state_folder: Path) -> Mapping[str, Mapping[str, object]]:
    try:
        kept = json.loads((state_folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict) or not all(isinstance(one, dict) for one in kept.values()):
        return {}
    return kept
