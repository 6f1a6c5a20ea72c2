"""The rest of a template runs as well: events of the local AWS reach the stage's own functions."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
import requests

from tests.local.commands.command import run_beside
from tests.local.emulated_pool import PASSWORD, decode
from tests.local.revealing_app import sign_in
from tests.processes import wait_until
from tests.stage_process import StageProcess


def test_every_event_source_is_there(stage: StageProcess) -> None:
    not_run = stage.printed.partition("Not run locally\n")[2].partition("\n\n")[0].splitlines()
    assert not_run == ["  Resources: there is no API to serve, so that no request reaches a function"]


def test_a_queue_a_topic_a_bucket_a_stream_a_table_and_a_bus_reach_the_function(stage: StageProcess) -> None:
    mark, outputs = uuid.uuid4().hex, stage.outputs
    stage.client("sqs").send_message(QueueUrl=outputs["QueueUrl"], MessageBody=f"sqs {mark}")
    for colour in ("red", "blue"):
        attribute = {"colour": {"DataType": "String", "StringValue": colour}}
        stage.client("sns").publish(
            TopicArn=outputs["TopicArn"], Message=f"{colour} {mark}", MessageAttributes=attribute
        )
    stage.client("s3").put_object(Bucket=outputs["BucketName"], Key=f"s3-{mark}", Body=b"")
    stage.client("kinesis").put_record(
        StreamName=outputs["StreamName"], Data=b"1", PartitionKey=f"kinesis-{mark}"
    )
    stage.client("dynamodb").put_item(TableName=outputs["TableName"], Item={"id": {"S": f"table-{mark}"}})
    detail = json.dumps({"bus": mark})
    stage.client("events").put_events(Entries=[{"Source": "orders", "DetailType": "x", "Detail": detail}])
    for text in (
        f"sqs {mark}",
        f"blue {mark}",
        f"s3-{mark}",
        f"kinesis-{mark}",
        f"table-{mark}",
        f'"bus": "{mark}"',
    ):
        stage.wait_for_log(text)
    assert f"red {mark}" not in stage.log
    for source in ("sqs", "sns", "s3", "kinesis", "dynamodb", "events"):
        log = stage.wait_for_log(f"Worker was invoked by {source} ")
        told = re.search(rf"by {source} (at most )?(\d+) ms after the event, and succeeded in \d+ ms", log)
        assert told is not None, log
        assert int(told[2]) < 60_000


def test_what_a_filter_does_not_let_pass_reaches_nobody(stage: StageProcess) -> None:
    mark, outputs = uuid.uuid4().hex, stage.outputs
    for colour in ("red", "blue"):
        body = json.dumps({"colour": colour, "mark": mark})
        stage.client("sqs").send_message(QueueUrl=outputs["FilteredQueueUrl"], MessageBody=body)
    key = {"id": {"S": f"filtered-{mark}"}}
    for item in (key, {**key, "note": {"S": f"changed-{mark}"}}, {"id": {"S": f"last-{mark}"}}):
        stage.client("dynamodb").put_item(TableName=outputs["TableName"], Item=item)
    told = {"colour": "blue", "mark": mark}
    stage.wait_for_log(json.dumps(json.dumps(told))[1:-1])
    stage.wait_for_log(f"last-{mark}")
    assert f"filtered-{mark}" in stage.log
    assert (f"changed-{mark}" in stage.log, '{\\"colour\\": \\"red\\"' in stage.log) == (False, False)


@pytest.mark.parametrize(
    ("function", "queue", "attempts"),
    [("FailingName", "FailedUrl", 2), ("DroppingName", "DeadLettersUrl", 1)],
)
def test_an_event_that_fails_comes_again_and_is_then_sent_where_the_template_says(
    stage: StageProcess, function: str, queue: str, attempts: int
) -> None:
    """To a destination, and to a dead-letter queue."""
    mark, name = uuid.uuid4().hex, stage.outputs[function]
    stage.client("lambda").invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps({"failing": mark})
    )
    sqs, url = stage.client("sqs"), stage.outputs[queue]
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    sent = json.loads(message["Body"])
    assert sent["requestPayload"] == {"failing": mark}
    assert (sent["requestContext"]["condition"], sent["responsePayload"]["errorMessage"]) == (
        "RetriesExhausted",
        "as always",
    )
    assert stage.log.count(f"failing {{'failing': '{mark}'}}") == attempts


def test_the_console_lists_invocations_without_a_request(stage: StageProcess) -> None:
    client, name, mark = stage.client("lambda"), stage.outputs["WorkerName"], uuid.uuid4().hex
    client.invoke(FunctionName=name, Payload=json.dumps({"listed": mark}))
    client.invoke(FunctionName=name, Payload=b'{"fail": true}')
    run_beside(stage, "invoke", "Worker", "-e", "-", standard_input="{}")
    url = f"{stage.find_running().console_url}/requests"
    told = requests.get(url, timeout=30).json()["invocations"]
    listed = next(one for one in told if any(mark in line["text"] for line in one["log"]))
    assert (listed["function"], listed["source"], listed["error_type"]) == ("Worker", "Lambda's API", None)
    later = [one for one in told if one["number"] > listed["number"]]
    assert "KeyError" in {one["error_type"] for one in later}
    assert "local-stage invoke" in {one["source"] for one in later}


def test_lambdas_own_api_invokes_the_function_and_tells_its_error_as_it_was(stage: StageProcess) -> None:
    client, name = stage.client("lambda"), stage.outputs["WorkerName"]
    invoked = client.invoke(FunctionName=name, Payload=b'{"a": [1]}')
    assert (json.load(invoked["Payload"]), invoked.get("FunctionError")) == ({"given": {"a": [1]}}, None)
    failed = client.invoke(FunctionName=name, Payload=b'{"fail": true}')
    error = json.load(failed["Payload"])
    assert (failed["FunctionError"], error["errorType"]) == ("Unhandled", "KeyError")
    assert any("as it was asked to" in frame for frame in error["stackTrace"])
    mark = uuid.uuid4().hex
    event = client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"async": mark}))
    assert event["StatusCode"] == 202
    stage.wait_for_log(mark)


def test_a_function_invokes_another_by_boto3_and_sees_the_templates_table(stage: StageProcess) -> None:
    mark = uuid.uuid4().hex
    for event in ({"called": mark}, {"fail": True}):
        ended = run_beside(stage, "invoke", "Caller", "-e", "-", standard_input=json.dumps(event))
        told = json.loads(ended.stdout)
        assert told["has_table"], told
        if event == {"fail": True}:
            assert (told["error"], told["payload"]["errorType"]) == ("Unhandled", "KeyError")
        else:
            assert (told["error"], told["payload"]) == (None, {"given": event})
    wanted = f'worker {{"called": "{mark}"}}'
    wait_until(lambda: stage.log.count(wanted) == 2)


def test_a_state_machine_runs_the_function_and_catches_its_error(stage: StageProcess) -> None:
    client = stage.client("stepfunctions")
    outcomes = []
    for given in ('{"ok": 1}', '{"fail": true}'):
        started = client.start_execution(stateMachineArn=stage.outputs["MachineArn"], input=given)
        outcomes.append(_wait_for_execution(client, started["executionArn"]))
    assert outcomes == [{"given": {"ok": 1}}, "caught"]
    wait_until(lambda: all(count_by_api(stage, told) for told in ("succeeded", "failed with KeyError")))


def count_by_api(stage: StageProcess, outcome: str) -> int:
    """Count the lines of latency of what calls Lambda's API: state machines, and schedules with an Input."""
    return len(re.findall(rf"Worker was invoked by Lambda's API, and {outcome} in \d+ ms", stage.log))


def _wait_for_execution(client: Any, arn: str) -> Any:
    wait_until(lambda: client.describe_execution(executionArn=arn)["status"] != "RUNNING")
    return json.loads(client.describe_execution(executionArn=arn)["output"])


def test_a_pools_triggers_decide_who_signs_up_and_what_the_tokens_say(stage: StageProcess) -> None:
    cognito, client_id = stage.client("cognito-idp"), stage.outputs["UserPoolClientId"]
    cognito.sign_up(ClientId=client_id, Username="alice", Password=PASSWORD)
    with pytest.raises(cognito.exceptions.UserLambdaValidationException):
        cognito.sign_up(ClientId=client_id, Username="mallory", Password=PASSWORD)
    assert decode(sign_in(stage, "alice"))["plan"] == "gold"
    cognito.sign_up(ClientId=client_id, Username="trudy", Password=PASSWORD)
    with pytest.raises(cognito.exceptions.ClientError):
        sign_in(stage, "trudy")


@pytest.mark.whole
def test_schedules_of_both_kinds_fire_after_a_minute(stage: StageProcess) -> None:
    inputs = ('{"every": "minute"}', '{"v2": "minute"}')
    for text in inputs:
        stage.wait_for_log(text, 90.0)
    wait_until(lambda: count_by_api(stage, "succeeded") >= sum(map(stage.log.count, inputs)))
