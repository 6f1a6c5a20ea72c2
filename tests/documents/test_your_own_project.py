"""What docs/your-own-project.md tells to type works beside a stage, and installs what the README installs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.shell_blocks import OWN_PROJECT, commands_titled, read_blocks
from tests.stage_process import COMMAND, REPOSITORY, StageProcess, running_stage

PAGE = REPOSITORY / "docs" / "your-own-project.md"
BESIDE = "beside the running stage"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with running_stage(tmp_path_factory.mktemp("own")) as stage:
        yield stage


def test_it_installs_and_starts_as_the_readme_does() -> None:
    readme = read_blocks(REPOSITORY / "README.md")
    assert commands_titled(OWN_PROJECT, read_blocks(PAGE)) == commands_titled(OWN_PROJECT, readme)


def test_every_command_beside_the_stage_succeeds(stage: StageProcess) -> None:
    commands = commands_titled(BESIDE, read_blocks(PAGE))
    printed = [
        subprocess.run(  # noqa: S603 - the document's own commands
            [str(COMMAND), *command.split()[1:], "--state-folder", str(stage.state_folder)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for command in commands
    ]
    assert len(printed) == 3
    assert printed[1].startswith("eyJ")
    assert "alice" in printed[2]


def test_sam_cli_beside_the_stage_is_typed_as_the_tests_of_the_deployment_run_it() -> None:
    """Which deploy this repository's template into a local AWS: tests/deploy."""
    first, *sam = commands_titled(BESIDE, read_blocks(REPOSITORY / "docs" / "deploy.md"))
    assert first.startswith("export AWS_ENDPOINT_URL=")
    assert sam == [
        "sam build --config-env local",
        "sam deploy --config-env local",
        "sam delete --config-env local --no-prompts",
    ]
