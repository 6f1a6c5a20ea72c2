from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.reader import Reader, reader_of
from tests.shell_blocks import commands_on_aws, read_blocks
from tests.stage_process import PACKAGE

USERS = PACKAGE / "docs" / "users.md"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Someone who has done all that the document says."""
    with reader_of(USERS, tmp_path_factory.mktemp("users")) as reader:
        yield reader


def test_every_command_prints_what_is_shown(reader: Reader) -> None:
    assert reader.transcript.printed == reader.transcript.shown


def test_no_command_is_left_to_aws() -> None:
    assert commands_on_aws(read_blocks(USERS)) == []
