"""Runs a program that installs or builds something for a function."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path


class ProgramError(Exception):
    """A program has failed; the message is all that it wrote."""


async def run_program(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None
) -> None:
    """Run a program to its end, with these variables beside the developer's own; cancelled, end it.

    Raises ProgramError where it fails, OSError where it cannot be run.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise ProgramError(output.decode(errors="replace").strip())
