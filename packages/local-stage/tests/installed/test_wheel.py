"""The stage in somebody's own SAM project: its wheel in a clean environment, far from any clone.

The project is the one of docs/testing.md, whose commands are run; only what pip installs is the wheel of this
working tree instead of the repository's address.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.installed.wheels import build_wheel, download_wheels, find_python
from tests.shell_blocks import Block, read_blocks
from tests.stage_process import PACKAGE, START_DEADLINE
from tests.terminal import Terminal, build_environment

PAGE = PACKAGE / "docs" / "testing.md"
ADDRESS = '"git+https://github.com/OWNER/hello-api#subdirectory=packages/local-stage"'
FUNCTIONS_PYTHON = "python3.13"
"""The page's runtime, whatever Python the stage has."""

on_every_python = pytest.mark.parametrize("project", ["python3.13", "python3.12"], indirect=True)
on_one_python = pytest.mark.parametrize("project", ["python3.13"], indirect=True)


@dataclass(frozen=True, slots=True)
class Project:
    """Somebody's project, and a terminal in its folder."""

    folder: Path
    terminal: Terminal
    environment: dict[str, str]

    @property
    def site_packages(self) -> Path:
        (folder,) = self.folder.glob(".venv/lib/python3.*/site-packages")
        return folder

    def run(self, command: str) -> str:
        """Return what a command prints. Fails the test where the command fails."""
        printed, status = self.terminal.run(command)
        assert status == 0, f"{command}:\n{printed}"
        return printed


def files() -> list[Block]:
    """Return the page's blocks whose title is the file that they are."""
    return [block for block in read_blocks(PAGE) if block.title]


def commands() -> list[str]:
    """Return the page's commands: make an environment, install the stage, install what tests need, test."""
    return [command.text for block in read_blocks(PAGE) for command in block.commands]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def project(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """The page's project, with the stage installed and nothing that the wheel does not require."""
    python = find_python(request.param)
    home = tmp_path_factory.mktemp(python.name)
    for block in files():
        file = home / "books" / str(block.title)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
    programs = home / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(python)
    of_functions = find_python(FUNCTIONS_PYTHON)
    (programs / FUNCTIONS_PYTHON).symlink_to(of_functions)
    environment = build_environment(home)
    environment |= {
        "PATH": f"{programs}:{environment['PATH']}",
        "PIP_COMPILE": "0",  # most of what is installed is never imported
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_FIND_LINKS": " ".join(str(download_wheels(each)) for each in {python, of_functions}),
        "PIP_NO_INDEX": "1",
    }
    with closing(Terminal(environment)) as terminal:
        project = Project(home / "books", terminal, environment)
        project.run(f"cd {project.folder}")
        for command in commands()[:2]:
            project.run(command.replace(ADDRESS, str(wheel)))
        yield project


@contextmanager
def started(project: Project) -> Iterator[str]:
    """Start the stage as the page's reader would, on free ports, and yield the API's URL."""
    process = subprocess.Popen(  # noqa: S603 - the project's own program
        (
            project.folder / ".venv" / "bin" / "local-stage",
            "start",
            "--json",
            "--port",
            "0",
            "--aws-port",
            "0",
        ),
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["api_url"]
    finally:
        process.terminate()
        process.communicate(timeout=START_DEADLINE)


def test_the_page_installs_the_package_of_this_repository() -> None:
    assert [command.count(ADDRESS) for command in commands()] == [0, 1, 0, 0]


def test_every_file_that_the_page_shows_has_a_name() -> None:
    assert [block.title for block in files()] == ["template.yaml", "books/app.py", "tests/test_books.py"]
    assert [block.line for block in read_blocks(PAGE) if not block.title and not block.is_run] == []


@on_every_python
def test_the_wheel_requires_all_that_it_needs(project: Project) -> None:
    assert project.run(".venv/bin/python -m pip check") == "No broken requirements found."
    location = project.run(".venv/bin/python -c 'import local_stage; print(local_stage.__file__)'")
    assert Path(location).is_relative_to(project.site_packages)


@on_every_python
def test_it_serves_the_project_and_opens_the_api_to_its_own_tokens_alone(project: Project) -> None:
    with started(project) as api_url:
        token = project.run(".venv/bin/local-stage token alice --create 2>/dev/null")
        refused, served = (
            requests.get(f"{api_url}/books", headers=headers, timeout=35)
            for headers in ({}, {"Authorization": f"Bearer {token}"})
        )
    assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})
    assert (served.status_code, served.json()) == (200, {"reader": "alice"})


@on_one_python
def test_the_projects_own_tests_use_the_fixtures(project: Project) -> None:
    *_, printed = [project.run(command) for command in commands()[2:]]
    assert re.search(r"\b10 passed in ", printed)


@on_one_python
def test_uninstalled_it_leaves_nothing_in_the_environment(project: Project) -> None:
    project.run(".venv/bin/python -m pip uninstall --yes local-stage")
    files = [path for path in project.site_packages.glob("local_stage*/**/*") if path.is_file()]
    # pytest compiles every module of a plugin's package into caches of its own, which pip knows nothing of.
    assert [file for file in files if not re.search(r"-pytest-[\d.]+\.pyc$", file.name)] == []
    assert list((project.folder / ".venv" / "bin").glob("local-stage*")) == []
