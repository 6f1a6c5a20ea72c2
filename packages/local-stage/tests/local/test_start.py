"""A start brings up API and local AWS, tells everybody of them, and lets nothing of the developer in."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_stage.state import RunningStage
from tests.local.revealing_app import create_user, get, sign_in, write_app
from tests.processes import descendants, listening_addresses
from tests.stage_process import StageProcess, running_stage

DEVELOPERS = {
    "AWS_ACCESS_KEY_ID": "AKIADEVELOPER",
    "AWS_CONFIG_FILE": "/nowhere/config",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_PROFILE": "gone",
    "AWS_SECRET_ACCESS_KEY": "of-the-developer",
    "AWS_SESSION_TOKEN": "of-the-developer",
    "DEVELOPERS_SECRET": "of-the-developer",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "LEVEL": "of-the-developer",
    "POWERTOOLS_LOG_LEVEL": "of-the-developer",
    "PYTHONSAFEPATH": "1",
    "http_proxy": "http://127.0.0.1:1",
}
"""What a developer may have set, and what nobody but the developer's own commands should see."""

SEEN_EVERYWHERE = {"HOME", "LANG", "PATH", "PWD", "SHLVL", "TMPDIR", "TZ"}
"""What may be the same by chance: a shell in front of the interpreter, as pyenv's, counts its level."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("start")
    (folder / "env.json").write_text('{"RevealingFunction": {"LEVEL": "DEBUG"}}')
    options = (
        *("--template", str(write_app(folder))),
        *("--parameter-overrides", "StageName=prod"),
        *("--env-vars", str(folder / "env.json")),
    )
    with running_stage(folder, *options, environment={**os.environ, **DEVELOPERS}) as stage:
        yield stage


@pytest.fixture(scope="module")
def token(stage: StageProcess) -> str:
    create_user(stage, "bob")
    return sign_in(stage, "bob")


def test_the_api_answers_as_soon_as_the_outputs_are_there(stage: StageProcess) -> None:
    assert get(stage, "/hello").status_code == 401


def test_a_signed_in_user_is_let_through(stage: StageProcess, token: str) -> None:
    answer = get(stage, "/hello", token)
    assert (answer.status_code, answer.json()["username"]) == (200, "bob")


@pytest.mark.parametrize("path", ["/hello", "/machine"])
def test_a_refresh_token_opens_nothing(stage: StageProcess, token: str, path: str) -> None:
    assert token
    assert get(stage, path, sign_in(stage, "bob", "RefreshToken")).status_code == 401


def test_the_outputs_file_holds_the_stacks_outputs_and_the_endpoint(stage: StageProcess) -> None:
    (stack,) = stage.client("cloudformation").describe_stacks(StackName="hello-api")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    assert stage.outputs == {**outputs, "AwsEndpointUrl": stage.aws_endpoint_url}
    assert outputs.keys() == {"ApiUrl", "ApiId", "UserPoolId", "UserPoolClientId"}


def test_a_parameter_override_names_the_stage(stage: StageProcess) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/prod", stage.api_url)
    assert get(stage, "/open").status_code == 200
    assert get(stage, "/open", url=stage.api_url.replace("/prod", "/dev")).status_code == 403


def test_the_env_vars_file_reaches_the_function(stage: StageProcess) -> None:
    assert get(stage, "/open").json()["environment"]["LEVEL"] == "DEBUG"


def test_the_function_is_led_to_the_local_aws(stage: StageProcess) -> None:
    environment = get(stage, "/open").json()["environment"]
    assert environment["AWS_ENDPOINT_URL"] == stage.aws_endpoint_url
    assert (environment["AWS_ACCESS_KEY_ID"], environment["AWS_REGION"]) == ("test", "ap-northeast-1")


def test_nothing_of_the_developers_environment_reaches_the_function(stage: StageProcess) -> None:
    environment = get(stage, "/open").json()["environment"]
    assert not set(DEVELOPERS.items()) & set(environment.items())
    assert not {name for name in environment if environment[name] == os.environ.get(name)} - SEEN_EVERYWHERE


def test_nothing_of_the_developers_environment_reaches_any_process_of_the_stage(stage: StageProcess) -> None:
    for pid in descendants(stage.pid):
        lines = Path(f"/proc/{pid}/environ").read_text().split("\0")
        assert not {f"{name}={value}" for name, value in DEVELOPERS.items()} & set(lines)


def test_every_process_listens_on_loopback_alone(stage: StageProcess) -> None:
    pids = {stage.pid, *descendants(stage.pid)}
    addresses = set().union(*map(listening_addresses, pids))
    assert {host for host, _ in addresses} == {"127.0.0.1"}
    assert len(addresses) >= 2


def test_other_commands_find_the_running_stage(stage: StageProcess) -> None:
    running = RunningStage.find(stage.state_folder)
    assert running is not None
    assert (running.pid, running.api_url) == (stage.pid, stage.api_url)
    assert (running.aws_endpoint_url, running.stack_name) == (stage.aws_endpoint_url, "hello-api")
    assert running.template == str(stage.folder / "template.yaml")


def test_keys_and_state_are_for_their_owner_alone(stage: StageProcess) -> None:
    state = stage.state_folder
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    open_to_others = [file for file in state.rglob("*") if file.is_file() and file.stat().st_mode & 0o077]
    assert open_to_others == []
    assert list(state.rglob("*.pem"))


def test_a_foreign_host_header_is_forbidden(stage: StageProcess, token: str) -> None:
    answer = get(stage, "/hello", token, host="evil.example")
    assert (answer.status_code, answer.text) == (403, '{"message":"Forbidden"}')
    assert answer.headers["x-amzn-ErrorType"] == "ForbiddenException"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1:1", "[::1]:3000", "aws"])
def test_the_apis_own_host_names_are_answered(stage: StageProcess, token: str, name: str) -> None:
    on_aws = f"{stage.outputs['ApiId']}.execute-api.ap-northeast-1.amazonaws.com"
    assert get(stage, "/hello", token, host=on_aws if name == "aws" else name).status_code == 200


def test_a_handler_that_cannot_be_imported_gives_502_and_its_traceback_in_the_log(
    stage: StageProcess,
) -> None:
    answer = get(stage, "/broken")
    assert (answer.status_code, answer.text) == (502, '{"message": "Internal server error"}')
    assert "package_that_nobody_has" in stage.wait_for_log("502 GET /prod/broken: ")


@pytest.mark.parametrize(
    "row",
    [
        ("GET", "/prod/hello", "PoolAuthorizer", "ID token"),
        ("GET", "/prod/machine", "PoolAuthorizer", "access token", "hello/read hello/write"),
        ("GET", "/prod/open", "none: open to all"),
    ],
)
def test_the_table_lists_each_route_with_authorizer_kind_of_token_and_scopes(
    stage: StageProcess, row: tuple[str, ...]
) -> None:
    lines = [re.split(r"\s{2,}|\s*│\s*", line.strip(" │")) for line in stage.printed.splitlines()]
    assert list(row) in [[cell for cell in cells if cell] for cells in lines]


def test_the_outputs_are_printed(stage: StageProcess) -> None:
    for name in ("ApiUrl", "UserPoolId", "UserPoolClientId"):
        assert re.search(rf"{name}\W+{re.escape(stage.outputs[name])}\s", stage.printed)


def test_what_is_not_run_is_printed(stage: StageProcess) -> None:
    assert "Alarm (AWS::CloudWatch::Alarm): it is not run locally\n" in stage.printed
    assert "HelloApi.TracingEnabled (AWS::Serverless::Api): nothing is sent to X-Ray" in stage.printed


def test_the_printed_commands_work_when_they_are_pasted(stage: StageProcess) -> None:
    """They ask the running stage, so whatever AWS settings the developer has does not matter."""
    printed = stage.printed.partition("Next\n")[2].partition("\n\n")[0]
    commands = [line.strip() for line in printed.splitlines()]
    assert len(commands) == 2
    disturbing = {name: value for name, value in DEVELOPERS.items() if not name.lower().endswith("_proxy")}
    pasted = subprocess.run(  # noqa: S603 - the commands that our own stage printed
        ["bash", "-e", "-c", "\n".join(commands)],  # noqa: S607 - whichever bash the developer has
        env={**os.environ, **disturbing},
        cwd=stage.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert pasted.returncode == 0, pasted.stderr
    assert pasted.stdout.endswith('"username": "alice"}')
