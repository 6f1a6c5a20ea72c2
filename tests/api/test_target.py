"""The suite finds its target by its environment, and a stack by its name, on AWS and locally alike."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping

import boto3
import pytest

from local_stage.cloudformation.template import read_template
from tests.api.deployed_stack import DeployedStack, StackNotFoundError, StackSettings
from tests.api.routes import METHODS, ROUTES
from tests.stage_process import REPOSITORY, StageProcess

ENDPOINT = "http://127.0.0.1:4566"
ON_AWS = (
    "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/dev",
    "https://hello-0-1-2.auth.eu-west-1.amazoncognito.com/oauth2/token",
)
IN_A_STAGE = ("http://127.0.0.1:3000/dev", f"{ENDPOINT}/oauth2/token")
"""ApiUrl and TokenEndpoint, as a stack's outputs tell them."""


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": ENDPOINT}, None),
        ({"AWS_SAM_STACK_NAME": ""}, None),
        ({"AWS_SAM_STACK_NAME": "hello"}, StackSettings("hello")),
        ({"AWS_SAM_STACK_NAME": "hello", "AWS_REGION": "eu-west-1"}, StackSettings("hello", "eu-west-1")),
        (
            {"AWS_SAM_STACK_NAME": "hello", "AWS_DEFAULT_REGION": "eu-west-1"},
            StackSettings("hello", "eu-west-1"),
        ),
        (
            {"AWS_SAM_STACK_NAME": "hello", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"},
            StackSettings("hello", "eu-west-1"),
        ),
        (
            {"AWS_SAM_STACK_NAME": "hello", "AWS_ENDPOINT_URL": ENDPOINT},
            StackSettings("hello", endpoint_url=ENDPOINT),
        ),
    ],
    ids=str,
)
def test_the_environment_names_the_stack(
    environment: Mapping[str, str], expected: StackSettings | None
) -> None:
    assert StackSettings.from_environment(environment) == expected


def stack_at(endpoint_url: str | None, api_url: str, token_endpoint: str) -> DeployedStack:
    outputs = {"ApiUrl": api_url, "TokenEndpoint": token_endpoint, "UserPoolId": "pool"}
    cognito = boto3.client("cognito-idp", region_name="eu-west-1")
    return DeployedStack(StackSettings("hello", endpoint_url=endpoint_url), outputs, {}, cognito)


def test_what_sam_cli_has_deployed_to_a_local_aws_is_called_there_and_not_on_aws() -> None:
    assert stack_at(ENDPOINT, *ON_AWS).at_endpoint().outputs == {
        "ApiUrl": f"{ENDPOINT}/_aws/execute-api/a1b2c3/dev",
        "TokenEndpoint": f"{ENDPOINT}/oauth2/token",
        "UserPoolId": "pool",
    }


@pytest.mark.parametrize(
    ("endpoint_url", "addresses"),
    [(None, ON_AWS), ("https://cloudformation.eu-west-1.amazonaws.com", ON_AWS), (ENDPOINT, IN_A_STAGE)],
    ids=["on AWS", "at an endpoint of AWS", "in a local stage"],
)
def test_any_other_stack_is_called_where_it_says(
    endpoint_url: str | None, addresses: tuple[str, str]
) -> None:
    stack = stack_at(endpoint_url, *addresses)
    assert stack.at_endpoint() is stack


def test_every_route_of_the_template_is_tested() -> None:
    """And no other: the paths and methods of the function's events are those of `ROUTES`."""
    template = read_template(REPOSITORY / "template.yaml", {}, "ap-northeast-1")
    events = template.source["Resources"]["HelloFunction"]["Properties"]["Events"].values()
    written = [(event["Properties"]["Method"], event["Properties"]["Path"]) for event in events]
    assert sorted(written) == sorted((route.method, route.path) for route in ROUTES)


def test_a_stack_that_is_not_there_is_named(stack: DeployedStack) -> None:
    """The suite does not turn to another target then."""
    settings = StackSettings("no-such-stack", stack.settings.region, stack.settings.endpoint_url)
    with pytest.raises(StackNotFoundError, match="no-such-stack"):
        DeployedStack.find(settings)


def test_cloudformation_tells_the_outputs_of_the_outputs_file(
    stack: DeployedStack, stage: StageProcess
) -> None:
    outputs = {name: value for name, value in stage.outputs.items() if name != "AwsEndpointUrl"}
    assert stack.outputs == outputs


def test_a_stack_is_found_by_its_name_and_left_as_it_was(stack: DeployedStack, stage: StageProcess) -> None:
    """A part of the suite, run as for a stack on AWS, meets this very stage and starts none of its own."""
    users, pools, log = count_users(stack), count_pools(stack), stage.log
    run = run_tests("tests/api/test_greetings.py", "tests/api/test_refused_tokens.py", stack=stack)
    assert run.returncode == 0, run.stdout
    assert re.search(r"[0-9]+ passed in", run.stdout)
    assert (count_users(stack), count_pools(stack)) == (users, pools)
    new = stage.log.removeprefix(log)
    assert all(f"200 {method} /dev{path} " in new for path, methods in METHODS.items() for method in methods)


def test_what_needs_a_stages_log_is_skipped_where_the_stage_is_not_the_suites(
    stack: DeployedStack, stage: StageProcess
) -> None:
    log = stage.log
    run = run_tests("tests/api/test_stage_log.py", stack=stack)
    assert re.search(r"\n[0-9]+ skipped in", run.stdout), run.stdout
    assert "needs the log or the private keys of a local stage" in run.stdout
    assert stage.log == log


def run_tests(*tests: str, stack: DeployedStack) -> subprocess.CompletedProcess[str]:
    """Run tests as a developer does who names the stack."""
    settings = stack.settings
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_SAM_STACK_NAME": settings.stack_name,
        "AWS_REGION": settings.region or "",
        "AWS_ENDPOINT_URL": settings.endpoint_url or "",
    }
    return subprocess.run(  # noqa: S603 - our own tests
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def count_users(stack: DeployedStack) -> int:
    pages = stack.cognito.get_paginator("list_users").paginate(UserPoolId=stack.user_pool_id)
    return sum(len(page["Users"]) for page in pages)


def count_pools(stack: DeployedStack) -> int:
    pages = stack.cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 60})
    return sum(len(page["UserPools"]) for page in pages)
