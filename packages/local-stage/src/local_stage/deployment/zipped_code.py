"""Code in a zip file, as Lambda takes it: it is unpacked once, and nothing outside of its folder is written.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

MOST_BYTES: Final = 262_144_000
"""What a function's code may have, unpacked.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


class ZipError(Exception):
    """A zip file that is not taken; the message is a clause that says why."""


def unpack_code(file: Path, folder: Path, most: int = MOST_BYTES) -> Path:
    """Return a folder, below this one, with what a zip file holds; a file that was saved has another one.

    `most` is how many bytes it may hold. Raises ZipError for what is no zip file, leads out of its folder, or
    is larger.
    """
    try:
        found = file.stat()
        digest = hashlib.sha256(f"{file}\0{found.st_mtime_ns}\0{found.st_size}".encode()).hexdigest()[:16]
        unpacked = folder / digest
        if not unpacked.is_dir():
            _make_room(folder)
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                made = Path(scratch, "code")
                made.mkdir()
                _unpack(file, made, most)
                made.rename(unpacked)
    except (OSError, RuntimeError, NotImplementedError, ValueError, zipfile.BadZipFile, EOFError) as error:
        # RuntimeError is what an encrypted file gets, NotImplementedError an unknown compression.
        raise ZipError(f"{file.name} cannot be unpacked: {error}") from error
    return unpacked


def _make_room(folder: Path) -> None:
    """Remove what was unpacked before, but for the last, which may be running."""
    folder.mkdir(parents=True, exist_ok=True)
    earlier = sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime)
    for old in earlier[:-1]:
        shutil.rmtree(old)


def _unpack(file: Path, folder: Path, most: int) -> None:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        _check(file, members, most)
        links = [member for member in members if stat.S_ISLNK(_mode(member))]
        for member in members:
            if member not in links:
                path = Path(archive.extract(member, folder))
                if not member.is_dir() and _mode(member) & stat.S_IXUSR:
                    path.chmod(0o755)
        # The links come last, so that no file is written by way of one.
        for member in links:
            _link(file, folder, member, archive.read(member).decode())
        # A link may have led elsewhere before those were made that it leads by way of.
        for member in links:
            _check_link(file, folder, member, folder / member.filename)


def _check(file: Path, members: Sequence[zipfile.ZipInfo], most: int) -> None:
    size = sum(member.file_size for member in members)
    if size > most:
        raise ZipError(f"{file.name} holds {size} bytes, more than the {most} that Lambda takes")
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise ZipError(f"{file.name} holds {member.filename!r}, which leads out of the function's folder")


def _link(file: Path, folder: Path, member: zipfile.ZipInfo, target: str) -> None:
    link = folder / member.filename
    for path in (link.parent, link.parent / target):
        _check_link(file, folder, member, path)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)


def _check_link(file: Path, folder: Path, member: zipfile.ZipInfo, path: Path) -> None:
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise ZipError(f"{file.name} holds the link {member.filename!r}, which leads out of its folder")


def _mode(member: zipfile.ZipInfo) -> int:
    """Return the mode that Unix gave a file, 0 where another system has packed it."""
    return member.external_attr >> 16
