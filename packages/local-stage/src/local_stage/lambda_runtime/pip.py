"""Pip, and the files that tell it what to install."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_INCLUDE = re.compile(r"\s*(?:-[rc]\s*|--(?:requirement|constraint)[\s=]\s*)(\S+)")
_INSTALLING = ("--requirement", "--editable")
"""Long options that ask for something; the others, as `--hash`, say how."""
_PACKAGE = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")


class PipError(Exception):
    """Pip failed, and the message is its own last error; or what it is to install cannot be read."""


async def install(
    requirements: Sequence[Path],
    target: Path,
    *,
    cwd: Path,
    only_wheels: bool = False,
    python: Path | None = None,
) -> None:
    """Install requirements files' packages into a folder; pip's own settings, as its index, apply.

    They are those for the version of `python`, which has pip, or else of the Python that runs the stage.
    With `only_wheels` nothing is built, which would run what the package brings. Raises PipError.
    """
    if not requirements:
        return
    files = [part for file in requirements for part in ("--requirement", str(file))]
    process = await asyncio.create_subprocess_exec(
        *(
            str(python or _find_pip_python()),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ),
        *("--target", str(target), *(("--only-binary", ":all:") if only_wheels else ()), *files),
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
        raise PipError(_read_pip_error(errors.decode(errors="replace")))


def find_includes(requirements: Path, seen: set[str]) -> Iterator[Path]:
    """Yield a requirements file and those it names by -r or -c, each once, also where it is not there.

    `seen` are the real paths of those that were yielded. Raises PipError for no text, OSError.
    """
    if (real_path := os.path.realpath(requirements)) in seen:
        return
    seen.add(real_path)
    yield requirements
    if requirements.is_file():
        for line in _read_lines(requirements):
            if match := _INCLUDE.match(line):
                yield from find_includes(requirements.parent / match[1], seen)


def read_names(requirements: Path) -> list[str]:
    """Return what a requirements file asks for: packages by name, else the option or path as it stands.

    Raises PipError where the file is no text.
    """
    if not requirements.is_file():
        return []
    names = []
    for line in _read_lines(requirements):
        text = line.split("#")[0].strip()
        is_other_option = text.startswith("--") and not text.startswith(_INSTALLING)
        if text and not line[0].isspace() and not is_other_option:
            match = _PACKAGE.match(text)
            names.append(match[1] if match else text)
    return names


def _read_lines(requirements: Path) -> list[str]:
    try:
        text = requirements.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise PipError(f"{requirements} is not UTF-8 text")
    return text.splitlines()


def _find_pip_python() -> str:
    """Return a Python of this version that has pip: this one, or the one it was made from."""
    if importlib.util.find_spec("pip"):
        return sys.executable
    return str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))


def _read_pip_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return f"pip: {([*lines[-1:], *errors] or ['failed without a word'])[-1]}"
