"""schemathesis asks the API for all that its OpenAPI document allows, and for much that it does not allow."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.callers import Callers, create_callers
from tests.api.deployed_stack import DeployedStack, StackSettings
from tests.figures import FIGURES, REQUESTS
from tests.fuzz.bounds import FACTOR
from tests.stage_process import REPOSITORY, StageProcess, running_stage

DOCUMENT = REPOSITORY / "docs" / "openapi.json"
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


def run_schemathesis(stage: StageProcess, folder: Path, *options: str) -> str:
    """Return what schemathesis says of the stage, once it has found nothing."""
    before = len(ANSWERED.findall(stage.log))
    bounds = ["--phases", "examples,coverage,fuzzing", "--max-examples", str(20 * FACTOR)]
    checks = ["--checks", ",".join(CHECKS), "--warnings", "off", "--no-color"]
    run = subprocess.run(  # noqa: S603 - our own tool
        [str(SCHEMATHESIS), "run", str(DOCUMENT), "--url", stage.api_url, *bounds, *checks, *options],
        cwd=folder,
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


@pytest.mark.timeout(DEADLINE + 30)
def test_without_a_token_nothing_fails_and_nothing_undocumented_is_answered(
    stage: StageProcess, tmp_path: Path
) -> None:
    run_schemathesis(stage, tmp_path)
    assert re.findall(r"^200 (?!OPTIONS).*", stage.log, re.MULTILINE) == []


@pytest.mark.timeout(DEADLINE + 30)
def test_with_an_id_token_nothing_fails_and_nothing_undocumented_is_answered(
    stage: StageProcess, callers: Callers, tmp_path: Path
) -> None:
    header = f"Authorization: {callers.person.session.id_token}"
    run_schemathesis(stage, tmp_path, "--header", header, "--exclude-path", "/machine/hello")
    assert "200 GET /dev/hello" in stage.log


@pytest.mark.timeout(DEADLINE + 30)
def test_with_an_access_token_nothing_fails_and_nothing_undocumented_is_answered(
    stage: StageProcess, callers: Callers, tmp_path: Path
) -> None:
    header = f"Authorization: {callers.machine.access_token}"
    run_schemathesis(stage, tmp_path, "--header", header, "--include-path", "/machine/hello")
    assert "200 GET /dev/machine/hello" in stage.log
