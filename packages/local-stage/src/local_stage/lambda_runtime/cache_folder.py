"""Folders that are made once and kept: whole or not at all, and shared by all stages."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

_LOCKS: Final[WeakValueDictionary[Path, asyncio.Lock]] = WeakValueDictionary()
"""By the folder that is being built: another function that needs it waits, and does not build it too."""


async def make_once(folder: Path, build: Callable[[Path], Awaitable[None]]) -> Path:
    """Build a folder beside its place and move it there when complete, so that it is there whole or not.

    Two stages that build it at the same time both succeed: the first to finish keeps its own.
    """
    async with _LOCKS.setdefault(folder, asyncio.Lock()):
        building = _begin(folder)
        if building is not None:
            try:
                await build(building)
                _move(building, folder)
            finally:
                shutil.rmtree(building, ignore_errors=True)
    return folder


def _begin(folder: Path) -> Path | None:
    if folder.is_dir():
        return None
    folder.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))


def _move(building: Path, folder: Path) -> None:
    building.chmod(0o755)
    try:
        building.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def place(cache: Path, kind: str, contents: Iterable[bytes]) -> Path:
    """Return a folder of the cache whose name changes with these contents and with the interpreter."""
    digest = hashlib.sha256(f"{sys.version} {sysconfig.get_platform()} {sys.base_prefix}".encode())
    for content in contents:
        digest.update(b"\0" + content)
    return cache.absolute() / f"{kind}-{digest.hexdigest()[:16]}"
