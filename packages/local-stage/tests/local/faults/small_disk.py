"""A file system of a few megabytes, which can be filled to its last byte and emptied again."""

from __future__ import annotations

import contextlib
import os
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
    """Mount one at a new folder meanwhile, by sudo where this is not root and sudo asks for no password.

    Where this machine does not let us, the test is skipped; where `SMALL_DISK=required` is set, it fails.
    """
    folder.mkdir()
    options = f"size={SIZE},mode=0700,uid={os.getuid()},gid={os.getgid()}"
    refusal = _run_as_root("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))
    if refusal is not None:
        give_up = pytest.fail if os.environ.get("SMALL_DISK") == "required" else pytest.skip
        give_up(f"no file system of our own to fill: {refusal}")
    try:
        yield SmallDisk(folder)
    finally:
        assert _run_as_root("umount", "--lazy", str(folder)) is None


def _run_as_root(*command: str) -> str | None:
    """Run a command, and return why it could not be run or has failed, or None."""
    become = () if os.getuid() == 0 else ("sudo", "--non-interactive")
    try:
        subprocess.run([*become, *command], capture_output=True, text=True, check=True)  # noqa: S603 - our own folder
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    except subprocess.CalledProcessError as error:
        return str(error.stderr).strip()
    return None
