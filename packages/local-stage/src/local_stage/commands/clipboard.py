"""The desktop's clipboard, through whichever program has it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from typing import Final

from local_stage.errors import MachineError

_PROGRAMS: Final[Sequence[Sequence[str]]] = (
    ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("xsel", "--clipboard", "--input"),
    ("pbcopy",),
    ("clip.exe",),
)
_TIMEOUT: Final = 10.0


def copy(text: str) -> None:
    """Put the text on the clipboard. Raises StartError where no program can."""
    for program in _PROGRAMS:
        found = shutil.which(program[0])
        if found and _run([found, *program[1:]], text):
            return
    names = ", ".join(program[0] for program in _PROGRAMS)
    raise MachineError(f"--copy: none of {names} reaches a clipboard; install one, or leave out --copy")


def _run(command: Sequence[str], text: str) -> bool:
    try:
        ended = subprocess.run(  # noqa: S603 - one of the programs above
            command,
            input=text.encode(),
            # It may stay in the background to own the clipboard, and would hold a pipe open.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0
