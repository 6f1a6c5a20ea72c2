"""`local-stage event` of a running stage: the stage itself makes the event."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.local.commands.command import Ended, run_beside
from tests.stage_process import StageProcess

WHOLE: dict[str, Any] = {
    "method": "GET",
    "path": "/hello",
    "query": "",
    "headers": [],
    "body": "",
    "caller": None,
    "ignores_authorizer": False,
}


def run(stage: StageProcess, *arguments: str) -> Ended:
    return run_beside(stage, "event", *arguments)


def event_of(stage: StageProcess, *arguments: str) -> dict[str, Any]:
    done = run(stage, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    event: dict[str, Any] = json.loads(done.stdout)
    return event


def test_the_event_has_the_claims_that_the_stages_own_pool_would_issue(stage: StageProcess) -> None:
    event = event_of(stage, "GET /hello?a=b", "--user", "alice", "--group", "admins")
    claims = event["requestContext"]["authorizer"]["claims"]
    assert (claims["cognito:username"], claims["cognito:groups"]) == ("alice", "admins")
    assert claims["iss"].endswith(stage.outputs["UserPoolId"])
    assert event["queryStringParameters"] == {"a": "b"}


def test_a_refused_request_has_no_event(stage: StageProcess) -> None:
    done = run(stage, "GET /hello", "--user", "alice", "--claim", "exp=1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "API Gateway answers 401 itself: token expired" in done.stderr


def test_an_unknown_route_ends_with_exit_code_2(stage: StageProcess) -> None:
    done = run(stage, "GET /nothing", "--user", "alice")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the API has no GET /nothing; it has " in done.stderr


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**WHOLE, "caller": {"username": 1}},
        {**WHOLE, "method": 1},
        {**WHOLE, "headers": [["X"]]},
    ],
)
def test_what_is_no_request_is_refused(stage: StageProcess, body: dict[str, Any]) -> None:
    console = f"{stage.api_url.rpartition('/')[0]}/.local-stage/event"
    response = requests.post(console, json=body, timeout=30)
    assert response.status_code == 400


def test_another_sites_page_gets_no_event(stage: StageProcess) -> None:
    console = f"{stage.api_url.rpartition('/')[0]}/.local-stage/event"
    response = requests.post(console, json={}, headers={"Origin": "http://evil.example"}, timeout=30)
    assert response.status_code == 403
