"""A message is delivered at least once, whatever fails; one that always fails ends in the dead letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.local.faults.local_aws import kill_and_wait
from tests.processes import wait_until
from tests.stage_process import StageProcess, running_stage, state_folder

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  DeadLetters: {Type: AWS::SQS::Queue}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 2
      RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadLetters.Arn, maxReceiveCount: 3}
  Slow:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: 8}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import os, time
        def handler(event, context):
            failed = []
            for record in event["Records"]:
                count = record["attributes"]["ApproximateReceiveCount"]
                print(f"got {record['body']} for the {count}. time", flush=True)
                if record["body"] == "kill" and count == "1":
                    os._exit(1)
                if record["body"].startswith("slow") and count == "1":
                    time.sleep(2)
                if record["body"] == "poison":
                    failed.append({"itemIdentifier": record["messageId"]})
                else:
                    print(f"done {record['body']}", flush=True)
            return {"batchItemFailures": failed}
      Timeout: 10
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
        Slow: {Type: SQS, Properties: {Queue: !GetAtt Slow.Arn, BatchSize: 5}}
Outputs:
  Queue: {Value: !Ref Queue}
  Slow: {Value: !Ref Slow}
  DeadLetters: {Value: !Ref DeadLetters}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("faults")
    (folder / "template.yaml").write_text(TEMPLATE)
    with running_stage(folder, "--template", "template.yaml") as running:
        # A cold start could take as long as a message is invisible, and what is late comes again.
        send(running, "Queue", "first")
        running.wait_for_log("done first")
        yield running


def send(stage: StageProcess, queue: str, *bodies: str) -> None:
    entries: Any = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    sent = stage.client("sqs").send_message_batch(QueueUrl=stage.outputs[queue], Entries=entries)
    assert len(sent["Successful"]) == len(bodies)


def test_a_message_that_fails_again_and_again_ends_in_the_dead_letters(stage: StageProcess) -> None:
    send(stage, "Queue", "poison", "good")
    stage.wait_for_log("got poison for the 3. time", 60.0)
    received = stage.client("sqs").receive_message(QueueUrl=stage.outputs["DeadLetters"], WaitTimeSeconds=20)
    assert [message["Body"] for message in received["Messages"]] == ["poison"]
    assert stage.log.count("done good") == 1
    assert "got poison for the 4. time" not in stage.log


def test_a_batch_whose_environment_is_killed_comes_again(stage: StageProcess) -> None:
    send(stage, "Queue", "before", "kill", "after")
    for body in ("before", "kill", "after"):
        stage.wait_for_log(f"done {body}", 60.0)
    assert "got kill for the 2. time" in stage.log


def test_messages_in_flight_survive_the_local_aws(stage: StageProcess) -> None:
    bodies = [f"slow {number}" for number in range(3)]
    send(stage, "Slow", *bodies)
    stage.wait_for_log("got slow ", 60.0)
    saved = state_folder(stage.folder) / "aws" / "state" / "sqs.json"
    wait_until(lambda: saved.exists() and bodies[-1] in saved.read_text(encoding="utf-8"))
    kill_and_wait(stage)
    for body in bodies:
        stage.wait_for_log(f"done {body}", 90.0)
