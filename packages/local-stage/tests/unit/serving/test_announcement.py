"""What is printed when the stage is up: routes, outputs, what is not run, and commands to paste."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.integrations.mock import MockIntegration
from local_stage.api_gateway.rest.rest_api import Method, Resource, RestApi
from local_stage.cognito.directory.sign_in_offer import SignInOffer
from local_stage.deployment.deployment import Deployment
from local_stage.errors import NotRun, NotRunLocally
from local_stage.serving.announcement import Announcement, announce, announce_as_json
from local_stage.state import DEFAULT_FOLDER, RunningApi, RunningStage

FUNCTION = LambdaProxyIntegration("arn:aws:lambda:ap-northeast-1:123456789012:function:hello")
POOL_ARN = "arn:aws:cognito-idp:ap-northeast-1:123456789012:userpool/ap-northeast-1_AbCdEfGhI"
PROGRAM = ".venv/bin/local-stage"
RUNNING = RunningStage(
    pid=1,
    api_url="http://127.0.0.1:3000/dev",
    aws_endpoint_url="http://127.0.0.1:4566",
    region="eu-west-1",
    stack_name="hello-api",
    template="/src/template.yaml",
    apis=(RunningApi("HelloApi", "dev", "http://127.0.0.1:3000/dev"),),
)


def resource(path: str, **methods: Method) -> Resource:
    return Resource("id", path, methods)


def method(verb: str = "GET", authorizer: str | None = "PoolAuthorizer", *scopes: str) -> Method:
    return Method(verb, FUNCTION, authorizer, scopes)


DEPLOYMENT = Deployment(
    apis=(
        RestApi(
            logical_id="HelloApi",
            api_id="a1b2c3d4e5",
            name="hello",
            stage_name="dev",
            deployment_id="dep123",
            resources=(
                resource("/about/me", GET=method()),
                resource(
                    "/hello",
                    POST=method("POST"),
                    GET=method(),
                    OPTIONS=Method("OPTIONS", MockIntegration(200)),
                ),
                resource("/machine", GET=method("GET", "PoolAuthorizer", "hello/read", "hello/write")),
                resource("/{proxy+}", ANY=method("ANY", None)),
            ),
            authorizers={"PoolAuthorizer": CognitoAuthorizerSettings("PoolAuthorizer", (POOL_ARN,))},
        ),
    ),
    functions={},
    outputs={"UserPoolId": "eu-west-1_Pool", "UserPoolClientId": "client1", "Odd": "[bold]:key:[/]"},
    local_user_pool_arns=frozenset({POOL_ARN}),
    not_run=NotRunLocally({"Alarm": "AWS::CloudWatch::Alarm"}, NotRun("Alarm", "it is not run locally")),
)


OFFER = SignInOffer("eu-west-1_Pool", "token alice --create --password Correct-Horse-7", "client1")
TOLD = Announcement(
    RUNNING,
    DEPLOYMENT,
    user_pool_arn=None,
    access_log=None,
    program=PROGRAM,
    state_folder=DEFAULT_FOLDER,
    sign_ins=(OFFER,),
)


def printed(capsys: pytest.CaptureFixture[str], **changes: Any) -> str:
    announce(replace(TOLD, **changes))
    return capsys.readouterr().out


def commands(**changes: Any) -> tuple[str, ...]:
    return replace(TOLD, **changes).next_commands


def cells(text: str) -> list[list[str]]:
    """Return each printed line as the words of a table."""
    return [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]


def printed_as_json(capsys: pytest.CaptureFixture[str], **changes: Any) -> dict[str, Any]:
    announce_as_json(replace(TOLD, **changes))
    (line,) = capsys.readouterr().out.splitlines()
    told: dict[str, Any] = json.loads(line)
    return told


def test_a_program_is_told_all_of_it_in_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed_as_json(capsys)
    assert told.pop("routes")[-2:] == [
        {
            "api": "HelloApi",
            "method": "GET",
            "path": "/dev/machine",
            "authorizer": "PoolAuthorizer",
            "token": "access",
            "scopes": ["hello/read", "hello/write"],
        },
        {
            "api": "HelloApi",
            "method": "ANY",
            "path": "/dev/{proxy+}",
            "authorizer": None,
            "token": None,
            "scopes": [],
        },
    ]
    assert told == {
        "api_url": "http://127.0.0.1:3000/dev",
        "console_url": "http://127.0.0.1:3000/.local-stage",
        "aws_endpoint_url": "http://127.0.0.1:4566",
        "template": "/src/template.yaml",
        "stack_name": "hello-api",
        "region": "eu-west-1",
        "apis": [
            {
                "name": "HelloApi",
                "url": "http://127.0.0.1:3000/dev",
                "console_url": "http://127.0.0.1:3000/.local-stage",
                "stage_name": "dev",
            }
        ],
        "outputs": dict(DEPLOYMENT.outputs),
        "user_pool_arn": None,
        "warnings": [],
        "api_keys": [],
        "not_run": ["Alarm (AWS::CloudWatch::Alarm): it is not run locally"],
        "access_log": None,
        "next": list(commands()),
    }


def test_a_program_is_told_of_a_pool_in_aws_and_of_an_access_log(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed_as_json(capsys, user_pool_arn=POOL_ARN, access_log=Path("/state/access.log"))
    assert (told["user_pool_arn"], told["access_log"]) == (POOL_ARN, "/state/access.log")


def test_it_begins_with_where_the_api_is_and_of_which_template(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys).startswith("\nhttp://127.0.0.1:3000/dev serves /src/template.yaml\n")


def test_it_says_where_the_page_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\nhttp://127.0.0.1:3000/.local-stage/ is its page: sign in, call, see why\n" in printed(capsys)


def test_after_a_save_what_is_new_is_told_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    announce(TOLD, before=TOLD)
    assert capsys.readouterr().out == ""
    outputs = {"UserPoolId": "eu-west-1_Other"}
    announce(replace(TOLD, deployment=replace(DEPLOYMENT, outputs=outputs), warnings=("Look.",)), before=TOLD)
    assert cells(capsys.readouterr().out) == [
        ["Outputs"], ["UserPoolId", "eu-west-1_Other"], [""], ["Look."], [""]
    ]  # fmt: skip


def test_a_template_below_the_current_folder_is_named_as_it_would_be_typed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    running = replace(RUNNING, template=str(Path.cwd() / "deep" / "template.yaml"))
    assert " serves deep/template.yaml\n" in printed(capsys, running=running)


@pytest.mark.parametrize(
    "row",
    [
        ["GET", "/dev/hello", "PoolAuthorizer", "ID token"],
        ["POST", "/dev/hello", "PoolAuthorizer", "ID token"],
        ["OPTIONS", "/dev/hello", "none: open to all"],
        ["GET", "/dev/machine", "PoolAuthorizer", "access token", "hello/read hello/write"],
        ["ANY", "/dev/{proxy+}", "none: open to all"],
    ],
)
def test_each_route_is_listed_with_what_it_asks_for(
    capsys: pytest.CaptureFixture[str], row: list[str]
) -> None:
    assert row in cells(printed(capsys))


def test_routes_are_in_the_order_of_their_paths(capsys: pytest.CaptureFixture[str]) -> None:
    paths = re.findall(r"^ ?[A-Z]+ +(/dev\S+)", printed(capsys), re.MULTILINE)
    assert paths == sorted(paths)
    assert len(paths) == 6


def test_outputs_are_printed_to_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    lines = cells(printed(capsys))
    assert ["UserPoolId", "eu-west-1_Pool"] in lines
    assert ["Odd", "[bold]:key:[/]"] in lines


def test_a_long_output_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, deployment=replace(DEPLOYMENT, outputs={"Long": "y" * 300}))
    assert "".join(re.findall("yyy+", text)) == "y" * 300


def test_what_is_not_run_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Not run locally\n  Alarm (AWS::CloudWatch::Alarm): it is not run locally\n" in printed(capsys)


def test_where_everything_is_run_nothing_is_said_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Not run" not in printed(capsys, deployment=replace(DEPLOYMENT, not_run=NotRunLocally({})))


def test_the_access_log_is_named_where_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "The access log is /state/access.log\n" in printed(capsys, access_log=Path("/state/access.log"))
    assert "access log" not in printed(capsys)


def test_a_pool_in_aws_is_named_and_no_user_is_made_in_the_local_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Tokens of local users would be refused."""
    text = printed(capsys, user_pool_arn=POOL_ARN)
    assert f"Tokens of {POOL_ARN} are accepted, and no others." in text
    assert " token alice" not in text
    assert 'curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:3000/dev/hello' in text


def test_commands_are_printed_on_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """A command that a terminal breaks cannot be pasted."""
    lines = printed(capsys).splitlines()
    for command in commands():
        assert f"  {command}" in lines


def test_the_commands_make_a_user_sign_in_and_call_the_first_of_the_shortest_paths() -> None:
    token, call = commands()
    assert token == "TOKEN=$(.venv/bin/local-stage token alice --create --password Correct-Horse-7)"
    assert shlex.split(call)[-1] == "http://127.0.0.1:3000/dev/hello"


def test_a_state_folder_of_its_own_is_named_to_the_other_commands_too() -> None:
    token, _ = commands(state_folder=Path("other state"))
    assert token.endswith(" --password Correct-Horse-7 --state-folder 'other state')")


def test_the_token_is_sent_in_the_header_that_the_authorizer_reads() -> None:
    authorizers = {"PoolAuthorizer": CognitoAuthorizerSettings("PoolAuthorizer", (POOL_ARN,), "X-Token")}
    deployment = replace(DEPLOYMENT, apis=(replace(DEPLOYMENT.rest_apis[0], authorizers=authorizers),))
    *_, call = commands(deployment=deployment)
    assert shlex.split(call)[2] == "X-Token: Bearer $TOKEN"


def test_where_nobody_can_sign_in_there_is_no_command() -> None:
    assert commands(sign_ins=(None,)) == ()


def test_without_a_protected_path_there_is_no_call() -> None:
    rest_api = replace(DEPLOYMENT.rest_apis[0], resources=(resource("/open", GET=method("GET", None)),))
    assert len(commands(deployment=replace(DEPLOYMENT, apis=(rest_api,)))) == 1
