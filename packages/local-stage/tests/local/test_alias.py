"""What functions are told of themselves over the wire: with an alias, without, and in a log of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.local.commands.command import run_beside
from tests.local.open_api import write_open_api
from tests.processes import wait_until
from tests.stage_process import StageProcess, running_stage

REVEALING = """
    import json
    import os

    def handler(event, context):
        told = {
            "id": context.aws_request_id,
            "arn": context.invoked_function_arn,
            "version": context.function_version,
            "variable": os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
            "stream": context.log_stream_name,
        }
        return {"statusCode": 200, "body": json.dumps(told)}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("alias")


@pytest.fixture(scope="module")
def stage(folder: Path) -> Iterator[StageProcess]:
    handlers = {"Published": REVEALING, "Plain": REVEALING, "Logging": REVEALING}
    properties = {"Published": "AutoPublishAlias: live", "Logging": "LoggingConfig: {LogGroup: own-group}"}
    template = write_open_api(folder, handlers, properties)
    with running_stage(folder, "--template", str(template)) as running:
        yield running


def call(stage: StageProcess, path: str) -> Any:
    answer = requests.get(f"{stage.api_url}{path}", timeout=30)
    assert answer.status_code == 200
    return json.loads(answer.text)


def find_logged(stage: StageProcess, request_id: str) -> list[dict[str, Any]]:
    """Return what `local-stage logs` has of the request."""
    done = run_beside(stage, "logs", "--json", "--request-id", request_id)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.rule("function.alias")
def test_an_alias_is_invoked_as_the_version_that_it_names(stage: StageProcess) -> None:
    told = call(stage, "/published")
    assert re.fullmatch(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+:live", told["arn"])
    assert (told["version"], told["variable"]) == ("1", "1")
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[1\][0-9a-f]{32}", told["stream"])


@pytest.mark.rule("function.version")
def test_what_is_saved_publishes_no_version(folder: Path, stage: StageProcess) -> None:
    """Locally nothing is published: the version is 1 and never grows, whatever is saved."""
    call(stage, "/published")
    module = folder / "published" / "app.py"
    module.write_text(module.read_text().replace('"stream":', '"saved": True, "stream":'))
    told = call(stage, "/published")
    assert (told["saved"], told["version"]) == (True, "1")


@pytest.mark.rule("function.latest")
def test_a_function_without_an_alias_is_its_code_as_it_is(stage: StageProcess) -> None:
    told = call(stage, "/plain")
    assert re.fullmatch(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+", told["arn"])
    assert (told["version"], told["variable"]) == ("$LATEST", "$LATEST")
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", told["stream"])


@pytest.mark.rule("function.log-stream")
def test_in_a_log_group_that_the_template_names_the_stream_names_the_function(stage: StageProcess) -> None:
    told = call(stage, "/logging")
    name = told["arn"].rpartition(":")[2]
    assert re.fullmatch(rf"\d{{4}}/\d\d/\d\d/{name}\[\$LATEST\][0-9a-f]{{32}}", told["stream"])


@pytest.mark.rule("function.alias", "function.latest")
@pytest.mark.parametrize(
    ("path", "version"), [("/published", "1"), ("/plain", "$LATEST"), ("/logging", "$LATEST")]
)
def test_the_log_names_the_version_and_the_functions_own_stream(
    stage: StageProcess, path: str, version: str
) -> None:
    told = call(stage, path)
    wait_until(lambda: bool(find_logged(stage, told["id"])))
    start = find_logged(stage, told["id"])[0]
    assert start["text"] == f"START RequestId: {told['id']} Version: {version}"
    assert start["log_stream"] == told["stream"]
