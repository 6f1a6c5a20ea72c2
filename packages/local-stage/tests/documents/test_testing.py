"""docs/testing.md, done by somebody who has a project of their own beside a clone of this repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shell_blocks import Block, read_blocks
from tests.stage_process import CACHE, PACKAGE, REPOSITORY
from tests.terminal import Terminal, build_environment

TESTING = PACKAGE / "docs" / "testing.md"
CLONED = ("LICENSE", "README.md", "pyproject.toml", "local_stage", "local_stage_runtime", "requirements")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal in another project's folder, beside a clone."""
    clone(tmp_path / "hello-api")
    project = tmp_path / "books"
    for block in files():
        file = project / str(block.title)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
    (project / ".local-stage").mkdir()
    (project / ".local-stage" / "cache").symlink_to(
        CACHE
    )  # no test has to install what functions require again
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "python3.13").symlink_to(Path(sys.base_prefix, "bin", "python3.13"))
    environment = build_environment(tmp_path)
    terminal = Terminal(environment | {"PATH": f"{programs}:{os.environ['PATH']}"})
    terminal.run(f"cd {project}")
    yield terminal
    terminal.close()


def clone(folder: Path) -> None:
    """Copy what git keeps, or would keep, of the package."""
    listed = subprocess.run(  # noqa: S603 - fixed names
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *CLONED],  # noqa: S607 - as above
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    ).stdout.decode()
    for name in listed.split("\0"):
        if name and (REPOSITORY / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)


def files() -> list[Block]:
    """Return the blocks whose title is the file that they are."""
    return [block for block in read_blocks(TESTING) if block.title]


@pytest.mark.timeout(600)
def test_whoever_follows_it_has_a_green_suite(terminal: Terminal) -> None:
    commands = [command.text for block in read_blocks(TESTING) for command in block.commands]
    ended = [(command, *terminal.run(command)) for command in commands]
    assert [(command, printed) for command, printed, status in ended if status] == []
    command, printed, _ = ended[-1]
    assert command == ".venv/bin/python -m pytest"
    assert re.search(r"\b10 passed in ", printed)


def test_every_file_shown_is_named() -> None:
    assert [block.title for block in files()] == ["template.yaml", "books/app.py", "tests/test_books.py"]
    unnamed = [block.line for block in read_blocks(TESTING) if not block.title and not block.is_run]
    assert unnamed == []
