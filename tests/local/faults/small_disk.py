"""A file system of a few megabytes, which can be filled to its last byte and emptied again."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SIZE = 4_000_000
CHUNK = bytes(4096)


class SmallDisk:
    """The file system mounted at `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no byte, but in the last pages of the files that are there."""
        with self._ballast.open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(CHUNK)

    def free(self) -> None:
        """Take away what `fill` has written."""
        self._ballast.unlink()


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mount one at a new folder meanwhile; skip the test where this machine does not let us."""
    folder.mkdir()
    options = f"size={SIZE},mode=0700"
    command = ("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own folder
    if mounted.returncode != 0:
        pytest.skip(f"no file system of our own to fill: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S603, S607 - as above
