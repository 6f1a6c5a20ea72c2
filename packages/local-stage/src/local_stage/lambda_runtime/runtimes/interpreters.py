"""Finds interpreters by version: on the PATH, and where version managers keep them."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 10.0
"""Seconds for an interpreter to tell its version; a version manager's shim may start slowly."""


@dataclass(frozen=True, slots=True, order=True)
class Interpreter:
    """A program and its version, as far as it counts: `(3, 11)` or `(20,)`."""

    version: tuple[int, ...]
    program: Path


async def find_interpreters(
    names: Sequence[str], patterns: Sequence[str], parts: int
) -> Sequence[Interpreter]:
    """Return the interpreters of a language, each version once, the lowest first.

    `names` are looked for on the PATH, `patterns` below the home folder; `parts` is the length of a version.
    """
    found: dict[tuple[int, ...], Interpreter] = {}
    for program in dict.fromkeys(_find_programs(names, patterns)):
        version = await _read_version(program, parts)
        if version is not None and version not in found:
            found[version] = Interpreter(version, program)
    return sorted(found.values())


def choose_nearest(interpreters: Sequence[Interpreter], wanted: tuple[int, ...]) -> Interpreter | None:
    """Return the interpreter of the wanted version, else the next higher one, else the highest."""
    higher = [one for one in interpreters if one.version >= wanted]
    return next(iter(higher or reversed(interpreters)), None)


def _find_programs(names: Sequence[str], patterns: Sequence[str]) -> Iterator[Path]:
    for name in names:
        if program := shutil.which(name):
            yield Path(program)
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none
    for pattern in patterns:
        yield from sorted(home.glob(pattern), reverse=True)


async def _read_version(program: Path, parts: int) -> tuple[int, ...] | None:
    try:
        process = await asyncio.create_subprocess_exec(
            *(str(program), "--version"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(_PATIENCE):
            output, _ = await process.communicate()
    except (OSError, TimeoutError):
        return None
    match = re.search(rb"v?(\d+)\.(\d+)", output) if process.returncode == 0 else None
    return tuple(int(part) for part in match.groups()[:parts]) if match else None
