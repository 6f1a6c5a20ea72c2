"""examples/fastapi and examples/node are one API in two languages: each is started as it is, and called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from tests.local.commands.command import run_beside
from tests.stage_process import REPOSITORY, StageProcess, running_stage

ORIGIN = "http://localhost:5173"
INSTALLED = 240.0
"""Seconds after which the functions have what they need, also where nothing of it is in the cache."""


@dataclass(frozen=True)
class Notes:
    """The API, with a token of an editor and one of somebody else."""

    stage: StageProcess
    editor: str
    reader: str

    def call(self, verb: str, path: str, token: str | None = None, **options: object) -> requests.Response:
        headers = {"Origin": ORIGIN} | ({"Authorization": f"Bearer {token}"} if token else {})
        return requests.request(verb, self.stage.api_url + path, headers=headers, timeout=60, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=[pytest.param("fastapi", marks=pytest.mark.whole), "node"])
def notes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notes]:
    template = REPOSITORY / "examples" / request.param / "template.yaml"
    options = ("--template", str(template))
    with running_stage(tmp_path_factory.mktemp("notes"), *options, start_deadline=INSTALLED) as stage:
        made = ("--create", "--password", "Correct-Horse-7")
        editor = run_beside(stage, "token", "alice", *made, "--group", "editors").stdout.strip()
        reader = run_beside(stage, "token", "bob", *made).stdout.strip()
        made_ready = Notes(stage, editor, reader)
        # A function that is still being installed keeps a request for 29 seconds.
        assert any(made_ready.call("GET", "/me", editor).status_code != 504 for _ in range(8))
        yield made_ready


def test_nobody_gets_in_without_a_token(notes: Notes) -> None:
    response = notes.call("GET", "/me")
    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_the_function_knows_who_calls(notes: Notes) -> None:
    editor, reader = (notes.call("GET", "/me", token).json() for token in (notes.editor, notes.reader))
    assert (editor["username"], editor["groups"]) == ("alice", ["editors"])
    assert (reader["username"], reader["groups"]) == ("bob", [])
    assert editor["sub"] != reader["sub"]


def test_editors_alone_write_notes(notes: Notes) -> None:
    written = notes.call("POST", "/notes", notes.editor, json={"text": "tea at four"})
    assert (written.status_code, written.json()) == (201, {"text": "tea at four", "by": "alice"})
    refused = notes.call("POST", "/notes", notes.reader, json={"text": "tea at four"})
    assert refused.status_code == 403
    assert "only members of the group editors may do this" in refused.text


def test_a_note_without_text_is_refused(notes: Notes) -> None:
    assert notes.call("POST", "/notes", notes.editor, json={"words": 3}).status_code in {400, 422}


def test_the_origin_is_named_once_in_preflights_and_responses(notes: Notes) -> None:
    preflight = notes.call("OPTIONS", "/me")
    assert preflight.status_code == 200
    for response in (preflight, notes.call("GET", "/me", notes.editor)):
        named = response.raw.headers.getlist("Access-Control-Allow-Origin")
        assert named == [ORIGIN]
