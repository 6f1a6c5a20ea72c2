"""SAM CLI's own local run, in Lambda's base image; skipped where there is no Docker or not that image."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from local_stage.serving.sockets import find_free_port
from tests.api.api_caller import ApiCaller
from tests.api.routes import METHODS, ROUTES, Route
from tests.deploy.built_artifact import REPOSITORY, invoke
from tests.deploy.sam_project import SamProject
from tests.processes import wait_until
from tests.tokens import read_article_token

ARCHITECTURE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
BASE_IMAGE = f"public.ecr.aws/lambda/python:3.13-{ARCHITECTURE}"
EVENTS = sorted((REPOSITORY / "events").glob("*.json"))
HERE = ("--skip-pull-image", "--parameter-overrides", f"Architecture={ARCHITECTURE}")
"""On this machine's processor, without a look for a newer image."""
UNAUTHORIZED = {"statusCode": 401, "message": "Unauthorized"}


def find_obstacle() -> str | None:
    """Return what keeps SAM CLI from running the function in a container."""
    docker = shutil.which("docker")
    if docker is None or _fails(docker, "info"):
        return "no Docker engine answers"
    if _fails(docker, "image", "inspect", BASE_IMAGE):
        return f"Docker has no image {BASE_IMAGE}: docker pull gets it"
    return None


def _fails(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode != 0  # noqa: S603 - fixed commands


@pytest.fixture(scope="module")
def project(request: pytest.FixtureRequest) -> SamProject:
    """The project after `sam build`."""
    if obstacle := find_obstacle():
        pytest.skip(obstacle)
    built: SamProject = request.getfixturevalue("built")
    return built


@pytest.fixture(scope="module")
def answers(project: SamProject) -> dict[str, Any]:
    """What the artifact answers outside of a container, by event."""
    return invoke({file.stem: json.loads(file.read_text()) for file in EVENTS}, project.built_function)[0]


@pytest.fixture(scope="module")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `sam local start-api` says."""
    return tmp_path_factory.mktemp("start-api") / "log.txt"


@pytest.fixture(scope="module")
def api(project: SamProject, log_file: Path) -> Iterator[ApiCaller]:
    """Calls the API that `sam local start-api` serves."""
    port = find_free_port(0, "--port")
    caller = ApiCaller(f"http://127.0.0.1:{port}")
    with log_file.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - a fixed command
            project.command("local start-api", "--port", str(port), *HERE),
            cwd=project.folder,
            env=project.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    with process:
        try:
            wait_until(lambda: process.poll() is not None or answers_at(caller))
            yield caller
        finally:
            process.terminate()


def answers_at(caller: ApiCaller) -> bool:
    try:
        return caller.send("GET", "/").status_code == 403
    except requests.ConnectionError:
        return False


@pytest.mark.parametrize("event", EVENTS, ids=lambda file: file.stem)
def test_local_invoke_answers_every_event_as_the_artifact_does(
    project: SamProject, answers: dict[str, Any], event: Path
) -> None:
    printed = project.must_sam("local invoke", "HelloFunction", "-e", event, *HERE)
    assert json.loads(printed) == answers[event.stem]


def test_start_api_says_that_it_skips_the_authorizer(api: ApiCaller, log_file: Path) -> None:
    assert api.send("GET", "/").status_code == 403
    log = log_file.read_text()
    skipped = [
        f"Authorizer 'UserPoolAuthorizer' for route '{path}' was not found, skipping" for path in METHODS
    ]
    assert [line for line in skipped if line not in log] == []


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_start_api_serves_routes_open_and_the_function_refuses(api: ApiCaller, route: Route) -> None:
    response = api.send(route.method, route.path)
    assert (response.status_code, response.json()) == (401, UNAUTHORIZED)


def test_start_api_gives_the_function_no_claims_of_any_token(api: ApiCaller) -> None:
    response = api.send("GET", "/me", f"Bearer {read_article_token('id')}")
    assert (response.status_code, response.json()) == (401, UNAUTHORIZED)
