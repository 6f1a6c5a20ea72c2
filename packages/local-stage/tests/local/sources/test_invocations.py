"""A function of the template is invoked by hand: by `local-stage invoke`, the AWS CLI and SAM CLI."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from local_stage.cloudformation.deployed_stack import DeployedStack
from local_stage.deployment.function_sources import build_source_event
from local_stage.errors import UsageError
from tests.local.commands.command import run_beside
from tests.stage_process import REPOSITORY, StageProcess

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not on the PATH")
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
    refreshed = build_source_event(stack, "Triggers", "cognito:TokenGeneration_RefreshTokens")
    assert refreshed["triggerSource"] == "TokenGeneration_RefreshTokens"
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


def test_a_resource_leads_to_its_stack_by_the_name_that_it_has_in_aws(stage: StageProcess) -> None:
    """SAM CLI asks so; of what is in no stack CloudFormation says that it is not there."""
    cloudformation, name = stage.client("cloudformation"), stage.outputs["WorkerName"]
    told = cloudformation.describe_stack_resources(PhysicalResourceId=name)["StackResources"]
    assert {one["StackName"] for one in told} == {stage.find_running().stack_name}
    assert [one["LogicalResourceId"] for one in told if one["PhysicalResourceId"] == name] == ["Worker"]
    by_stack = cloudformation.describe_stack_resources(StackName=told[0]["StackName"])["StackResources"]
    assert len(by_stack) == len(told)
    with pytest.raises(cloudformation.exceptions.ClientError, match="does not exist"):
        cloudformation.describe_stack_resources(PhysicalResourceId="nothing")


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
    by_event = ("--event-file", payload)
    for named in ((arn_of(stage, name), *by_event), (name, *by_event), (logical_id, *by_stack)):
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
