"""The page and its endpoints over the wire: what they tell, and gone at once when the stage stops."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from local_stage.console.recent_requests import PATIENCE
from local_stage.testing.token_factory import TokenFactory
from tests.local.hostile.wire import Connection, build
from tests.stage_process import REPOSITORY, StageProcess, running_stage

FILES = ["", "console.css", "console.js", "icon.svg", "swagger", "swagger.js", "swagger-ui.css"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with running_stage(tmp_path_factory.mktemp("stage")) as running:
        yield running


def console(stage: StageProcess, path: str = "") -> str:
    return f"{stage.api_url.removesuffix('dev')}.local-stage/{path}"


def explain(stage: StageProcess, **body: Any) -> requests.Response:
    return requests.post(console(stage, "explain"), json=body, timeout=30)


@pytest.mark.parametrize("path", FILES)
def test_every_file_forbids_what_it_does_not_need(stage: StageProcess, path: str) -> None:
    answer = requests.get(console(stage, path), timeout=30)
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_the_page_speaks_to_the_stage_and_to_the_local_aws_alone(stage: StageProcess) -> None:
    policy = requests.get(console(stage), timeout=30).headers["Content-Security-Policy"]
    assert f"connect-src 'self' {stage.aws_endpoint_url};" in policy


def test_the_document_that_is_served_is_that_of_the_template(stage: StageProcess) -> None:
    served = requests.get(console(stage, "openapi.json"), timeout=30).json()
    written = REPOSITORY / "docs" / "openapi.json"
    assert served == json.loads(written.read_text(encoding="utf-8"))


def test_a_token_is_explained_as_the_stage_decides(stage: StageProcess, token: TokenFactory) -> None:
    good = explain(stage, token=token(), route="GET /hello").json()
    bad = explain(stage, token=token(kind="access"), route="GET /hello").json()
    assert (good["verdict"], bad["verdict"]) == ("passes", "refused")
    assert [step["name"] for step in bad["steps"] if step["outcome"] == "failed"] == ["kind"]


def test_no_token_is_explained_too(stage: StageProcess) -> None:
    assert explain(stage, token=None, route="GET /hello").json()["response"]["status"] == 401


def test_without_a_route_every_route_is_explained(stage: StageProcess, token: TokenFactory) -> None:
    routes = explain(stage, token=token()).json()["routes"]
    assert {"passes", "refused"} <= {route["verdict"] for route in routes}


@pytest.mark.parametrize(
    "body", [{"route": 1}, {"token": 1, "route": "GET /hello"}, {"token": "x", "route": "hello"}]
)
def test_what_is_no_call_is_not_explained(stage: StageProcess, body: dict[str, Any]) -> None:
    assert explain(stage, **body).status_code == 400


def test_no_token_stands_in_the_stages_log(stage: StageProcess, token: TokenFactory) -> None:
    explained = token()
    assert explain(stage, token=explained, route="GET /hello").status_code == 200
    assert explained not in stage.log


def test_the_templates_callback_url_stays_beside_the_pages_own(stage: StageProcess) -> None:
    cognito = stage.client("cognito-idp")
    client = {"UserPoolId": stage.outputs["UserPoolId"], "ClientId": stage.outputs["UserPoolClientId"]}
    before = cognito.describe_user_pool_client(**client)["UserPoolClient"]
    first, second = (requests.post(console(stage, "login"), json={}, timeout=30).json() for _ in range(2))
    after = cognito.describe_user_pool_client(**client)["UserPoolClient"]
    assert first["redirect_uri"] == second["redirect_uri"] == console(stage)
    assert after["CallbackURLs"] == [*before["CallbackURLs"], console(stage)]
    changing = {"CallbackURLs", "LastModifiedDate"}
    assert {name: value for name, value in after.items() if name not in changing} == {
        name: value for name, value in before.items() if name not in changing
    }


def test_a_poll_ends_at_once_when_the_stage_stops(stage: StageProcess) -> None:
    """The last test of the file, since none has the stage afterwards."""
    revision = requests.get(console(stage, "requests"), timeout=30).json()["revision"]
    host, _, port = urlsplit(stage.api_url).netloc.partition(":")
    with Connection((host, int(port))) as polling:
        icon, poll = "/.local-stage/icon.svg", f"/.local-stage/requests?after={revision}"
        began = time.monotonic()
        polling.send(b"".join(build("GET", path, host=f"{host}:{port}") for path in (icon, poll)))
        first = polling.receive()  # when it is there, the stage has read the poll behind it too
        assert stage.stop() == 0
        polled = polling.receive()
    assert [response and response.status for response in (first, polled)] == [200, 200]
    assert time.monotonic() - began < PATIENCE, "the poll waited for its own end"
