"""Runs pip: what it is told, and what it says where it fails."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_OPTIONS: Final = ("--quiet", "--no-input", "--disable-pip-version-check")
_ONLY_WHEELS: Final = ("--only-binary", ":all:")


class PipError(Exception):
    """Pip failed, and the message is its own last error; or what it is to install cannot be read.

    `output` is all that pip said, empty where it did not run.
    """

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


async def install(
    packages: Sequence[str],
    target: Path,
    *,
    cwd: Path,
    only_wheels: bool = False,
    python: Path | None = None,
) -> None:
    """Install packages into a folder; they are arguments of pip, whose own settings, as its index, apply.

    What is installed is for the version of `python`, or else of the Python that runs the stage.
    With `only_wheels` nothing is built, which would run what the package brings. Raises PipError.
    """
    if not packages:
        return
    process = await asyncio.create_subprocess_exec(
        *(*await _find_pip(python), "install", *_OPTIONS, "--target", str(target)),
        *(*(_ONLY_WHEELS if only_wheels else ()), *packages),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd=cwd,
        # pip refuses --target together with the developer's own PIP_USER.
        env={**os.environ, "PIP_USER": "0"},
    )
    try:
        _, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        output = errors.decode(errors="replace").strip()
        raise PipError(_read_last_error(output), output)


def name_files(files: Sequence[Path]) -> list[str]:
    """Return pip's arguments for requirements files."""
    return [part for file in files for part in ("--requirement", str(file))]


async def _find_pip(python: Path | None) -> Sequence[str]:
    """Return the command of a pip that installs for this Python: its own, or else the stage's."""
    own = (_find_own_python(), "-m", "pip")
    if python is None:
        return own
    # Debian's python3.11, say, comes without pip.
    probe = await asyncio.create_subprocess_exec(
        *(str(python), "-c", "import pip"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return (*own, "--python", str(python)) if await probe.wait() else (str(python), "-m", "pip")


def _find_own_python() -> str:
    """Return a Python of this version that has pip: this one, or the one it was made from."""
    if importlib.util.find_spec("pip"):
        return sys.executable
    return str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))


def _read_last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return f"pip: {([*lines[-1:], *errors] or ['failed without a word'])[-1]}"
