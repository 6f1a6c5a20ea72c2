"""A stage as a newcomer has it: told of each save at once, with times, and reached from another machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.local.revealing_app import write_app
from tests.processes import descendants, listening_addresses
from tests.stage_process import StageProcess, running_stage

TIME = r"\d\d:\d\d:\d\d "


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("newcomer")
    options = ("--host", "0.0.0.0", "--allow-host", "phone.example", "--log", "short")  # noqa: S104 - what is tested
    with running_stage(folder, "--template", str(write_app(folder)), *options) as stage:
        yield stage


def ask(stage: StageProcess, path: str, **headers: str) -> requests.Response:
    origin = stage.find_running().console_url.removesuffix("/.local-stage")
    return requests.get(f"{origin}{path}", headers=headers, timeout=30)


def save(file: Path, text: str) -> None:
    fresh = file.with_suffix(".fresh~")
    fresh.write_text(text)
    fresh.replace(file)


def test_the_root_answers_403_as_on_aws_and_the_log_names_the_page(stage: StageProcess) -> None:
    response = ask(stage, "/")
    assert (response.status_code, response.text) == (403, '{"message":"Forbidden"}')
    log = stage.wait_for_log("403 GET /: unknown stage ''; this stage is /dev, and the stage's page is ")
    assert f"{stage.find_running().console_url}/" in log


def test_each_line_has_the_time(stage: StageProcess) -> None:
    ask(stage, "/dev/open")
    assert re.search(rf"^{TIME}200 GET /dev/open", stage.wait_for_log("200 GET /dev/open"), re.MULTILINE)


def test_with_host_0_0_0_0_the_apis_alone_listen_everywhere(stage: StageProcess) -> None:
    processes = {stage.pid, *descendants(stage.pid)}
    listening = set().union(*map(listening_addresses, processes))
    port = urlsplit(stage.find_running().api_url).port
    assert {at for host, at in listening if host == "0.0.0.0"} == {port}  # noqa: S104 - what is tested
    assert {host for host, at in listening if at != port} == {"127.0.0.1"}
    assert "listen on every address of this machine" in stage.printed


@pytest.mark.parametrize(("host", "status"), [("phone.example", 200), ("other.example", 403)])
def test_it_is_called_by_the_name_that_is_allowed_and_by_no_other(
    stage: StageProcess, host: str, status: int
) -> None:
    assert ask(stage, "/dev/open", Host=host).status_code == status
    assert ask(stage, "/.local-stage/stage", Host=host).status_code == status


def test_a_save_is_told_when_it_happens_good_or_broken(stage: StageProcess) -> None:
    """Without a request in between."""
    code = stage.folder / "code" / "app.py"
    good = code.read_text()
    ask(stage, "/dev/open")
    save(code, f"{good}\ndef broken(:\n")
    log = stage.wait_for_log("Runtime.UserCodeSyntaxError", 30)
    assert f"The files of RevealingFunction have changed: {code}" in log
    assert f"line {good.count(chr(10)) + 2}" in log
    save(code, good)
    stage.wait_for_log("The files of RevealingFunction are loaded", 30)


def test_a_saved_template_is_told_when_it_happens_and_the_banner_is_not_printed_again(
    stage: StageProcess,
) -> None:
    template = stage.folder / "template.yaml"
    good = template.read_text()
    save(template, good.replace("Path: /open", "Path: /opened"))
    log = stage.wait_for_log("has been saved, and is served", 30)
    assert re.search(rf"^{TIME}{template} has been saved, and is served$", log, re.MULTILINE)
    save(template, good.replace("Path: /open", "Path: [/open"))
    assert f"{template}: " in stage.wait_for_log("every request gets 500 until it is mended", 30)
    save(template, good)
    stage.wait_for_printed("/dev/opened ")
    assert stage.printed.count("Ctrl-C stops everything") == 1
