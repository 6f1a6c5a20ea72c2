from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reader import Reader, reader_of
from tests.shell_blocks import OWN_PROJECT, commands_on_aws, commands_titled, read_blocks
from tests.stage_process import REPOSITORY, run_stage
from tests.terminal import Terminal, build_environment

README = REPOSITORY / "README.md"
JAPANESE = REPOSITORY / "README.ja.md"
SAM = REPOSITORY / ".venv-sam" / "bin" / "sam"

INSTEAD = {
    # The tests already are in a clone.
    "git clone https://github.com/OWNER/hello-api && cd hello-api": "git rev-parse --is-inside-work-tree",
}
BUILDING = ("make sam-environment", "sam")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Someone who has done everything that the README says, except building for AWS."""
    folder = tmp_path_factory.mktemp("readme")
    with reader_of(README, folder, instead=INSTEAD, without=BUILDING) as reader:
        yield reader


def test_every_command_prints_what_is_shown(reader: Reader) -> None:
    assert reader.transcript.printed == reader.transcript.shown


def test_the_last_command_that_the_stage_prints_is_answered_with_the_greeting(reader: Reader) -> None:
    *before, last = reader.next_commands
    for command in before:
        reader.run(command)
    assert reader.run(last) == '{"message":"Hello AWS API Gateway!","username":"alice"}'


def test_the_japanese_readme_has_the_same_blocks_and_so_the_commands_that_were_run() -> None:
    assert contents(JAPANESE) == contents(README)


@pytest.mark.skipif(not SAM.exists(), reason="`make sam-environment` has not been run")
def test_the_commands_before_deploying_build_the_application(tmp_path: Path) -> None:
    (block,) = (block for block in read_blocks(README) if "sam build" in block.text)
    terminal = Terminal(build_environment(tmp_path))
    with contextlib.closing(terminal):
        printed = [terminal.run(command.text) for command in block.commands]
    assert [status for _, status in printed] == [0, 0, 0]
    assert "Build Succeeded" in printed[-1][0]


def test_only_these_commands_are_left_to_aws() -> None:
    assert commands_on_aws(read_blocks(README)) == ["sam deploy", "sam delete"]


@pytest.mark.parametrize("readme", [README, JAPANESE])
def test_the_first_command_stands_in_the_first_ten_lines_of_at_most_170(readme: Path) -> None:
    assert read_blocks(readme)[0].line < 10
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= 170


def test_the_package_named_for_other_projects_is_where_the_address_says() -> None:
    install, start = commands_titled(OWN_PROJECT, read_blocks(README))
    folder = install.rpartition("#subdirectory=")[2].rstrip('"')
    assert (REPOSITORY / folder / "pyproject.toml").is_file()
    assert start == "local-stage start"


def test_the_refusal_shown_is_the_one_given(tmp_path: Path) -> None:
    (shown,) = (block.text for block in read_blocks(README) if block.title == "a private API")
    template = (REPOSITORY / "template.yaml").read_text(encoding="utf-8")
    assert template.count("REGIONAL") == 1
    (tmp_path / "template.yaml").write_text(template.replace("REGIONAL", "PRIVATE"), encoding="utf-8")
    for code in ("hello_function", "operations"):
        shutil.copytree(REPOSITORY / code, tmp_path / code)

    ended = run_stage(tmp_path, "--template", "template.yaml")

    assert (ended.exit_code, ended.printed, ended.log) == (2, "", shown)


def contents(readme: Path) -> list[tuple[str, str | None, str]]:
    """Return language, title and text of each block, in order."""
    return [(block.language, block.title, block.text) for block in read_blocks(readme)]
