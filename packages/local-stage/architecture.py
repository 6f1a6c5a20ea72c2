"""Count the files and rooms of `local_stage`, and the arrows between the rooms.

    python3 packages/local-stage/architecture.py [PACKAGE PYPROJECT]

PACKAGE is the folder to count in, PYPROJECT the file with its import contract; this repository's by default.
A room is an entry at the top of the package: a folder or a module. An arrow is a pair of rooms of which the
first imports something from the second. The script needs Python alone.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

PACKAGE: Final = Path(__file__).parent / "src" / "local_stage"
PYPROJECT: Final = Path(__file__).parents[2] / "pyproject.toml"


class Size(NamedTuple):
    """What is counted, in the order of the table in docs/architecture.md."""

    files: int
    rooms: int
    arrows: int
    layers: int
    longest_file: int


def measure(package: Path = PACKAGE, pyproject: Path = PYPROJECT) -> Size:
    """Count the files, rooms, arrows and layers, and the lines of the longest file."""
    files = sorted(package.rglob("*.py"))
    return Size(
        files=len(files),
        rooms=len({_room_of(file, package) for file in files} - {"__init__"}),
        arrows=len(find_arrows(package)),
        layers=_count_layers(pyproject, package.name),
        longest_file=max(len(file.read_text(encoding="utf-8").splitlines()) for file in files),
    )


def find_arrows(package: Path = PACKAGE) -> set[tuple[str, str]]:
    """Return the pairs of rooms of which the first imports something from the second."""
    return {
        (_room_of(file, package), imported)
        for file in package.rglob("*.py")
        for imported in _find_imported_rooms(file, package.name)
        if imported != _room_of(file, package)
    }


def _room_of(file: Path, package: Path) -> str:
    return file.relative_to(package).parts[0].removesuffix(".py")


def _find_imported_rooms(file: Path, package: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith(f"{package}."))


def _count_layers(pyproject: Path, package: str) -> int:
    contracts = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    return sum(len(contract["layers"]) for contract in contracts if contract.get("containers") == [package])


if __name__ == "__main__":
    for name, count in measure(*map(Path, sys.argv[1:]))._asdict().items():
        print(f"{name.replace('_', ' '):13}{count:5}")  # noqa: T201 - a script, run by its path
