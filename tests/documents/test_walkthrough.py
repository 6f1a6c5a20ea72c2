from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.reader import Reader, reader_of
from tests.shell_blocks import commands_on_aws, read_blocks
from tests.stage_process import REPOSITORY

WALKTHROUGH = REPOSITORY / "docs" / "walkthrough.md"

COMMANDS_ON_AWS = r"""
export COGNITO_URL=https://cognito-idp.ap-northeast-1.amazonaws.com STACK=hello-api-dev
sam build
sam deploy
""".strip()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Someone who has come to the end of the walkthrough."""
    with reader_of(WALKTHROUGH, tmp_path_factory.mktemp("walkthrough")) as reader:
        yield reader


def test_every_command_prints_what_is_shown(reader: Reader) -> None:
    assert reader.transcript.printed == reader.transcript.shown


def test_only_these_commands_are_left_to_aws() -> None:
    assert "\n".join(commands_on_aws(read_blocks(WALKTHROUGH))) == COMMANDS_ON_AWS


def test_every_part_of_the_template_that_is_shown_stands_in_it() -> None:
    template = (REPOSITORY / "template.yaml").read_text(encoding="utf-8")
    parts = [block.text for block in read_blocks(WALKTHROUGH) if block.language == "yaml"]

    assert parts
    assert [part for part in parts if f"\n{part}" not in template] == []
