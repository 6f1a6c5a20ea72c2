"""How this program is typed, for the commands that messages name."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

NAME: Final = "local-stage"


def spell_command(arguments: str) -> str:
    """Return a command of this program with its arguments, as the reader of a message can run it.

    Where another program has imported the stage, as pytest does, the name alone is all that is known.
    """
    typed = sys.argv[0]
    return f"{spell_program(typed) if Path(typed).name == NAME else NAME} {arguments}"


def spell_program(typed: str) -> str:
    """Return a program as it can be typed here: by its name alone where the PATH has it, else by its path."""
    path = Path(typed).absolute()
    return path.name if shutil.which(path.name) == str(path) else shlex.quote(shorten(path))


def shorten(file: Path) -> str:
    """Return a path as it can be typed here: relative where it lies below the current folder."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)
