"""The rest of a template runs as well: events of the local AWS reach the stage's own functions."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from local_stage.cloudformation.deployed_stack import DeployedStack
from local_stage.deployment.function_sources import build_source_event
from local_stage.errors import UsageError
from tests.local.commands.command import run_beside
from tests.local.sources_template import TEMPLATE
from tests.processes import wait_until
from tests.stage_process import REPOSITORY, StageProcess, running_stage

PASSWORD = "Correct-Horse-7"
NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not on the PATH")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("sources")
    (folder / "template.yaml").write_text(TEMPLATE)
    with running_stage(folder, "--template", "template.yaml") as running:
        yield running


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
        assert int(told[2]) < 10_000


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


def _wait_for_execution(client: Any, arn: str) -> Any:
    while (described := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        pass
    return json.loads(described["output"])


def test_a_pools_triggers_decide_who_signs_up_and_what_the_tokens_say(stage: StageProcess) -> None:
    cognito, client_id = stage.client("cognito-idp"), stage.outputs["UserPoolClientId"]
    cognito.sign_up(ClientId=client_id, Username="alice", Password=PASSWORD)
    with pytest.raises(cognito.exceptions.UserLambdaValidationException):
        cognito.sign_up(ClientId=client_id, Username="mallory", Password=PASSWORD)
    tokens = _sign_in(cognito, client_id, "alice")
    assert _read_claims(tokens["IdToken"])["plan"] == "gold"
    cognito.sign_up(ClientId=client_id, Username="trudy", Password=PASSWORD)
    with pytest.raises(cognito.exceptions.ClientError):
        _sign_in(cognito, client_id, "trudy")


def _sign_in(cognito: Any, client_id: str, username: str) -> Any:
    parameters = {"USERNAME": username, "PASSWORD": PASSWORD}
    return cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )["AuthenticationResult"]


def _read_claims(token: str) -> Any:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


SHOWN: Mapping[str, Callable[[Any], str]] = {
    "sqs": lambda event: event["Records"][0]["eventSourceARN"].rpartition(":")[2],
    "sns": lambda event: event["Records"][0]["Sns"]["TopicArn"],
    "s3": lambda event: event["Records"][0]["s3"]["bucket"]["name"],
    "kinesis": lambda event: event["Records"][0]["eventSourceARN"].rpartition("/")[2],
    "dynamodb": lambda event: event["Records"][0]["eventSourceARN"].split("/")[1],
    "eventbridge": lambda event: event["source"],
    "schedule": lambda event: event["every"],
}
"""Where an event of each type names its source."""


def test_an_event_of_each_type_names_the_templates_source(stage: StageProcess) -> None:
    stack = DeployedStack.of_running_stage(stage.find_running())
    outputs = stage.outputs
    named = {kind: shown(build_source_event(stack, "Worker", kind)) for kind, shown in SHOWN.items()}
    assert named == {
        "sqs": outputs["QueueUrl"].rpartition("/")[2],
        "sns": outputs["TopicArn"],
        "s3": outputs["BucketName"],
        "kinesis": outputs["StreamName"],
        "dynamodb": outputs["TableName"],
        "eventbridge": "orders",
        "schedule": "minute",
    }
    image = build_source_event(stack, "Worker", "dynamodb", {"total": 3})["Records"][0]["dynamodb"]
    assert image["NewImage"] == {"id": {"S": "1"}, "total": {"N": "3"}}
    triggered = build_source_event(stack, "Triggers", "cognito:PreTokenGeneration")
    assert triggered["triggerSource"] == "TokenGeneration_Authentication"
    assert triggered["callerContext"]["clientId"] == outputs["UserPoolClientId"]


def test_a_function_is_invoked_with_an_event_of_its_source(stage: StageProcess) -> None:
    ended = run_beside(stage, "invoke", "Worker", "--event-type", "sqs", "-e", "-", standard_input='{"a": 1}')
    record = json.loads(ended.stdout)["given"]["Records"][0]
    assert (ended.returncode, record["eventSource"], record["body"]) == (0, "aws:sqs", '{"a": 1}')
    triggered = json.loads(run_beside(stage, "invoke", "Triggers", "--event-type", "cognito").stdout)
    assert triggered["response"]["autoConfirmUser"] is True


@NODE
def test_a_function_in_node_is_too(stage: StageProcess) -> None:
    ended = run_beside(stage, "invoke", "NodeWorker", "--event-type", "schedule")
    assert (ended.returncode, ended.stdout) == (0, '"daily"\n')


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("Worker", "kafka"), "--event-type kafka: is none of sqs, sns, s3, kinesis, dynamodb, eventbridge"),
        (("NodeWorker", "sqs"), "--event-type sqs: NodeWorker has no such source; it has schedule"),
        (
            ("Nobody", "sqs"),
            "Nobody is no function of the template; its functions: Caller, Dropping, Failing, Filtering, ",
        ),
    ],
)
def test_what_the_template_does_not_say_is_refused(
    stage: StageProcess, arguments: tuple[str, str], why: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(why)):
        build_source_event(DeployedStack.of_running_stage(stage.find_running()), *arguments)


def run_tool(stage: StageProcess, folder: Path, *command: str | Path) -> str:
    """Return what a program of the environment with SAM CLI prints, which knows the local AWS alone."""
    running = stage.find_running()
    ended = subprocess.run(  # noqa: S603 - a fixed command
        [REPOSITORY / ".venv-sam" / "bin" / command[0], *command[1:]],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        env={"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        | {"AWS_DEFAULT_REGION": running.region, "AWS_ENDPOINT_URL": running.aws_endpoint_url}
        | {"HOME": str(folder), "SAM_CLI_TELEMETRY": "0"},
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.whole
@pytest.mark.parametrize("function", ["WorkerName", pytest.param("NodeName", marks=NODE)])
def test_the_aws_cli_and_sam_cli_invoke_functions_of_python_and_nodejs(
    stage: StageProcess, tmp_path: Path, function: str
) -> None:
    name, payload = stage.outputs[function], _write(tmp_path, b'{"resources": ["rule/daily"]}')
    wanted = "daily" if function == "NodeName" else {"given": {"resources": ["rule/daily"]}}
    given, response = ("--function-name", name, "--payload", f"fileb://{payload}"), tmp_path / "response.json"
    run_tool(stage, tmp_path, "aws", "lambda", "invoke", *given, response)
    assert json.loads(response.read_text()) == wanted
    by_stack = ("--stack-name", stage.find_running().stack_name, "--event-file", payload)
    logical_id = function.replace("WorkerName", "Worker").replace("NodeName", "NodeWorker")
    for named in ((arn_of(stage, name), "--event-file", payload), (logical_id, *by_stack)):
        assert json.loads(run_tool(stage, tmp_path, "sam", "remote", "invoke", *named)) == wanted


@pytest.mark.whole
def test_sam_cli_shows_the_functions_error_and_its_log(stage: StageProcess, tmp_path: Path) -> None:
    payload = _write(tmp_path, b'{"fail": true}')
    shown = run_tool(
        stage, tmp_path, "sam", "remote", "invoke", arn_of(stage, stage.outputs["WorkerName"]),
        "--event-file", payload, "--output", "json",
    )  # fmt: skip
    told = json.loads(shown)
    assert (told["FunctionError"], json.loads(told["Payload"])["errorType"]) == ("Unhandled", "KeyError")
    assert "worker" in base64.b64decode(told["LogResult"]).decode()


def arn_of(stage: StageProcess, name: str) -> str:
    arn: str = stage.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    return arn


def _write(folder: Path, payload: bytes) -> Path:
    (folder / "payload.json").write_bytes(payload)
    return folder / "payload.json"


@pytest.mark.whole
def test_schedules_of_both_kinds_fire_after_a_minute(stage: StageProcess) -> None:
    for text in ('{"every": "minute"}', '{"v2": "minute"}'):
        stage.wait_for_log(text, 90.0)
