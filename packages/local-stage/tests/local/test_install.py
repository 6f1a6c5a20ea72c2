"""What `make` installs is what the locks say, once and whole: requirements/install.py with real wheels."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.local.small_repository import PACKAGE, SmallRepository
from tests.processes import nothing_left_running, wait_until

LOCK_WITHOUT_HASH = "second==1.0\n"
LOCK_WITH_ANOTHER_HASH = f"second==1.0 --hash=sha256:{'0' * 64}\n"


@dataclass(frozen=True, slots=True)
class Whole:
    """A repository with every layer installed, and what that said."""

    repository: SmallRepository
    said: str


def make_repository(folder: Path) -> SmallRepository:
    """Make a repository in which nothing is installed yet, with two layers."""
    repository = SmallRepository(folder / "repository")
    repository.lock("first", "1.0")
    repository.lock("second", "1.0")
    return repository


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Everything is installed, and nobody changes the environment."""
    repository = make_repository(tmp_path_factory.mktemp("whole"))
    return Whole(repository, repository.must_install("first", PACKAGE, "second"))


@pytest.fixture
def repository(tmp_path: Path) -> SmallRepository:
    """Nothing is installed yet."""
    return make_repository(tmp_path)


@pytest.fixture(scope="module")
def first_built(tmp_path_factory: pytest.TempPathFactory) -> SmallRepository:
    """The first layer is installed."""
    repository = make_repository(tmp_path_factory.mktemp("built"))
    repository.must_install("first")
    return repository


@pytest.fixture
def built(first_built: SmallRepository, tmp_path: Path) -> Iterator[SmallRepository]:
    """The first layer is installed; a file lies in the environment since.

    The next test finds the repository as it was: to copy it takes a tenth of the time to build it.
    """
    folder, kept = first_built.folder, tmp_path / "kept"
    shutil.copytree(folder, kept, symlinks=True)
    (first_built.environment / "marker").touch()
    yield first_built
    if first_built.folder != folder:
        first_built.move(folder)
    shutil.rmtree(folder)
    shutil.move(kept, folder)


def is_built_anew(repository: SmallRepository) -> bool:
    return not (repository.environment / "marker").exists()


def test_the_first_call_says_in_one_line_what_it_installs(whole: Whole) -> None:
    layers = "requirements/first.txt, packages/small, requirements/second.txt"
    assert whole.said.startswith(f"Building .venv, once: {layers} … ")
    assert whole.said.count("\n") == 1


def test_every_layer_is_installed(whole: Whole) -> None:
    assert [whole.repository.evaluate(layer, "VERSION") for layer in ("first", "second")] == ["1.0", "1.0"]


def test_the_repositorys_own_package_is_the_one_that_is_edited(whole: Whole) -> None:
    assert whole.repository.evaluate("greeting", "TEXT") == "hello"
    (whole.repository.package / "greeting.py").write_text("TEXT = 'hello again'\n")
    assert whole.repository.evaluate("greeting", "TEXT") == "hello again"


def test_a_second_call_asks_for_nothing_and_says_nothing(whole: Whole) -> None:
    shutil.rmtree(whole.repository.wheels)
    assert whole.repository.must_install("first", PACKAGE, "second") == ""


def test_another_layer_is_added_to_what_is_there_and_another_lock_builds_everything_anew(
    built: SmallRepository,
) -> None:
    assert "once: requirements/second.txt …" in built.must_install("first", "second")
    assert built.evaluate("second", "VERSION") == "1.0"
    assert not is_built_anew(built)
    assert built.must_install("first") == built.must_install("second") == ""
    built.lock("first", "2.0")
    assert "once: requirements/first.txt …" in built.must_install("first")
    assert built.evaluate("first", "VERSION") == "2.0"
    assert is_built_anew(built)


def test_an_environment_that_was_moved_is_built_anew(built: SmallRepository, tmp_path: Path) -> None:
    """Its scripts name the folder in which they were."""
    built.move(tmp_path / "elsewhere")
    built.must_install("first")
    assert is_built_anew(built)


def test_an_environment_without_its_interpreter_is_built_anew(built: SmallRepository) -> None:
    version = built.evaluate("first", "VERSION")
    python = built.environment / "bin" / "python"
    python.unlink()
    python.symlink_to("gone")
    built.must_install("first")
    assert is_built_anew(built)
    assert built.evaluate("first", "VERSION") == version


@pytest.mark.parametrize(
    ("lock", "why"),
    [
        (LOCK_WITHOUT_HASH, "Hashes are required in --require-hashes mode"),
        (LOCK_WITH_ANOTHER_HASH, "THESE PACKAGES DO NOT MATCH THE HASHES"),
        (
            LOCK_WITH_ANOTHER_HASH.replace("second", "absent"),
            "No matching distribution found for absent==1.0",
        ),
    ],
    ids=["without a hash", "of another file", "of a package that is not there"],
)
def test_what_the_lock_does_not_vouch_for_is_not_installed(
    built: SmallRepository, lock: str, why: str
) -> None:
    built.write_lock("second", lock)
    ended = built.install("first", "second")
    assert ended.exit_code == 2
    assert why in ended.log
    assert ended.log.endswith(
        "Cannot install requirements/second.txt into .venv; all that pip said is in .venv/install.log.\n"
    )
    assert why in (built.environment / "install.log").read_text()
    assert not list(built.environment.rglob("second.py"))


def test_a_package_that_would_have_to_be_built_is_not_installed(built: SmallRepository) -> None:
    """Only wheels are, since no lock names what a build would take."""
    shutil.make_archive(str(built.wheels / "source-1.0"), "gztar", built.folder / "requirements")
    built.write_lock("second", LOCK_WITH_ANOTHER_HASH.replace("second", "source"))
    ended = built.install("first", "second")
    assert ended.exit_code == 2
    assert "No matching distribution found for source==1.0" in ended.log


def test_after_a_failure_everything_is_built_anew(built: SmallRepository) -> None:
    """What pip had done before it failed cannot be told."""
    built.write_lock("second", LOCK_WITH_ANOTHER_HASH)
    assert built.install("first", "second").exit_code == 2
    built.lock("second", "1.0")
    assert "requirements/first.txt, requirements/second.txt" in built.must_install("first", "second")
    assert is_built_anew(built)


def test_ended_by_sigterm_it_takes_pip_along_and_leaves_nothing_that_looks_whole(
    built: SmallRepository,
) -> None:
    held = built.package / "held"
    os.mkfifo(held)
    writers: list[int] = []
    with nothing_left_running():
        process = built.start("first", PACKAGE)
        try:
            wait_until(lambda: process.poll() is not None or open_pipe(held, writers))
        finally:
            process.terminate()
            ended = built.wait(process)
            for writer in writers:
                os.close(writer)
    assert (len(writers), ended.exit_code) == (1, 130)
    assert ended.log.endswith("not done\n")
    held.unlink()
    assert "requirements/first.txt, packages/small" in built.must_install("first", PACKAGE)


def open_pipe(pipe: Path, writers: list[int]) -> bool:
    """Open a pipe from which somebody reads, and say whether there is anybody."""
    try:
        writers.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def test_of_two_calls_at_once_one_installs_and_the_other_waits_for_it(repository: SmallRepository) -> None:
    both = [repository.start("first", "second") for _ in range(2)]
    ended = [repository.wait(process) for process in both]
    assert [one.exit_code for one in ended] == [0, 0]
    assert sorted(one.log.count("Building") for one in ended) == [0, 1]
    assert repository.evaluate("second", "VERSION") == "1.0"
