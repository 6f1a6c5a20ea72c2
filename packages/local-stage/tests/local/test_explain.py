"""`local-stage explain` beside a running stage, a template, and a deployed stack."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_stage.api_gateway.authorizers.registry import AuthorizerDefinition
from local_stage.commands.explain_template import explain_found, find_template_apis
from local_stage.explanation.explanation import Verdict
from local_stage.explanation.pasted import read_pasted
from local_stage.state import RunningStage
from tests.local.commands.command import Ended, run_beside, run_command
from tests.local.recording_server import RecordingServer, recording_server
from tests.local.revealing_app import create_user, get, sign_in, write_app
from tests.stage_process import COMMAND, StageProcess, running_stage
from tests.tokens import POOL_ARN, TokenSigner, read_article_token

PIECE = 12
"""Characters of a token that no request could hold by chance."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("explain")
    options = ("--template", str(write_app(folder)), "--parameter-overrides", "StageName=prod")
    with running_stage(folder, *options) as stage:
        create_user(stage, "bob")
        yield stage


def explain(*arguments: str, stdin: str = "", environment: Mapping[str, str] | None = None) -> Ended:
    return run_command("explain", *arguments, standard_input=stdin, environment=environment)


def explain_running(stage: StageProcess, *arguments: str, stdin: str = "") -> tuple[int, dict[str, Any]]:
    """Return the exit code and the explanation of the stage's decision."""
    done = explain(*arguments, "--json", "--state-folder", str(stage.state_folder), stdin=stdin)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def set_clock(stage: StageProcess, *arguments: str) -> None:
    assert run_beside(stage, "clock", *arguments).returncode == 0


def ask_authorizer(stage: StageProcess, token: str) -> dict[str, Any]:
    """Return the answer of `local-stage test-authorizer`."""
    done = run_beside(stage, "test-authorizer", "-", standard_input=token)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def failed_step(explanation: dict[str, Any]) -> str | None:
    return next((step["name"] for step in explanation["steps"] if step["outcome"] == "failed"), None)


def test_a_newcomer_finds_out_within_one_command_why_the_access_token_is_refused(stage: StageProcess) -> None:
    token = sign_in(stage, "bob", "AccessToken")
    assert get(stage, "/hello", token).status_code == 401
    done = explain(token, "--route", "GET /hello", "--state-folder", str(stage.state_folder))
    assert (done.returncode, done.stderr) == (1, "")
    assert "kind of token  an access token; the route has no scopes, so API Gateway takes ID tokens only" in (
        done.stdout
    )
    assert "Send the ID token of the same sign-in (IdToken beside AccessToken)" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_good_token_passes_with_exit_code_0(stage: StageProcess) -> None:
    code, explanation = explain_running(stage, sign_in(stage, "bob"), "--route", "GET /hello")
    assert (code, explanation["verdict"]) == (0, "passes")


@pytest.mark.parametrize("paste", ["Authorization: Bearer {}\n", "  {}  "])
def test_a_paste_is_read_from_standard_input(stage: StageProcess, paste: str) -> None:
    token = sign_in(stage, "bob")
    assert explain_running(stage, "-", "--route", "/hello", stdin=paste.format(token))[0] == 0


@pytest.mark.parametrize("position", [0, 90])
def test_a_paste_that_is_refused_as_it_stands_ends_with_exit_code_1(
    stage: StageProcess, position: int
) -> None:
    """In quotes, or with a blank inside."""
    token = sign_in(stage, "bob")
    paste = f"{token[:position]} {token[position:]}" if position else f'"{token}"'
    code, explanation = explain_running(stage, "-", "--route", "GET /hello", stdin=paste)
    assert (code, explanation["verdict"]) == (1, "passes once mended")
    response = get(stage, "/hello", paste)
    told = explanation["response"]
    assert (told["status"], told["body"]) == (response.status_code, response.text)


def test_a_header_that_the_shell_has_split_is_put_together(stage: StageProcess) -> None:
    words = ["Authorization:", "Bearer", sign_in(stage, "bob")]
    assert explain_running(stage, *words, "--route", "GET /prod/hello")[0] == 0


@pytest.mark.parametrize(
    ("route", "step"), [("GET /machine", "scopes"), ("PUT /hello", "route"), ("GET /nothing", "route")]
)
def test_the_answer_told_is_the_one_that_the_stage_gives(stage: StageProcess, route: str, step: str) -> None:
    token = sign_in(stage, "bob", "AccessToken")
    code, explanation = explain_running(stage, token, "--route", route)
    assert (code, failed_step(explanation)) == (1, step)
    if route.startswith("GET"):
        response = get(stage, route.removeprefix("GET "), token)
        told = explanation["response"]
        assert (told["status"], told["body"]) == (response.status_code, response.text)
        assert told["error_type"] == response.headers["x-amzn-ErrorType"]


def test_without_a_token_the_route_says_what_it_wants(stage: StageProcess) -> None:
    code, told = explain_running(stage, "--route", "GET /machine")
    assert code == 0
    assert told["route"]["wants"].startswith(
        "an access token with one of the scopes hello/read, hello/write of the user pool ap-northeast-1_"
    )


def test_without_a_route_it_tells_which_routes_take_the_token(stage: StageProcess) -> None:
    code, told = explain_running(stage, sign_in(stage, "bob"))
    verdicts = {f"{one['route']['method']} {one['route']['path']}": one["verdict"] for one in told["routes"]}
    assert (code, verdicts["GET /hello"], verdicts["GET /machine"]) == (0, "passes", "refused")
    assert {one["api"] for one in told["routes"]} == {"HelloApi"}


def test_a_paste_without_a_route_is_told_what_is_wrong_with_it(stage: StageProcess) -> None:
    paste = json.dumps({"IdToken": sign_in(stage, "bob")})
    done = explain("-", "--state-folder", str(stage.state_folder), stdin=paste)
    assert (done.returncode, done.stderr) == (1, "")
    assert "It is refused as it was pasted, and passes once mended" in done.stdout
    assert "What was pasted has JSON around it: send the token alone" in done.stdout


def test_without_route_and_token_it_tells_what_each_route_wants(stage: StageProcess) -> None:
    done = explain("--state-folder", str(stage.state_folder))
    assert done.returncode == 0
    assert "GET /machine  wants an access token with one of the scopes hello/read, hello/write" in done.stdout


def test_no_such_route_ends_with_exit_code_1(stage: StageProcess) -> None:
    assert explain_running(stage, "--route", "GET /nothing")[0] == 1


def test_the_stages_own_clock_decides_on_expiry(stage: StageProcess) -> None:
    token = sign_in(stage, "bob")
    set_clock(stage, "advance", "2h")
    try:
        code, explanation = explain_running(stage, token, "--route", "GET /hello")
    finally:
        set_clock(stage, "reset")
    assert (code, failed_step(explanation)) == (1, "expiry")
    assert explanation["response"]["body"] == '{"message":"The incoming token has expired"}'


def test_the_stages_own_clock_decides_for_test_authorizer_as_well(stage: StageProcess) -> None:
    token = sign_in(stage, "bob")
    assert ask_authorizer(stage, token)["clientStatus"] == 0
    set_clock(stage, "advance", "2h")
    try:
        refused = ask_authorizer(stage, token)
    finally:
        set_clock(stage, "reset")
    assert refused["clientStatus"] == 401
    assert "expired" in refused["log"]


def test_a_deployed_stack_is_asked_by_its_name(stage: StageProcess) -> None:
    """The stage's stack stands for one on AWS: it is found through CloudFormation like any other."""
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": stage.aws_endpoint_url,
        "AWS_REGION": "ap-northeast-1",
    }
    template = str(stage.folder / "template.yaml")
    options = ("--route", "GET /prod/hello", "--stack-name", "hello-api", "--template", template, "--json")
    good = explain(sign_in(stage, "bob"), *options, environment=environment)
    assert (good.returncode, good.stderr) == (0, "")
    other = explain(read_article_token("id"), *options, environment=environment)
    assert (other.returncode, failed_step(json.loads(other.stdout))) == (1, "issuer")
    gone = explain("x", *options, "--stack-name", "no-such-stack", environment=environment)
    assert gone.returncode == 2
    assert "no-such-stack" in gone.stderr


def test_a_template_alone_cannot_tell_of_the_pool(stage: StageProcess, tmp_path: Path) -> None:
    template = str(write_app(tmp_path))
    done = explain(sign_in(stage, "bob"), "--route", "GET /hello", "--template", template)
    assert done.returncode == 2
    assert "Issuer, key and signature were not checked" in done.stdout
    wrong = explain(read_article_token("access"), "--route", "GET /hello", "--template", template)
    assert wrong.returncode == 1
    every = explain(read_article_token("access"), "--template", template)
    assert every.returncode == 1
    assert "GET /hello" in every.stdout


@pytest.mark.parametrize(
    ("zone", "time"),
    [("Asia/Tokyo", "2025-05-31 13:53:46 JST"), ("America/Los_Angeles", "2025-05-30 21:53:46 PDT")],
)
def test_expiry_is_told_in_local_time(stage: StageProcess, zone: str, time: str) -> None:
    """The zone is the environment's, as of every program of this machine; the token is the article's."""
    options = ("--route", "GET /hello", "--template", str(stage.folder / "template.yaml"))
    done = subprocess.run(  # noqa: S603 - our own command
        [COMMAND, "explain", read_article_token("id"), *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TZ": zone},
    )
    assert f"expiry         it was good until {time}, " in done.stdout


def test_without_a_stage_it_says_what_else_there_is(tmp_path: Path) -> None:
    done = explain("x", "--route", "GET /hello", "--state-folder", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "name --template or --stack-name" in done.stderr


def test_an_answer_is_explained_from_standard_input(stage: StageProcess) -> None:
    response = get(stage, "/nothing")
    head = "\r\n".join(f"{name}: {value}" for name, value in response.headers.items())
    done = explain("--answer", "-", stdin=f"HTTP/1.1 403 Forbidden\r\n{head}\r\n\r\n{response.text}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("403 Missing Authentication Token: no such route\n")


def test_an_answer_that_is_not_known_ends_with_exit_code_2() -> None:
    done = explain("--answer", '{"message":"Hello AWS API Gateway!"}')
    assert (done.returncode, done.stdout) == (2, "")
    assert "no response that is known" in done.stderr


@pytest.fixture
def key_server() -> Iterator[RecordingServer]:
    with recording_server(TokenSigner().jwks()) as server:
        yield server


@pytest.mark.parametrize("make", ["id_token", "access_token"])
def test_no_request_holds_any_part_of_the_token(
    key_server: RecordingServer, tmp_path: Path, make: str
) -> None:
    """Where no stage decides, this process does, and fetches the pool's keys alone."""
    definition = AuthorizerDefinition("PoolAuthorizer", "Authorization", None, [POOL_ARN], [POOL_ARN])
    apis = find_template_apis(write_app(tmp_path), {}, "hello-api", "ap-northeast-1")
    api = apis.choose(None, "GET /hello")
    found = replace(
        api,
        definitions=[definition],
        now=1.0,
        aws_endpoint_url=key_server.url,
        local_pool_arns=frozenset({POOL_ARN}),
    )
    token = getattr(TokenSigner(), make)()
    explanation = asyncio.run(explain_found(found, "GET /hello", read_pasted(token)))
    assert explanation.verdict is Verdict.REFUSED  # in 1970
    asked = "\n".join(key_server.asked)
    assert "jwks.json" in asked
    pieces = (token[start : start + PIECE] for start in range(len(token) - PIECE))
    assert [piece for piece in pieces if piece in asked] == []


@pytest.mark.parametrize("command", [["explain", "-", "--route", "GET /hello"], ["test-authorizer", "-"]])
def test_a_stage_whose_address_is_on_another_machine_gets_no_token(
    command: list[str], tmp_path: Path
) -> None:
    """A repository that brings such a file along must not be sent tokens."""
    running = RunningStage(os.getpid(), "http://stage.example:3000/dev", "u", "r", "s", "t")
    running.write(tmp_path)
    done = run_command(*command, "--state-folder", tmp_path, standard_input=TokenSigner().id_token())
    assert (done.returncode, done.stdout) == (2, "")
    assert "http://stage.example:3000/dev is not on this machine" in done.stderr
