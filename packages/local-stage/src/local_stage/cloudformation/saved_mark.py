"""The mark beside the local AWS's files that says that no save has failed since the last that succeeded."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

SAVED: Final = "saved"


class SavedMark:
    """A file that is taken away when a save fails: on a full disk none can be written, but one removed."""

    def __init__(self, folder: Path) -> None:
        """Keep the mark in the folder of the files."""
        self._folder = folder
        self._file = folder / SAVED

    def take_loss(self) -> bool:
        """Return whether the last save of an earlier process had failed, and begin anew."""
        is_lost = any(self._folder.glob("*.json")) and not self._file.exists()
        self.set()
        return is_lost

    def set(self) -> None:
        """Note that everything is saved."""
        with contextlib.suppress(OSError):  # a loss that is none is told then, better than the reverse
            self._file.touch()

    def remove(self) -> None:
        """Note that something could not be saved."""
        with contextlib.suppress(OSError):  # a read-only file system: it cannot be noted
            self._file.unlink(missing_ok=True)
