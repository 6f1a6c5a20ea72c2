"""A running stage follows its template: a new route answers at once, and a dangerous save closes the API."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.local.commands.command import Ended, run_beside
from tests.stage_process import REPOSITORY, StageProcess, running_stage


class Saved:
    """A stage that runs from a copy of the project's template."""

    def __init__(self, stage: StageProcess, template: Path) -> None:
        self.stage = stage
        self._template = template
        self._original = template.read_text()

    def save(self, old: str = "", new: str = "") -> None:
        assert old in self._original
        self._template.write_text(self._original.replace(old, new, 1) if old else self._original)

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.stage.api_url}{path}", timeout=30)

    def explain(self, route: str) -> Ended:
        return run_beside(self.stage, "explain", "--route", route)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saved]:
    project = tmp_path_factory.mktemp("project")
    shutil.copy(REPOSITORY / "template.yaml", project)
    for code in ("hello_function", "operations"):
        shutil.copytree(REPOSITORY / code, project / code)
    template = project / "template.yaml"
    with running_stage(project, "--template", str(template)) as stage:
        yield Saved(stage, template)


def test_a_route_that_is_saved_answers_the_next_request(saved: Saved) -> None:
    assert saved.get("/welcome").json() == {"message": "Missing Authentication Token"}
    saved.save("Path: /me", "Path: /welcome")
    assert saved.get("/welcome").json() == {"message": "Unauthorized"}
    assert saved.get("/me").json() == {"message": "Missing Authentication Token"}


def test_a_save_that_cannot_be_enforced_closes_every_route_until_it_is_mended(saved: Saved) -> None:
    saved.save("EndpointConfiguration: {Type: REGIONAL}", "EndpointConfiguration: {Type: PRIVATE}")
    closed = saved.get("/hello")
    assert (closed.status_code, closed.json()) == (500, {"message": "Internal server error"})
    assert "HelloApi.EndpointConfiguration" in saved.stage.log
    saved.save()
    assert saved.get("/hello").status_code == 401


def test_a_save_that_is_no_yaml_closes_every_route_until_it_is_mended(saved: Saved) -> None:
    saved.save("Resources:", "Resources: [")
    assert saved.get("/hello").status_code == 500
    saved.save()
    assert saved.get("/hello").status_code == 401


def test_a_template_that_is_saved_is_explained_at_once(saved: Saved) -> None:
    saved.save(
        "        Authorizers: {",
        "        Authorizers: {SecondAuthorizer: {UserPoolArn: !GetAtt UserPool.Arn}, ",
    )
    assert saved.explain("GET /hello").returncode == 0
    saved.save("Path: /me", "Path: /welcome")
    assert saved.explain("GET /welcome").returncode == 0
    assert saved.explain("GET /me").returncode == 1


def test_a_save_that_cannot_be_enforced_is_not_explained_by_the_stage_before_it(saved: Saved) -> None:
    saved.save("EndpointConfiguration: {Type: REGIONAL}", "EndpointConfiguration: {Type: PRIVATE}")
    told = saved.explain("GET /hello")
    assert (told.returncode, told.stdout) == (2, "")
    assert "the saved template cannot be served: " in told.stderr
    assert "HelloApi.EndpointConfiguration" in told.stderr
    saved.save()
    assert saved.explain("GET /hello").returncode == 0
