"""`operations/deploy` makes a second stack beside an API's, and hands it the outputs of the first."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator

import pytest

from local_stage.cloudformation.boto3_clients import ACCESS_KEY, SECRET_KEY
from local_stage.cloudformation.local_aws import LocalAwsSettings
from tests.deploy.built_artifact import REPOSITORY, SAM_ENVIRONMENT
from tests.local.local_aws_process import REGION, running_local_aws

API = "hello-api-staging"
SECOND = f"{API}-operations"
OUTPUTS = {
    "ApiId": "abcde12345",
    "UserPoolId": f"{REGION}_Example",
    "HelloFunctionName": "hello-function",
    "TokenEndpoint": "https://hello.auth.example.com/oauth2/token?a=b",
    "DeploymentAlarms": "arn:aws:cloudwatch:one,arn:aws:cloudwatch:two",
}


@pytest.fixture(scope="module")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAwsSettings]:
    """A local AWS with a stack that has the outputs of an API in staging, without an access log."""
    with running_local_aws(tmp_path_factory.mktemp("operations")) as settings:
        template = {
            "Resources": {"AlarmTopic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {
                "AlarmTopicArn": {"Value": {"Ref": "AlarmTopic"}},
                **{name: {"Value": value} for name, value in OUTPUTS.items()},
            },
        }
        cloudformation = settings.client("cloudformation")
        cloudformation.create_stack(StackName=API, TemplateBody=json.dumps(template))
        cloudformation.get_waiter("stack_create_complete").wait(StackName=API, WaiterConfig={"Delay": 1})
        yield settings


def deploy(local_aws: LocalAwsSettings, *parameters: str) -> None:
    environment = {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": local_aws.endpoint_url,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "NO_PROXY": "127.0.0.1",
        "PATH": f"{SAM_ENVIRONMENT}{os.pathsep}{os.environ['PATH']}",
    }
    command = [str(REPOSITORY / "operations" / "deploy"), API, "staging", *parameters]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    assert done.returncode == 0, done.stdout + done.stderr


def read_parameters(local_aws: LocalAwsSettings) -> dict[str, str]:
    (stack,) = local_aws.client("cloudformation").describe_stacks(StackName=SECOND)["Stacks"]
    return {
        parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack.get("Parameters", [])
    }


def test_the_second_stack_gets_the_outputs_and_keeps_what_was_chosen(local_aws: LocalAwsSettings) -> None:
    deploy(local_aws, "AlarmEmail=operations@example.com")
    first = read_parameters(local_aws)
    deploy(local_aws)
    topics = local_aws.client("sns").list_topics()["Topics"]
    assert (
        first
        == read_parameters(local_aws)
        == {
            "ApiName": API,
            "Environment": "staging",
            "ApiId": OUTPUTS["ApiId"],
            "UserPoolId": OUTPUTS["UserPoolId"],
            "HelloFunctionName": OUTPUTS["HelloFunctionName"],
            "AccessLogGroup": "",
            "AlarmTopicArn": topics[0]["TopicArn"],
            "DeploymentAlarms": OUTPUTS["DeploymentAlarms"],
            "AlarmEmail": "operations@example.com",
            "WebAcl": "disabled",
        }
    )


def test_the_dashboard_shows_the_alarms_and_the_mail_is_subscribed(local_aws: LocalAwsSettings) -> None:
    deploy(local_aws, "AlarmEmail=operations@example.com")
    resources = local_aws.client("cloudformation").describe_stack_resources(StackName=SECOND)[
        "StackResources"
    ]
    made = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
    assert made.keys() == {"Dashboard", "AlarmMail"}
    shown = local_aws.client("cloudwatch").get_dashboard(DashboardName=made["Dashboard"])
    assert json.loads(shown["DashboardBody"])["widgets"][-1]["properties"]["alarms"] == [
        "arn:aws:cloudwatch:one",
        "arn:aws:cloudwatch:two",
    ]
