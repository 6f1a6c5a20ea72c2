"""One template with functions of every kind: in packages, inline, with layers, of limited concurrency."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.local.functions_project import TEMPLATE, write_project
from tests.processes import wait_until
from tests.stage_process import StageProcess, running_stage

CONCURRENCY = 3


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("functions")
    write_project(folder)
    return folder


@pytest.fixture(scope="module")
def stage(project: Path) -> Iterator[StageProcess]:
    template = str(project / "template.yaml")
    given = f"arn:aws:lambda:ap-northeast-1:123456789012:layer:Given={project}/given"
    options = ("--template", template, "--concurrency", str(CONCURRENCY), "--layer", given)
    with running_stage(project, *options) as running:
        yield running


def get(stage: StageProcess, path: str, **parameters: Any) -> requests.Response:
    return requests.get(f"{stage.api_url}{path}", params=parameters, timeout=30)


def test_a_handler_in_a_package(stage: StageProcess) -> None:
    assert get(stage, "/packaged").text == "api.v1.main beside it packaged globals 256"


def test_another_folder_and_timeout_and_no_variables_of_its_neighbours(stage: StageProcess) -> None:
    assert get(stage, "/other").text == "7 globals False"


def test_inline_code_under_a_name_of_its_own(stage: StageProcess) -> None:
    assert get(stage, "/inline").text == "index inline-one"


def test_layers_as_they_are_and_built(stage: StageProcess) -> None:
    assert get(stage, "/layered").text == "hello world"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not on the PATH")
def test_layers_of_other_pythons_made_and_given_are_there_and_what_is_not_is_listed(
    stage: StageProcess,
) -> None:
    assert get(stage, "/many").text == "given world made"
    listed = stage.printed.partition("Not run locally\n")[2]
    assert "ManyLayersFunction.Layers (AWS::Serverless::Function): Broken is left out: what " in listed
    insights = "arn:aws:lambda:ap-northeast-1:580247275435:layer:LambdaInsightsExtension:2"
    assert f"{insights} is not on this machine; the function runs without it" in listed


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on the PATH")
def test_a_layer_of_node_packages_and_an_older_node(stage: StageProcess) -> None:
    assert get(stage, "/node").text == "hello from a layer"


def test_a_saved_layer_answers_the_next_request(stage: StageProcess, project: Path) -> None:
    module = project / "layers" / "greetings" / "python" / "greetings.py"
    module.write_text("TEXT = 'goodbye'")
    assert get(stage, "/layered").text == "goodbye world"
    module.write_text("TEXT = 'hello'")
    assert get(stage, "/layered").text == "hello world"


def test_beyond_its_reservation_a_function_is_an_internal_error_at_once(
    stage: StageProcess, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(get, stage, "/reserved", folder=tmp_path)
        _wait_for_files(tmp_path, 1)
        second = get(stage, "/reserved", folder=tmp_path)
        assert (second.status_code, second.json()) == (500, {"message": "Internal server error"})
        (tmp_path / "open").touch()
        assert first.result().status_code == 200
    assert "its ReservedConcurrentExecutions is 1" in stage.log


def test_a_function_that_is_switched_off_is_an_internal_error(stage: StageProcess, tmp_path: Path) -> None:
    assert get(stage, "/off", folder=tmp_path).status_code == 500


def test_as_many_environments_run_as_the_command_line_says(stage: StageProcess, tmp_path: Path) -> None:
    """One more request waits until one of them is free."""
    with ThreadPoolExecutor(CONCURRENCY + 1) as pool:
        calls = [pool.submit(get, stage, "/gate", folder=tmp_path) for _ in range(CONCURRENCY + 1)]
        _wait_for_files(tmp_path, CONCURRENCY)
        (tmp_path / "open").touch()
        answers = [call.result() for call in calls]
    assert [answer.status_code for answer in answers] == [200] * (CONCURRENCY + 1)
    assert len({answer.text for answer in answers}) == CONCURRENCY


def test_requests_under_way_finish_on_the_old_code(
    stage: StageProcess, project: Path, tmp_path: Path
) -> None:
    module = project / "everything" / "gate.py"
    source = module.read_text()
    with ThreadPoolExecutor(1) as pool:
        old = pool.submit(get, stage, "/gate", folder=tmp_path)
        _wait_for_files(tmp_path, 1)
        module.write_text('def handler(event, context):\n    return {"statusCode": 200, "body": "new"}\n')
        assert get(stage, "/gate").text == "new"
        (tmp_path / "open").touch()
        assert old.result().text.isdecimal()
    module.write_text(source)


def test_a_template_that_takes_a_layer_away_is_served_from_the_next_request_on(
    stage: StageProcess, project: Path
) -> None:
    template = project / "template.yaml"
    template.write_text(
        TEMPLATE.replace("Layers: [!Ref Packages, !Ref Greetings]", "Layers: [!Ref Packages]")
    )
    assert get(stage, "/layered").status_code == 502
    assert "No module named 'greetings'" in stage.log
    template.write_text(TEMPLATE)
    assert get(stage, "/layered").text == "hello world"


def _wait_for_files(folder: Path, count: int) -> None:
    wait_until(lambda: len(list(folder.iterdir())) >= count)
