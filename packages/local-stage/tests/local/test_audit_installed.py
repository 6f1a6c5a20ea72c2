"""`make audit` compares what is installed with its locks: requirements/audit.py with real wheels."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.small_repository import ENVIRONMENT, PACKAGE, SmallRepository
from tests.local.wheel_file import write_wheel
from tests.stage_process import REPOSITORY

LAYERS = ("first", PACKAGE, "second")
NOT_HERE = f"third==1.0 ; sys_platform == 'win32' --hash=sha256:{'0' * 64}\n"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> SmallRepository:
    """Everything is installed as it is locked."""
    repository = SmallRepository(tmp_path_factory.mktemp("audited") / "repository")
    shutil.copyfile(REPOSITORY / "requirements" / "audit.py", repository.folder / "requirements" / "audit.py")
    repository.lock("first", "1.0")
    repository.lock("second", "1.0")
    lock = repository.folder / "requirements" / "second.txt"
    repository.write_lock("second", lock.read_text() + NOT_HERE)
    repository.must_install(*LAYERS)
    return repository


@pytest.fixture
def repository(pristine: SmallRepository, tmp_path: Path) -> Iterator[SmallRepository]:
    """A repository that the test may spoil; locks and environment are as they were for the next one."""
    kept = tmp_path / "kept"
    shutil.copytree(pristine.folder, kept, symlinks=True)
    yield pristine
    shutil.rmtree(pristine.folder)
    shutil.copytree(kept, pristine.folder, symlinks=True)


def audit(repository: SmallRepository, *layers: str) -> tuple[int, list[str]]:
    """Return exit code and the lines on standard error."""
    script = repository.folder / "requirements" / "audit.py"
    done = subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, "-I", script, ENVIRONMENT, *(layers or LAYERS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()


def site_packages(repository: SmallRepository) -> Path:
    (folder,) = repository.environment.glob("lib/python*/site-packages")
    return folder


def test_what_was_installed_from_its_locks_is_right(pristine: SmallRepository) -> None:
    """A package that is locked for another system is neither here nor missed."""
    assert audit(pristine) == (0, [])


def test_what_is_in_no_lock_is_named(pristine: SmallRepository) -> None:
    assert audit(pristine, "first", PACKAGE) == (1, [".venv: second 1.0 is installed and in no lock"])


def test_another_version_than_the_locked_one_is_named(repository: SmallRepository) -> None:
    write_wheel(repository.wheels, "first", "2.0", {"first.py": "VERSION = '2.0'\n"})
    python = repository.environment / "bin" / "python"
    subprocess.run(  # noqa: S603 - a fixed command
        [
            python,
            "-I",
            "-m",
            "pip",
            "install",
            "-q",
            "--no-index",
            "--find-links",
            repository.wheels,
            "first==2.0",
        ],
        check=True,
    )
    assert audit(repository) == (1, [".venv: first 2.0 is installed, locked is 1.0"])


def test_what_is_locked_and_missing_is_named(repository: SmallRepository) -> None:
    shutil.rmtree(site_packages(repository) / "first-1.0.dist-info")
    assert audit(repository) == (1, [".venv: first is locked and not installed"])


def test_a_file_that_was_changed_is_named(repository: SmallRepository) -> None:
    (site_packages(repository) / "second.py").write_text("VERSION = 'mine'\n")
    assert audit(repository) == (1, [".venv: second: second.py was changed after it was installed"])


def test_a_file_that_is_gone_is_named(repository: SmallRepository) -> None:
    (site_packages(repository) / "first.py").unlink()
    assert audit(repository) == (1, [".venv: first: first.py is gone"])
