"""schemathesis asks the API for all that its OpenAPI document allows, and for much that it does not allow."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.callers import Callers, create_callers
from tests.api.deployed_stack import DeployedStack, StackSettings
from tests.api.routes import ROUTES
from tests.figures import FIGURES, REQUESTS
from tests.fuzz.bounds import FACTOR
from tests.fuzz.openapi_document import derive_openapi_document
from tests.stage_process import REPOSITORY, StageProcess, running_stage

SCHEMATHESIS = REPOSITORY / ".venv-audit" / "bin" / "schemathesis"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "ignored_auth",
)
"""An unknown verb has 403 here and not 405, as on AWS, so `unsupported_method` is not among them."""
UNTHROTTLED = ("--parameter-overrides", "ThrottlingRate=10000", "ThrottlingBurst=5000")
ANSWERED = re.compile(r"^[1-5][0-9]{2} [A-Z]+ /", re.MULTILINE)
DEADLINE = 60 * FACTOR


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    """A stage that takes as many requests as come."""
    with running_stage(tmp_path_factory.mktemp("fuzzed"), *UNTHROTTLED) as stage:
        yield stage


@pytest.fixture(scope="module")
def callers(stage: StageProcess) -> Iterator[Callers]:
    """Everybody who calls the API; gone at the end."""
    stack = DeployedStack.find(StackSettings("hello-api", "ap-northeast-1", stage.aws_endpoint_url))
    with create_callers(stack) as callers:
        yield callers


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The API's OpenAPI document, in a file."""
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(derive_openapi_document(REPOSITORY / "template.yaml")))
    return file


def run_schemathesis(stage: StageProcess, document: Path, *options: str) -> str:
    """Return what schemathesis says of the stage, once it has found nothing."""
    before = len(ANSWERED.findall(stage.log))
    bounds = ["--phases", "examples,coverage,fuzzing", "--max-examples", str(20 * FACTOR)]
    checks = ["--checks", ",".join(CHECKS), "--warnings", "off", "--no-color"]
    run = subprocess.run(  # noqa: S603 - our own tool
        [str(SCHEMATHESIS), "run", str(document), "--url", stage.api_url, *bounds, *checks, *options],
        cwd=document.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    answered = len(ANSWERED.findall(stage.log)) - before
    FIGURES[REQUESTS] += answered
    assert run.returncode == 0, run.stdout + run.stderr
    assert answered > 10
    return run.stdout


def test_the_document_has_every_route_of_the_api_and_its_preflight() -> None:
    paths = derive_openapi_document(REPOSITORY / "template.yaml")["paths"]
    routes = {(verb.upper(), path) for path, operations in paths.items() for verb in operations}
    assert {route for route in routes if route[0] != "OPTIONS"} == {
        (route.method, route.path) for route in ROUTES
    }
    assert {path for verb, path in routes if verb == "OPTIONS"} == set(paths)


def test_the_document_asks_for_a_token_everywhere_but_on_the_preflight() -> None:
    paths = derive_openapi_document(REPOSITORY / "template.yaml")["paths"]
    for operations in paths.values():
        for verb, operation in operations.items():
            assert bool(operation["security"]) == (verb != "options")


@pytest.mark.timeout(DEADLINE + 30)
def test_without_a_token_nothing_fails_and_nothing_undocumented_is_answered(
    stage: StageProcess, document: Path
) -> None:
    run_schemathesis(stage, document)
    assert re.findall(r"^200 (?!OPTIONS).*", stage.log, re.MULTILINE) == []


@pytest.mark.timeout(DEADLINE + 30)
def test_with_an_id_token_nothing_fails_and_nothing_undocumented_is_answered(
    stage: StageProcess, callers: Callers, document: Path
) -> None:
    header = f"Authorization: {callers.person.session.id_token}"
    run_schemathesis(stage, document, "--header", header, "--exclude-path", "/machine/hello")
    assert "200 GET /dev/hello" in stage.log


@pytest.mark.timeout(DEADLINE + 30)
def test_with_an_access_token_nothing_fails_and_nothing_undocumented_is_answered(
    stage: StageProcess, callers: Callers, document: Path
) -> None:
    header = f"Authorization: {callers.machine.access_token}"
    run_schemathesis(stage, document, "--header", header, "--include-path", "/machine/hello")
    assert "200 GET /dev/machine/hello" in stage.log
