"""The local AWS is killed: the stage serves on with the keys it has, and users and keys are there again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from botocore.exceptions import BotoCoreError

from local_stage.cloudformation.local_aws import LocalAwsSettings
from local_stage.state import RunningStage
from tests.echo.api import EchoApi, copy_template, echo_api
from tests.http_session import new_http_session
from tests.local.faults.local_aws import (
    DIED,
    KEPT,
    LOST,
    can_sign_in,
    find_local_aws,
    kill_and_wait,
    kill_local_aws,
)
from tests.local.revealing_app import REGION, create_user
from tests.processes import nothing_left_running, wait_until
from tests.traffic import GOOD

KILLS = 3


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EchoApi]:
    with echo_api(tmp_path_factory.mktemp("local-aws-dies")) as api:
        yield api


def post(api: EchoApi) -> requests.Response:
    return new_http_session(api.stage.api_url).post(
        f"{api.stage.api_url}/echo?marker=m",
        json={"marker": "m"},
        headers={"Authorization": api.signer.id_token(**{"cognito:username": "one"})},
        timeout=35,
    )


def published_keys(api: EchoApi) -> list[Mapping[str, str]]:
    url = f"{api.stage.aws_endpoint_url}/{api.stage.outputs['UserPoolId']}/.well-known/jwks.json"
    keys: list[Mapping[str, str]] = new_http_session(url).get(url, timeout=30).json()["keys"]
    return keys


def make_users(api: EchoApi, made: list[str]) -> None:
    """Make users until a call has no answer, and note each that has one."""
    settings = LocalAwsSettings(urlsplit(api.stage.aws_endpoint_url).port or 0, REGION, "", api.folder)
    cognito = settings.client("cognito-idp")
    user = {"UserPoolId": api.stage.outputs["UserPoolId"], "MessageAction": "SUPPRESS"}
    with contextlib.suppress(BotoCoreError):
        while True:
            cognito.admin_create_user(**user, Username=f"quick-{len(made)}")
            made.append(f"quick-{len(made)}")


def test_kill_after_kill_every_request_has_its_right_answer_and_users_sign_in(api: EchoApi) -> None:
    """Each user is made right before the kill: what Cognito has answered is not lost."""
    with api.traffic(fault="local AWS killed") as flow:
        for number in range(KILLS):
            create_user(api.stage, f"user-{number}")
            kill_and_wait(api.stage)
            flow.wait_for_good(20)
            assert [can_sign_in(api.stage, f"user-{earlier}") for earlier in range(number + 1)] == [True] * (
                number + 1
            )
    assert flow.report.is_right()


def test_while_there_is_no_local_aws_tokens_are_judged_as_ever(api: EchoApi) -> None:
    """It is not started again before 50 good answers more: its process is held as soon as it is there."""
    dead = find_local_aws(api.stage)
    with api.traffic(fault="no local AWS") as flow:
        kill_local_aws(api.stage)
        wait_until(lambda: find_local_aws(api.stage) not in {dead, None})
        held = find_local_aws(api.stage)
        assert held is not None
        os.kill(held, signal.SIGSTOP)
        flow.wait_for_good(50)
        known = api.stage.log.count(KEPT)
        os.kill(held, signal.SIGCONT)
        wait_until(lambda: api.stage.log.count(KEPT) > known)
        flow.wait_for_good(20)
    assert flow.report.is_right()


def test_pool_client_and_keys_are_the_same_afterwards(api: EchoApi) -> None:
    keys, running = published_keys(api), RunningStage.find(api.stage.state_folder)
    kill_and_wait(api.stage)
    assert published_keys(api) == keys
    cognito = api.stage.client("cognito-idp")
    pools = cognito.list_user_pools(MaxResults=60)["UserPools"]
    assert [pool["Id"] for pool in pools] == [api.stage.outputs["UserPoolId"]]
    clients = cognito.list_user_pool_clients(UserPoolId=pools[0]["Id"])["UserPoolClients"]
    assert [found["ClientId"] for found in clients] == [api.stage.outputs["UserPoolClientId"]]
    assert RunningStage.find(api.stage.state_folder) == running


def test_the_stack_is_not_deployed_again(api: EchoApi) -> None:
    cloudformation = api.stage.client("cloudformation")
    before = cloudformation.describe_stack_events(StackName="hello-api")["StackEvents"]
    kill_and_wait(api.stage)
    assert cloudformation.describe_stack_events(StackName="hello-api")["StackEvents"] == before


def test_what_was_saved_over_a_deployment_that_a_kill_cut_off_is_served_afterwards(tmp_path: Path) -> None:
    """Meanwhile the stage is closed: it cannot know yet what the saved template would refuse."""
    template = copy_template(tmp_path)
    with echo_api(tmp_path, "--template", str(template)) as api:
        assert post(api).status_code == 200
        kill_local_aws(api.stage)
        template.write_text(template.read_text().replace("Timeout: 20", "Timeout: 21"))
        assert post(api).status_code in {200, 500}
        wait_until(lambda: KEPT in api.stage.log)
        wait_until(lambda: post(api).status_code == 200)


def test_users_that_are_lost_are_said_to_be_lost_and_their_tokens_are_refused(tmp_path: Path) -> None:
    """Somebody has removed the files; the pool is a new one, with another id and other keys."""
    with echo_api(tmp_path) as api:
        old_pool = api.stage.outputs["UserPoolId"]
        for file in (api.stage.state_folder / "aws" / "state").rglob("*"):
            if file.is_file():
                file.unlink()
        kill_and_wait(api.stage, LOST)
        assert post(api).status_code == 401
        outputs = json.loads((tmp_path / "outputs.json").read_text())
        assert outputs["UserPoolId"] != old_pool
        assert outputs["UserPoolId"] in api.stage.printed


def test_a_stop_while_it_is_started_again_leaves_nothing(tmp_path: Path) -> None:
    with nothing_left_running(), echo_api(tmp_path) as api:
        dead = find_local_aws(api.stage)
        kill_local_aws(api.stage)
        wait_until(lambda: find_local_aws(api.stage) not in {dead, None})
        assert api.stage.stop() == 0


def test_users_that_are_made_without_a_pause_are_all_there_after_a_kill(api: EchoApi) -> None:
    """Every user whose request was answered is there; of the one request that had no answer nobody knows."""
    made: list[str] = []
    maker = threading.Thread(target=make_users, args=(api, made))
    maker.start()
    wait_until(lambda: len(made) >= 50)
    kill_and_wait(api.stage)
    maker.join()
    pages = api.stage.client("cognito-idp").get_paginator("list_users")
    found = pages.paginate(UserPoolId=api.stage.outputs["UserPoolId"])
    assert set(made) <= {user["Username"] for page in found for user in page["Users"]}


def test_the_developer_is_told_of_each_death_and_each_return(api: EchoApi) -> None:
    before = api.stage.log.count(DIED), api.stage.log.count(KEPT)
    kill_and_wait(api.stage)
    assert (api.stage.log.count(DIED), api.stage.log.count(KEPT)) == (before[0] + 1, before[1] + 1)


def test_at_the_end_of_it_all_nothing_else_has_gone_wrong(api: EchoApi) -> None:
    with api.traffic(fault="after a fault") as flow:
        flow.wait_for_good(20)
    assert flow.report.statuses(GOOD) == {200}
    assert "Traceback" not in api.stage.log
