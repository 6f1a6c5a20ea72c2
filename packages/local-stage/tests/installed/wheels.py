"""The wheel of this package, and a folder with all that pip needs to install it without an index."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from tests.stage_process import CACHE, PACKAGE, REPOSITORY

BUILT_FROM: Final = ("LICENSE", "README.md", "pyproject.toml", "src")
FUNCTION_LOCK: Final = PACKAGE / "src" / "local_stage" / "lambda_runtime" / "locks" / "runtime.txt"
STAGE_LOCK: Final = REPOSITORY / "requirements" / "stage.txt"
TEST_LOCK: Final = REPOSITORY / "requirements" / "dev.txt"
PYTEST: Final = ("pytest", "iniconfig", "packaging", "pluggy", "pygments")
REQUESTS: Final = ("requests", "certifi", "charset-normalizer", "idna", "urllib3")
"""What a project installs whose tests call its API: pytest and requests, each with what it requires."""


def build_wheel(folder: Path) -> Path:
    """Build the wheel of the package's files in this working tree, with this environment's setuptools."""
    source = folder / "source"
    _copy_kept_files(source)
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder))
    _pip("wheel", *options, str(source))
    shutil.rmtree(source)
    (wheel,) = folder.glob("*.whl")
    return wheel


def download_wheels(python: Path) -> Path:
    """Return a folder with the locked versions of all that this repository installs for stage and function.

    Whether they suffice, pip says when it installs the wheel: it takes what the wheel declares, and fails if
    a locked version is outside of a declared range. The folder is filled once for each content of the locks.
    """
    test_lock = "".join(_read_entries(TEST_LOCK, {*PYTEST, *REQUESTS}))
    inputs = (test_lock.encode(), STAGE_LOCK.read_bytes(), FUNCTION_LOCK.read_bytes())
    folder = CACHE / f"wheels-{python.name}-{hashlib.sha256(b'-'.join(inputs)).hexdigest()[:16]}"
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
            target, tests = Path(temporary, "wheels"), Path(temporary, "tests.txt")
            tests.write_text(test_lock, encoding="utf-8")
            options = ("--quiet", "--only-binary", ":all:", "--require-hashes", "--dest", str(target))
            files = [
                part for lock in (STAGE_LOCK, FUNCTION_LOCK, tests) for part in ("--requirement", str(lock))
            ]
            _pip("--python", str(python), "download", *options, *files)
            target.rename(folder)
    return folder


def _read_entries(lock: Path, names: Collection[str]) -> Iterator[str]:
    """Yield the entries of these packages, each with its hashes, as they stand in a lock."""
    for entry in re.split(r"^(?=\S)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE):
        if entry.partition("==")[0] in names:
            yield entry


def _copy_kept_files(target: Path) -> None:
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *BUILT_FROM)
    listed = subprocess.run(command, cwd=PACKAGE, check=True, capture_output=True, text=True).stdout  # noqa: S603 - fixed names
    for name in listed.split("\0"):
        if name and (PACKAGE / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PACKAGE / name, target / name)


def _pip(*arguments: str) -> None:
    command = (sys.executable, "-m", "pip", *arguments)
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)  # noqa: S603 - as above
    assert done.returncode == 0, done.stderr
