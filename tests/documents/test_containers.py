"""What brings the stage into containers and editors names options, ports and files that there are."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local_stage.cli import main
from tests.stage_process import PACKAGE, REPOSITORY

DOCKERFILE = (PACKAGE / "Dockerfile").read_text(encoding="utf-8")


def read(path: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((REPOSITORY / path).read_text(encoding="utf-8"))
    return content


def test_the_containers_command_is_one_of_the_stages(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It ends at the template that is not there, and not at an option."""
    command = json.loads(re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)[0])
    elsewhere = ("--template", "nowhere.yaml", "--port", "0", "--aws-port", "0", "--state-folder", tmp_path)
    assert main([*command, *map(str, elsewhere)]) == 2
    assert "nowhere.yaml" in capsys.readouterr().err


def test_the_container_publishes_the_port_on_which_the_stage_listens() -> None:
    assert re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE) == ["3000"]
    assert read(".devcontainer/devcontainer.json")["forwardPorts"] == [3000, 4566]


def test_the_dev_container_is_made_by_a_target_of_make() -> None:
    command = read(".devcontainer/devcontainer.json")["postCreateCommand"].split()
    done = subprocess.run([*command, "--dry-run"], cwd=REPOSITORY, check=False, capture_output=True)  # noqa: S603 - our own
    assert (command[0], done.returncode) == ("make", 0)


def test_the_editor_attaches_at_the_port_that_its_own_name_tells_to_open() -> None:
    attach, start = read(".vscode/launch.json")["configurations"]
    assert f"--debug {attach['connect']['port']}'" in attach["name"]
    assert start["program"].endswith(".venv/bin/local-stage")


def test_a_package_is_asked_for_by_name() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "add", "PACKAGE=requests"],  # noqa: S607 - any make
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "echo 'requests' >>hello_function.in" in done.stdout
    assert "--output-file ../hello_function/requirements.txt" in done.stdout
