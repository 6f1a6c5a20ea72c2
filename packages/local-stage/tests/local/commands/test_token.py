"""`local-stage token`: a real sign-in, and the token alone on standard output."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from local_stage.cloudformation.pool_front.totp import STEP, make_code
from local_stage.errors import spell_program
from tests.local.commands.command import AWS_ENVIRONMENT, deployed_options, run_beside, run_command
from tests.stage_process import COMMAND, StageProcess
from tests.tokens import decode_part

PASSWORD = "Correct-Horse-7"
PROGRAM = spell_program(str(COMMAND))


def call(stage: StageProcess, path: str, token: str) -> requests.Response:
    return requests.get(f"{stage.api_url}{path}", headers={"Authorization": token}, timeout=30)


def token_of(stage: StageProcess, *arguments: str, **environment: str) -> str:
    """Return what the command prints on standard output, without the end of the line.

    Where the flow is not what is tested it is the plain one: SRP costs both sides much computing.
    """
    is_plain = {"--flow", "--machine", "--mfa-code", "--scope"}.isdisjoint(arguments)
    flow = ("--flow", "password") if is_plain else ()
    ended = run_beside(stage, "token", *arguments, *flow, environment=environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.removesuffix("\n")


def refusal(stage: StageProcess, exit_code: int, *arguments: str) -> str:
    """Return what the command says when it prints no token."""
    ended = run_beside(stage, "token", *arguments)
    assert (ended.returncode, ended.stdout) == (exit_code, ""), ended.stderr
    return ended.stderr


def administrate(stage: StageProcess) -> Any:
    """Return a boto3 client of the stage's pool."""
    from local_stage.cloudformation.boto3_clients import new_session  # noqa: PLC0415 - slow to import

    return new_session("ap-northeast-1").client("cognito-idp", endpoint_url=stage.aws_endpoint_url)


def test_a_user_is_made_and_the_token_opens_the_api(stage: StageProcess) -> None:
    token = token_of(stage, "ann", "--create")
    answer = call(stage, "/hello", token)
    assert (answer.status_code, answer.json()["username"]) == (200, "ann")


@pytest.mark.parametrize("again", [("--create",), ()])
def test_a_second_call_gives_a_token_of_the_same_user(stage: StageProcess, again: tuple[str, ...]) -> None:
    """Also without --create: the state folder keeps the password that was made up."""
    first, second = (decode_part(token_of(stage, "ben", *options), 1) for options in (("--create",), again))
    assert first["sub"] == second["sub"]
    assert first["jti"] != second["jti"]


def test_everything_but_the_token_goes_to_standard_error(stage: StageProcess) -> None:
    ended = run_beside(stage, "token", "cat", "--create")
    assert ended.stdout.count("\n") == 1
    assert ended.stdout.count(".") == 2
    assert ended.stderr == "cat is a user now\n"


@pytest.mark.parametrize("options", [(), ("--expired",), ("--group", "admins")])
def test_nobodys_password_is_replaced(stage: StageProcess, options: tuple[str, ...]) -> None:
    name = f"bob{len(options)}{''.join(options)[2:3]}"
    run_beside(stage, "users", "create", name, "--password", PASSWORD)
    ended = run_beside(stage, "token", name, "--create", *options)
    assert (ended.returncode, ended.stdout) == (2, "")
    why = f"{name} is there already, and --create replaces nobody's password; sign in with --password"
    set_password = f"or set one: `local-stage users set-password {name}`"
    assert ended.stderr == f"local-stage: {why}, {set_password}\n"
    told = run_beside(stage, "token", name, "--create", "--password", PASSWORD, *options)
    assert told.returncode == 0, told.stderr
    assert told.stderr == f"{name} is there already, and keeps the password that is set\n"
    assert "user name or password is wrong" in refusal(
        stage, 1, name, "--create", "--password", "Other-Horse-8"
    )
    assert token_of(stage, name, "--password", PASSWORD)


def test_a_group_is_joined_before_the_sign_in(stage: StageProcess) -> None:
    token = token_of(stage, "dan", "--create", "--group", "admins", "--group", "new-group")
    assert set(decode_part(token, 1)["cognito:groups"]) == {"admins", "new-group"}
    assert call(stage, "/admin/hello", token).status_code == 200


def test_the_access_token_is_given_on_demand(stage: StageProcess) -> None:
    assert decode_part(token_of(stage, "eve", "--create", "--kind", "access"), 1)["token_use"] == "access"


@pytest.mark.parametrize("flow", ["srp", "password"])
def test_a_password_of_the_environment_signs_in_by_either_flow(stage: StageProcess, flow: str) -> None:
    token_of(stage, "fay", "--create", LOCAL_STAGE_PASSWORD=PASSWORD)
    token = token_of(stage, "fay", "--flow", flow, LOCAL_STAGE_PASSWORD=PASSWORD)
    assert call(stage, "/hello", token).status_code == 200


def test_a_password_is_read_from_standard_input(stage: StageProcess) -> None:
    token_of(stage, "gus", "--create", "--password", PASSWORD)
    ended = run_beside(stage, "token", "gus", "--password", "-", standard_input=f"{PASSWORD}\n")
    assert call(stage, "/hello", ended.stdout.strip()).status_code == 200


def test_a_password_that_is_no_text_is_refused(stage: StageProcess) -> None:
    command = [str(COMMAND), "token", "gus", "--password", "-", "--state-folder", str(stage.state_folder)]
    ended = subprocess.run(command, input=b"\xff\n", capture_output=True, check=False, timeout=240)  # noqa: S603
    assert ended.returncode == 2
    assert (ended.stdout, ended.stderr) == (b"", b"local-stage: standard input is not UTF-8 text\n")


def test_a_machine_gets_a_token_with_the_scope(stage: StageProcess) -> None:
    for arguments in (["--machine"], ["--scope", "hello/read"]):
        token = token_of(stage, *arguments)
        assert decode_part(token, 1)["scope"] == "hello/read"
        assert call(stage, "/machine/hello", token).status_code == 200


def test_a_header_for_curl(stage: StageProcess) -> None:
    name, _, token = token_of(stage, "ian", "--create", "--header").partition(": ")
    assert name == "Authorization"
    assert call(stage, "/hello", token).status_code == 200


def test_json_has_the_claims_beside_the_token(stage: StageProcess) -> None:
    answer = json.loads(token_of(stage, "jan", "--create", "--json"))
    assert answer["claims"] == decode_part(answer["token"], 1)


def test_it_is_copied_to_the_clipboard_and_not_printed(stage: StageProcess, tmp_path: Path) -> None:
    clipboard = tmp_path / "clipboard"
    (tmp_path / "wl-copy").write_text(f"#!/bin/sh\ncat >{clipboard}\n")
    (tmp_path / "wl-copy").chmod(0o700)
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert token_of(stage, "kim", "--create", "--copy", PATH=path) == ""
    assert call(stage, "/hello", clipboard.read_text()).status_code == 200


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--expired"], "token expired 1 h"),
        (["--not-yet-valid"], "iat is 5"),
        (["--tampered"], "signature does not fit key"),
        (["--other-pool"], "token of another user pool"),
        (["--algorithm", "none"], "token header has alg 'none'"),
    ],
)
def test_a_broken_token_is_refused_for_the_very_reason(
    stage: StageProcess, options: list[str], reason: str
) -> None:
    token = token_of(stage, "lea", "--create", *options)
    stage.new_log()
    assert call(stage, "/hello", token).status_code == 401
    assert any(f"401 GET /dev/hello: {reason}" in line for line in stage.new_log())


def test_a_machines_broken_token_is_refused_too(stage: StageProcess) -> None:
    token = token_of(stage, "--machine", "--expired")
    stage.new_log()
    assert call(stage, "/machine/hello", token).status_code == 401
    assert any("401 GET /dev/machine/hello: token expired" in line for line in stage.new_log())


def test_not_yet_valid_goes_by_the_stages_clock(stage: StageProcess) -> None:
    run_beside(stage, "clock", "advance", "1d")
    try:
        token = token_of(stage, "lea", "--create", "--not-yet-valid")
        stage.new_log()
        assert call(stage, "/hello", token).status_code == 401
        assert any("401 GET /dev/hello: iat is 5" in line for line in stage.new_log())
    finally:
        run_beside(stage, "clock", "reset")


def test_a_wrong_password_is_refused_with_what_to_do(stage: StageProcess) -> None:
    token_of(stage, "moe", "--create")
    why = refusal(stage, 1, "moe", "--password", "wrong")
    assert why.startswith(
        "local-stage: moe: user name or password is wrong, and the pool does not say which;"
    )
    assert "`local-stage users set-password moe`" in why


def test_a_temporary_password_is_refused_with_what_to_do(stage: StageProcess) -> None:
    administrate(stage).admin_create_user(
        UserPoolId=stage.outputs["UserPoolId"],
        Username="ned",
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
    )
    why = refusal(stage, 1, "ned", "--password", PASSWORD)
    assert "still has the temporary password of an administrator; `local-stage users set-password ned`" in why


def test_a_second_factor_is_asked_for_and_its_code_taken(stage: StageProcess) -> None:
    access_token = token_of(stage, "oda", "--create", "--password", PASSWORD, "--kind", "access")
    cognito = administrate(stage)
    secret = cognito.associate_software_token(AccessToken=access_token)["SecretCode"]
    step = int(time.time()) // STEP
    cognito.verify_software_token(AccessToken=access_token, UserCode=make_code(secret, step))
    cognito.set_user_mfa_preference(
        AccessToken=access_token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    why = refusal(stage, 1, "oda", "--password", PASSWORD)
    assert "signs in with an authenticator app as well; pass its code with --mfa-code" in why
    assert token_of(stage, "oda", "--password", PASSWORD, "--mfa-code", make_code(secret, step + 1))


def test_a_password_that_the_policy_refuses_makes_no_user(stage: StageProcess) -> None:
    assert "assword" in refusal(stage, 1, "pia", "--create", "--password", "short")
    assert "user name or password is wrong" in refusal(stage, 1, "pia", "--password", "short")


def test_a_scope_that_the_machine_may_not_have(stage: StageProcess) -> None:
    assert "may not have hello/write" in refusal(stage, 1, "--scope", "hello/write")


def test_without_a_password_and_a_terminal_it_says_where_to_put_one(stage: StageProcess) -> None:
    assert "no password of quinn; pass it in LOCAL_STAGE_PASSWORD" in refusal(stage, 2, "quinn")


class TestDeployedStack:
    """A stack found as one on AWS is, by its name and an endpoint."""

    def test_a_new_user_signs_in(self, stage: StageProcess) -> None:
        ended = run_command("token", "ray", "--create", *deployed_options(stage), environment=AWS_ENVIRONMENT)
        assert call(stage, "/hello", ended.stdout.strip()).status_code == 200

    def test_the_environments_endpoint_is_taken(self, stage: StageProcess) -> None:
        environment = AWS_ENVIRONMENT | {
            "AWS_ENDPOINT_URL": stage.aws_endpoint_url,
            "AWS_REGION": "ap-northeast-1",
        }
        ended = run_command("token", "--machine", "--stack-name", "hello-api", environment=environment)
        assert call(stage, "/machine/hello", ended.stdout.strip()).status_code == 200

    def test_nobodys_password_is_replaced(self, stage: StageProcess) -> None:
        token_of(stage, "sue", "--create", "--password", PASSWORD)
        command = [str(COMMAND), "token", "sue", "--create", *deployed_options(stage)]
        environment = {**os.environ, **AWS_ENVIRONMENT}
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        assert ended.returncode == 2
        assert f"`{PROGRAM} users set-password sue --stack-name hello-api`" in ended.stderr
        assert token_of(stage, "sue", "--password", PASSWORD)

    def test_a_token_that_only_the_pools_key_could_sign_is_refused(self, stage: StageProcess) -> None:
        ended = run_command(
            "token", "sue", "--expired", *deployed_options(stage), environment=AWS_ENVIRONMENT
        )
        assert ended.returncode == 2
        assert "only the pool's own key can sign it, and AWS gives that to nobody" in ended.stderr

    def test_a_stack_that_is_not_there(self, stage: StageProcess) -> None:
        options = ("--endpoint-url", stage.aws_endpoint_url, "--region", "ap-northeast-1")
        ended = run_command("token", "sue", "--stack-name", "other", *options, environment=AWS_ENVIRONMENT)
        assert ended.returncode == 2
        assert "pass the stack's name with --stack-name and its region with --region" in ended.stderr
