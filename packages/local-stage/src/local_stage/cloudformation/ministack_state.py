"""MiniStack's state and its files: what MiniStack writes when it is asked to stop, written while it runs."""

from __future__ import annotations

import contextlib
import json
import logging
import pickle  # nosec B403 # to compare states; nothing is ever read from it
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from ministack.app import SERVICE_REGISTRY
from ministack.core.persistence import save_state

SAVED: Final = "saved"

USERS: Final = "cognito"
STACKS: Final = "cloudformation"
_LARGE: Final = 1_000_000
"""Bytes of a file, as of some thousand users, whose state takes longer to copy than all else of a start."""
_STATE_FILES: Final = ("*.json", "*.pem", "cognito-pool-keys/*.pem")


class SavedMark:
    """A file that is taken away when a save fails: on a full disk none can be written, but one removed."""

    def __init__(self, folder: Path) -> None:
        """Keep the mark in the folder of the files."""
        self.folder = folder
        self._file = folder / SAVED

    def take_loss(self) -> bool:
        """Return whether the last save of an earlier process failed, and set the mark."""
        is_lost = any(self.folder.glob("*.json")) and not self._file.exists()
        self.set()
        return is_lost

    def set(self) -> None:
        """Note that everything is saved."""
        with contextlib.suppress(
            OSError
        ):  # the next start then reports a loss that is none, better than none at a loss
            self._file.touch()

    def remove(self) -> None:
        """Note that something could not be saved."""
        with contextlib.suppress(OSError):  # a read-only file system: it cannot be noted
            self._file.unlink(missing_ok=True)


type GetState = Callable[[], dict[str, Any] | None]


class MinistackState:
    """The state of MiniStack's services, each in a file of its own, which MiniStack replaces whole."""

    def __init__(self, mark: SavedMark) -> None:
        """Set the mark when everything is saved, and remove it when something cannot be."""
        self._mark = mark
        self._written: dict[str, bytes] = {}
        self._errors = _Errors()
        for name in ("persistence", "ministack"):
            logging.getLogger(name).addHandler(self._errors)

    def find_error(self) -> str | None:
        """Return what MiniStack could not restore at its start, or None."""
        return self._errors.take()

    def note_restored(self) -> None:
        """Take what has just been restored, or is empty as it has no file, for saved.

        What is large is saved once more with the first change instead, whatever it was that changed.
        """
        for key, get_state in _services().items():
            if _is_large(self._mark.folder / f"{key}.json"):
                continue
            with contextlib.suppress(Exception):  # as in _save: the next save writes it then
                self._written[key] = pickle.dumps(get_state())

    def is_deploying(self) -> bool:
        """Return whether a stack is just being created, updated or deleted; False where that is unknown.

        The next save meets the same error, and reports it.
        """
        get_state = _services().get(STACKS)
        try:
            state = None if get_state is None else get_state()
            return state is not None and any(map(_is_in_progress, state["stacks"].all_values()))
        except Exception:  # noqa: BLE001 - as in _save
            return False

    def save_users(self) -> str | None:
        """Save the user pools, if they have changed; return the error that prevented it, or None."""
        get_state = _services().get(USERS)
        problem = None if get_state is None else self._save(USERS, get_state)
        if problem is not None:
            self._mark.remove()
        return problem

    def save(self) -> str | None:
        """Save what has changed; return the first error, or None.

        Stacks come last: a kill in the middle must not leave a stack without its resources.
        """
        services = sorted(_services().items(), key=lambda service: service[0] == STACKS)
        problems = [self._save(key, get_state) for key, get_state in services]
        problem = next(filter(None, problems), None)
        (self._mark.set if problem is None else self._mark.remove)()
        return problem

    def _save(self, key: str, get_state: GetState) -> str | None:
        try:
            state = get_state()
            content = pickle.dumps(state)
        except Exception as error:  # noqa: BLE001 - MiniStack's own; the next save comes soon
            return f"{key}: {error!r}"
        if state is None or self._written.get(key) == content:
            return None
        self._errors.take()
        save_state(key, state)  # it logs what goes wrong, and returns
        problem = self._errors.take()
        if problem is None:
            self._written[key] = content
        return problem


class _Errors(logging.Handler):
    """The first thing that MiniStack has logged to have gone wrong with its files."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._first: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what concerns the files."""
        if record.name == "persistence" or record.getMessage().startswith("Failed to restore"):
            self._first = self._first or record.getMessage()

    def take(self) -> str | None:
        """Return what has been logged since the last time."""
        first, self._first = self._first, None
        return first


def find_damage(folder: Path) -> str | None:
    """Return which file of the state is damaged and how, or None.

    MiniStack would start without what a damaged file held, say so in its log, and then write over the file.
    """
    for file in sorted(file for pattern in _STATE_FILES for file in folder.glob(pattern)):
        try:
            _check(file)
        except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
            return f"{file} is damaged ({error}); remove it to start without what it held"
    return None


def _check(file: Path) -> None:
    content = file.read_bytes()
    if file.suffix == ".pem":
        load_pem_private_key(content, password=None, unsafe_skip_rsa_key_validation=True)
    else:
        json.loads(content)["payload"]


def _is_large(file: Path) -> bool:
    return file.exists() and file.stat().st_size > _LARGE


def _services() -> dict[str, GetState]:
    """Return how to get each service's state, by its file's name; those that were never used have none."""
    modules = {
        config.get("state_key", config["module"]): config["module"] for config in SERVICE_REGISTRY.values()
    }
    for config in SERVICE_REGISTRY.values():
        modules.update({name: name for name in config.get("sub_modules", ())})
    loaded = {key: sys.modules.get(f"ministack.services.{name}") for key, name in modules.items()}
    found = {key: getattr(module, "get_state", None) for key, module in loaded.items()}
    return {key: get_state for key, get_state in found.items() if get_state is not None}


def _is_in_progress(stack: dict[str, Any]) -> bool:
    # A stack with nothing but a change set rests in REVIEW_IN_PROGRESS.
    status = str(stack.get("StackStatus"))
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"
