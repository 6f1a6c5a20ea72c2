"""`--seed` fills tables and buckets once, and keeps what has been changed since."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.stage_process import run_stage, running_stage

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: line, AttributeType: N}]
      KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: line, KeyType: RANGE}]
      BillingMode: PAY_PER_REQUEST
  Pictures: {Type: AWS::S3::Bucket}
Outputs:
  Table: {Value: !Ref Orders}
  Bucket: {Value: !Ref Pictures}
"""
SEED = """\
tables:
  Orders:
    - {id: "1", line: 1, note: seeded}
    - {id: "1", line: 2, note: seeded}
buckets:
  Pictures: {hello.txt: hello}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "seed.yaml").write_text(SEED)
    return tmp_path


def test_a_stage_is_filled_once_and_keeps_its_data_when_it_is_killed(folder: Path) -> None:
    options = ("--template", "template.yaml", "--seed", "seed.yaml")
    with running_stage(folder, *options) as stage:
        assert "2 items and 1 objects seeded, 3 of them new" in stage.log
        changed = {"id": {"S": "1"}, "line": {"N": "1"}, "note": {"S": "changed"}}
        stage.client("dynamodb").put_item(TableName=stage.outputs["Table"], Item=changed)
        stage.client("s3").put_object(Bucket=stage.outputs["Bucket"], Key="hello.txt", Body=b"changed")
        assert stage.stop(signal.SIGKILL) == -signal.SIGKILL
    with running_stage(folder, *options) as stage:
        assert "2 items and 1 objects seeded, 0 of them new" in stage.log
        items = stage.client("dynamodb").scan(TableName=stage.outputs["Table"])["Items"]
        assert sorted(item["note"]["S"] for item in items) == ["changed", "seeded"]
        body = stage.client("s3").get_object(Bucket=stage.outputs["Bucket"], Key="hello.txt")["Body"]
        assert body.read() == b"changed"


@pytest.mark.whole
@pytest.mark.parametrize(
    ("seed", "why"),
    [
        (
            "tables:\n  Nothing:\n    - {id: a}",
            "yaml:3: Nothing: is no table of the stack; it has Orders",
        ),
        (
            "tables:\n  Orders:\n    - {id: a}",
            "yaml:3: Orders.line: is a key of the table, and the item has",
        ),
        ("buckets:\n  Nothing: {k: a}", "yaml:2: Nothing: is no bucket of the stack; it has Pictures"),
    ],
)
def test_what_cannot_be_put_is_refused_with_its_place(folder: Path, seed: str, why: str) -> None:
    (folder / "seed.yaml").write_text(seed)
    ended = run_stage(folder, "--template", "template.yaml", "--seed", "seed.yaml")
    assert ended.exit_code == 2
    assert why in ended.log
