from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.reader import Reader, reader_of
from tests.shell_blocks import commands_on_aws, read_blocks
from tests.stage_process import REPOSITORY

CLIENTS = REPOSITORY / "docs" / "clients.md"
NODE = "node"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Someone who has tried every client, but for the one in JavaScript where there is no Node."""
    without = () if shutil.which(NODE) else (NODE,)
    with reader_of(CLIENTS, tmp_path_factory.mktemp("clients"), without=without) as reader:
        yield reader


def test_every_client_prints_what_is_shown(reader: Reader) -> None:
    assert reader.transcript.printed == reader.transcript.shown


@pytest.mark.parametrize("client", ["curl", "python3", NODE, "aws"])
def test_no_client_is_left_out(reader: Reader, client: str) -> None:
    if client == NODE and not shutil.which(NODE):
        pytest.skip("needs Node 18 or later")
    typed = [line.partition(": ")[2] for line in reader.transcript.shown if line.startswith("line ")]
    assert [command for command in typed if client in command.replace("$(", " ").split()]


def test_only_this_command_is_left_to_aws() -> None:
    expected = ["export COGNITO_URL=https://cognito-idp.ap-northeast-1.amazonaws.com STACK=hello-api-dev"]
    assert commands_on_aws(read_blocks(CLIENTS)) == expected
