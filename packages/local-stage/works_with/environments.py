"""The pinned environments that the probes run in; each is made once for each content of its pins."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from works_with.row import FOLDER

PINS: Final = FOLDER / "environments"
PYTHON: Final = ("clients", "tools")
DEBIAN: Final = PINS / "debian.list"
PINNED: Final = (
    *sorted(PINS.glob("*.txt")),
    DEBIAN,
    PINS / "package.json",
    FOLDER / "python" / "requirements.txt",
    FOLDER / "nodejs" / "package.json",
)
"""Each file that pins a version, of the environments and of the functions."""


def make_environments(folder: Path) -> Path:
    """Make what is missing of the environments, and return the folder that holds all of them."""
    pins = b"".join(file.read_bytes() for file in PINNED if file.parent == PINS)
    digest = hashlib.sha256(pins).hexdigest()
    made = folder / f"works-with-{digest[:16]}"
    for name in PYTHON:
        if not (made / name / "whole").exists():
            _make_python(made / name, PINS / f"{name}.txt")
    if not (made / "nodejs" / "whole").exists():
        _make_nodejs(made / "nodejs")
    if not (made / "debian" / "whole").exists():
        _make_debian(made / "debian")
    return made


def _make_python(environment: Path, lock: Path) -> None:
    uv = [str(Path(".venv-lock/bin/uv").absolute())]
    _run(*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment))
    python = ["--python", str(environment / "bin" / "python")]
    _run(*uv, "pip", "install", "--quiet", *python, "--require-hashes", "--requirement", str(lock))
    (environment / "whole").touch()


def _make_nodejs(environment: Path) -> None:
    shutil.rmtree(environment, ignore_errors=True)
    environment.mkdir(parents=True)
    shutil.copy(PINS / "package.json", environment)
    options = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error")
    _run("npm", "install", *options, "--prefix", str(environment))
    (environment / "whole").touch()


def _make_debian(environment: Path) -> None:
    """Unpack Debian's packages; where there are none of them, the row that needs them fails."""
    shutil.rmtree(environment, ignore_errors=True)
    (environment / "packages").mkdir(parents=True)
    lines = DEBIAN.read_text(encoding="utf-8").splitlines()
    names = [line.partition("==")[0] for line in lines if line and not line.startswith("#")]
    names = ["awscli" if name == "aws-cli" else name for name in names]
    try:
        _run("apt-get", "download", "--quiet", *names, folder=environment / "packages")
        for package in (environment / "packages").iterdir():
            _run("dpkg", "-x", str(package), str(environment))
    except (OSError, subprocess.CalledProcessError) as error:
        print("without Debian's packages:", error, file=sys.stderr, flush=True)  # noqa: T201 - as below
        return
    (environment / "whole").touch()


def _run(*command: str, folder: Path | None = None) -> None:
    print("making", command[-1], file=sys.stderr, flush=True)  # noqa: T201 - a program's progress
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603 - our own pins
