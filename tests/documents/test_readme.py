from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reader import Reader, reader_of
from tests.shell_blocks import commands_on_aws, read_blocks
from tests.stage_process import REPOSITORY, run_stage

README = REPOSITORY / "README.md"

INSTEAD = {
    # All tests would run this one again.
    "make test": "make test ARGS='packages/local-stage/tests/unit/api_gateway/test_router.py'",
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Someone who has done all that the README says, the first command under `Next` included."""
    with reader_of(README, tmp_path_factory.mktemp("readme"), instead=INSTEAD, paste=1) as reader:
        yield reader


def test_every_command_prints_what_is_shown(reader: Reader) -> None:
    assert reader.transcript.printed == reader.transcript.shown


def test_the_last_command_that_the_stage_prints_is_answered_with_the_greeting(reader: Reader) -> None:
    assert reader.run(reader.next_commands[-1]) == '{"message":"Hello AWS API Gateway!","username":"alice"}'


def test_only_these_commands_are_left_to_aws() -> None:
    assert commands_on_aws(read_blocks(README)) == ["sam deploy", "sam delete"]


def test_the_refusal_shown_is_the_one_given(tmp_path: Path) -> None:
    (shown,) = (block.text for block in read_blocks(README) if block.title == "a Lambda authorizer")
    template = (REPOSITORY / "template.yaml").read_text(encoding="utf-8")
    pool = "UserPoolArn: !GetAtt UserPool.Arn"
    assert template.count(pool) == 1
    (tmp_path / "template.yaml").write_text(
        template.replace(pool, "FunctionArn: !GetAtt HelloFunction.Arn"), encoding="utf-8"
    )
    for code in ("hello_function", "operations"):
        shutil.copytree(REPOSITORY / code, tmp_path / code)

    ended = run_stage(tmp_path, "--template", "template.yaml")

    assert (ended.exit_code, ended.printed, ended.log) == (2, "", shown)
