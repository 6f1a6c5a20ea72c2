"""The example `orders`: from a token with a plan in it to the confirmation in a queue."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from tests.local.commands.command import run_beside
from tests.stage_process import REPOSITORY, StageProcess, running_stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    template = REPOSITORY / "examples/orders/template.yaml"
    with running_stage(tmp_path_factory.mktemp("orders"), "--template", str(template)) as running:
        yield running


def test_nobody_orders_without_a_token(stage: StageProcess) -> None:
    response = requests.post(f"{stage.api_url}/orders", json={"article": "tea"}, timeout=35)
    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})


def test_an_order_is_kept_under_the_callers_sub_and_confirmed(stage: StageProcess) -> None:
    token = run_beside(stage, "token", "alice", "--create", "--password", "Correct-Horse-7").stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}
    response = requests.post(f"{stage.api_url}/orders", json={"article": "tea"}, headers=headers, timeout=35)
    order = response.json()
    assert (response.status_code, order["plan"], order["article"]) == (201, "gold", "tea")
    received = stage.client("sqs").receive_message(
        QueueUrl=stage.outputs["ConfirmationsUrl"], WaitTimeSeconds=20
    )
    (message,) = received["Messages"]
    assert json.loads(message["Body"]) == order
    explained = run_beside(stage, "explain", token, "--route", "POST /orders").stdout
    assert "trigger has changed the claims of this token: set plan." in " ".join(explained.split())
