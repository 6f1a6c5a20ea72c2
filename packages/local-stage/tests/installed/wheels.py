"""The wheel of a package, and a folder with all that pip needs to install it without an index."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Final

import pytest

from tests.stage_process import CACHE, PACKAGE, REPOSITORY

BUILT_FROM: Final = ("LICENSE", "README.md", "pyproject.toml", "src")
FUNCTION_LOCK: Final = PACKAGE / "src" / "local_stage" / "lambda_runtime" / "locks" / "runtime.txt"
STAGE_LOCK: Final = REPOSITORY / "requirements" / "stage.txt"
TEST_LOCK: Final = REPOSITORY / "requirements" / "dev.txt"
PYTEST: Final = ("pytest", "iniconfig", "packaging", "pluggy", "pygments")
REQUESTS: Final = ("requests", "certifi", "charset-normalizer", "idna", "urllib3")
"""What a project installs whose tests call its API: pytest and requests, each with what it requires."""


def find_python(name: str) -> Path:
    """Return an interpreter that starts and can make virtual environments; skips the test without one."""
    for found in (str(Path(sys.base_prefix, "bin", name)), shutil.which(name)):
        if found and _can_make_environments(found):
            return Path(found)
    pytest.skip(f"no {name} on the PATH that makes virtual environments")


def _can_make_environments(python: str) -> bool:
    command = (python, "-c", "import ensurepip")
    try:
        return not subprocess.run(command, check=False, capture_output=True).returncode  # noqa: S603 - a Python
    except OSError:
        return False


def build_wheel(folder: Path, package: Path = PACKAGE) -> Path:
    """Build the wheel of a package's files in this working tree, with this environment's setuptools."""
    source = folder / "source"
    _copy_kept_files(package, source)
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder))
    _pip("wheel", *options, str(source))
    shutil.rmtree(source)
    (wheel,) = folder.glob("*.whl")
    return wheel


def download_wheels(python: Path) -> Path:
    """Return a folder with the locked versions of all that this repository installs for stage and function.

    Whether they suffice, pip says when it installs the wheel: it takes what the wheel declares, and fails if
    a locked version is outside of a declared range.
    """
    locks = (STAGE_LOCK.read_text(encoding="utf-8"), FUNCTION_LOCK.read_text(encoding="utf-8"))
    return _download(python, *locks, read_lock(TEST_LOCK, {*PYTEST, *REQUESTS}))


def download_locked(python: Path, lock: Path, names: Collection[str]) -> Path:
    """Return a folder with the wheels of these packages, in the versions of a lock."""
    return _download(python, read_lock(lock, names))


def read_lock(lock: Path, names: Collection[str]) -> str:
    """Return the entries of these packages, each with its hashes, as they stand in a lock."""
    entries = re.split(r"^(?=\S)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return "".join(entry for entry in entries if entry.partition("==")[0] in names)


def _download(python: Path, *requirements: str) -> Path:
    """Return a folder with the wheels that the requirements name. It is filled once for each content."""
    digest = hashlib.sha256("-".join(requirements).encode()).hexdigest()
    folder = CACHE / f"wheels-{python.name}-{digest[:16]}"
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
            target = Path(temporary, "wheels")
            options = ["--quiet", "--only-binary", ":all:", "--require-hashes", "--dest", str(target)]
            for number, text in enumerate(requirements):
                file = Path(temporary, f"{number}.txt")
                file.write_text(text, encoding="utf-8")
                options += ["--requirement", str(file)]
            _pip("--python", str(python), "download", *options)
            target.rename(folder)
    return folder


def _copy_kept_files(package: Path, target: Path) -> None:
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *BUILT_FROM)
    listed = subprocess.run(command, cwd=package, check=True, capture_output=True, text=True).stdout  # noqa: S603 - fixed names
    for name in listed.split("\0"):
        if name and (package / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(package / name, target / name)


def _pip(*arguments: str) -> None:
    command = (sys.executable, "-m", "pip", *arguments)
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)  # noqa: S603 - as above
    assert done.returncode == 0, done.stderr
