"""User pools of every kind start with the API, let nobody in without a token, and let their own users in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.cognito.directory.sign_in import SignInRefusedError, sign_in
from local_stage.testing.pool_user import UserFactory
from tests.local.commands.command import run_beside
from tests.local.pools_template import ARNS, OUTSIDE, POOLS, TEMPLATE
from tests.stage_process import StageProcess, running_stage
from tests.tokens import TokenSigner, decode_part

JWT = ("two", "shared")
"""The routes of the HTTP API."""

NO_WAY_OUT = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:1")
"""An environment from which AWS cannot be reached."""


@contextlib.contextmanager
def serve(folder: Path, *options: str) -> Iterator[StageProcess]:
    template = folder / "template.yaml"
    template.write_text(TEMPLATE)
    environment = {**os.environ, **NO_WAY_OUT}
    with running_stage(folder, "--template", str(template), *options, environment=environment) as stage:
        yield stage


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with serve(tmp_path_factory.mktemp("closed")) as stage:
        yield stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with serve(tmp_path_factory.mktemp("stand-in"), "--stand-in-pool") as stage:
        yield stage


def call(stage: StageProcess, name: str, token: str | None = None) -> requests.Response:
    headers = {} if token is None else {"Authorization": token}
    url = stage.find_api_url("Http") if name in JWT else stage.find_api_url("Api")
    return requests.get(f"{url}/{name}", headers=headers, timeout=30)


def test_pools_outside_the_template_are_closed_which_is_said_once_each(closed: StageProcess) -> None:
    issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE99"
    forged = TokenSigner(issuer=issuer).id_token()
    shut = (*OUTSIDE, "shared")
    answers = {(name, call(closed, name, token).status_code) for name in shut for token in (None, forged)}
    assert answers == {(name, 401) for name in shut}
    assert call(closed, "open").text == "anybody"
    said = [line for line in closed.printed.splitlines() if line.startswith("The authorizer ")]
    assert sorted(line.split()[2] for line in said) == sorted(shut)
    assert all("is closed: no token passes, since " in line for line in said)
    assert all("--stand-in-pool" in line for line in said if " shared " not in line)


def test_explain_says_that_an_authorizer_is_closed(closed: StageProcess) -> None:
    told = run_beside(closed, "explain", "--route", "GET /parameter").stdout
    assert "The authorizer parameter is closed: no token passes, since " in told
    assert "PoolArn" in told


def test_nobody_signs_in_to_a_pool_that_is_not_here(closed: StageProcess) -> None:
    ended = run_beside(closed, "token", "alice", "--create", "--pool", "real")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--pool real: names 0 of the user pools" in ended.stderr


@pytest.mark.parametrize("name", [*ARNS, *JWT])
def test_a_token_of_the_authorizers_own_pool_opens_its_route_and_no_other(
    stage: StageProcess, name: str
) -> None:
    pool = PoolStack.of_running_stage(stage.find_running(), pool=name)
    told: list[str] = []
    with contextlib.ExitStack() as made:
        user = UserFactory(pool, made)()
        token = sign_in(pool, user.credentials, tell=told.append)["IdToken"]
        answer = call(stage, name, token)
    assert (answer.status_code, answer.text) == (200, decode_part(token, 1)["cognito:username"])
    assert call(stage, name).status_code == 401
    assert call(stage, "plain" if name != "plain" else "email", token).status_code == 401
    assert bool(told) == (name in {"clientless", "refreshing"})


def test_that_a_local_pool_stands_in_is_said(stage: StageProcess) -> None:
    said = [line for line in stage.printed.splitlines() if " stands in for " in line]
    assert len(said) == len(OUTSIDE) + 1
    told = run_beside(stage, "explain", "--route", "GET /real").stdout
    assert "stands in for arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_EXAMPLE99" in told


def test_of_several_pools_one_has_to_be_named(stage: StageProcess) -> None:
    ended = run_beside(stage, "token", "alice", "--create")
    assert ended.returncode == 2
    assert (
        f"there are {len(OUTSIDE) + len(POOLS) + len(JWT)} user pools; name one with --pool: " in ended.stderr
    )
    assert "(PlainPool, plain)" in ended.stderr


def test_a_name_becomes_an_address_where_users_sign_in_by_one(stage: StageProcess) -> None:
    first, second = (run_beside(stage, "token", "alice", "--create", "--pool", "email") for _ in range(2))
    assert first.stderr == "alice@example.com is a user now\n"
    assert second.stderr == "alice@example.com is there already, and keeps the password that is set\n"
    claims = [decode_part(ended.stdout.strip(), 1) for ended in (first, second)]
    assert claims[0]["sub"] == claims[1]["sub"] == claims[0]["cognito:username"]
    assert claims[0]["email"] == "alice@example.com"


def test_where_users_sign_in_by_number_one_is_asked_for(stage: StageProcess) -> None:
    ended = run_beside(stage, "token", "alice", "--create", "--pool", "phone")
    assert ended.returncode == 2
    assert "the users of this pool sign in by phone number; write one, as +12025550123" in ended.stderr


def test_past_a_trigger_that_refuses_nobody_signs_in(stage: StageProcess) -> None:
    pool = PoolStack.of_running_stage(stage.find_running(), pool="GuardedPool")
    with contextlib.ExitStack() as made:
        user = UserFactory(pool, made)()
        with pytest.raises(SignInRefusedError, match="PreAuthentication failed with error nobody today"):
            sign_in(pool, user.credentials)
