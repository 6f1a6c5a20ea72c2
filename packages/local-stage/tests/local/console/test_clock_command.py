"""`local-stage clock`: tokens of a running stage expire without waiting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.local.commands.command import Ended, run_beside, run_command
from tests.local_pool_keys import read_pool_signer
from tests.stage_process import StageProcess, running_stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with running_stage(tmp_path_factory.mktemp("stage")) as running:
        yield running


@pytest.fixture(autouse=True)
def _clock_set_right(stage: StageProcess) -> Iterator[None]:
    yield
    assert clock(stage, "reset").returncode == 0


def clock(stage: StageProcess, *arguments: str) -> Ended:
    return run_beside(stage, "clock", *arguments)


def get_hello(stage: StageProcess, token: str) -> requests.Response:
    return requests.get(f"{stage.api_url}/hello", headers={"Authorization": token}, timeout=30)


@pytest.fixture
def token(stage: StageProcess) -> str:
    """An ID token that is good for an hour."""
    pool, client = stage.outputs["UserPoolId"], stage.outputs["UserPoolClientId"]
    return read_pool_signer(stage, pool, "id", client).id_token()


def test_a_token_expires_when_the_clock_is_moved_and_not_before(stage: StageProcess, token: str) -> None:
    assert get_hello(stage, token).status_code == 200
    assert clock(stage, "advance", "50m").returncode == 0
    assert get_hello(stage, token).status_code == 200
    assert clock(stage, "advance", "11m").returncode == 0
    refused = get_hello(stage, token)
    assert (refused.status_code, refused.json()) == (401, {"message": "The incoming token has expired"})


def test_after_a_reset_the_token_is_good_again(stage: StageProcess, token: str) -> None:
    clock(stage, "advance", "2h")
    assert get_hello(stage, token).status_code == 401
    clock(stage, "reset")
    assert get_hello(stage, token).status_code == 200


def test_it_shows_how_far_it_is_ahead(stage: StageProcess) -> None:
    clock(stage, "advance", "1h30m")
    assert clock(stage).stdout.endswith(", 1:30:00 ahead of this machine's clock\n")
    assert json.loads(clock(stage, "--json").stdout)["ahead"] == 5400


def test_it_goes_forward_only(stage: StageProcess) -> None:
    refused = clock(stage, "advance", "0s")
    assert refused.returncode == 2
    assert "the clock goes forward only" in refused.stderr


def test_without_a_stage_it_says_so(tmp_path: Path) -> None:
    ended = run_command("clock", "--state-folder", tmp_path)
    assert ended.returncode == 2
    assert "no stage runs from this folder" in ended.stderr
