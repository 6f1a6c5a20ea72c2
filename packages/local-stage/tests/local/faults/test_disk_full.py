"""The disk is full: callers have their right answers, the developer is told once, and nothing is corrupt."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from local_stage.state import RunningStage
from tests.echo.api import EchoApi, copy_template, echo_api
from tests.http_session import new_http_session
from tests.local.faults.local_aws import KEPT, can_sign_in, kill_and_wait
from tests.local.faults.small_disk import SmallDisk, small_disk
from tests.local.faults.test_unsaved_state import LOST_BEFORE
from tests.local.revealing_app import create_user
from tests.processes import nothing_left_running
from tests.stage_process import COMMAND, Ended, run_stage, state_folder
from tests.traffic import MIX, Report

ACCESS_LOG = """
      AccessLogSetting:
        DestinationArn: arn:aws:logs:ap-northeast-1:123456789012:log-group:access
        Format: '{"requestId":"$context.requestId","status":"$context.status","path":"$context.path"}'
"""
FULL = "No space left on device"
NO_STATE = "The local AWS cannot save its state"
STATE_AGAIN = "The local AWS has saved its state again"


def write_template(folder: Path) -> Path:
    """Write the echoing API's template with an access log."""
    template = copy_template(folder)
    stage_name = "      StageName: dev"
    template.write_text(template.read_text().replace(f"{stage_name}\n", stage_name + ACCESS_LOG))
    return template


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    with small_disk(state_folder(tmp_path_factory.mktemp("disk-full"))) as disk:
        yield disk


@pytest.fixture(scope="module")
def api(disk: SmallDisk) -> Iterator[EchoApi]:
    folder = disk.folder.parent
    with echo_api(folder, "--template", str(write_template(folder))) as api:
        yield api


@dataclass(frozen=True, slots=True)
class FullTime:
    """What came of a time without any space, and of the time after it."""

    during: Report
    after: Report
    log_during: str
    logged_lines: int
    """How many lines the access log had when there was space again."""
    guarded: int
    """The status that a foreign Host had of the local AWS meanwhile."""


@pytest.fixture(scope="module")
def full_time(api: EchoApi, disk: SmallDisk) -> FullTime:
    create_user(api.stage, "before")
    disk.fill()
    with api.traffic(fault="disk full") as flow:
        flow.wait_for_good(200)
        create_user(api.stage, "meanwhile")
        guarded = ask_local_aws(api, "evil.example").status_code
        flow.wait_for_good(20)
        api.stage.wait_for_log(NO_STATE)
    log_during = api.stage.log
    disk.free()
    lines = len(access_log(api))
    with api.traffic(fault="disk with space again") as again:
        again.wait_for_good(50)
        api.stage.wait_for_log(STATE_AGAIN)
    return FullTime(flow.report, again.report, log_during, lines, guarded)


def ask_local_aws(api: EchoApi, host: str) -> requests.Response:
    url = f"{api.stage.aws_endpoint_url}/"
    return new_http_session(url).get(url, headers={"Host": host}, timeout=30)


def access_log(api: EchoApi) -> list[str]:
    return (api.stage.state_folder / "access.log").read_text().splitlines()


def test_every_caller_has_the_right_answer_meanwhile_and_afterwards(full_time: FullTime) -> None:
    assert full_time.during.is_right()
    assert full_time.after.is_right()


@pytest.mark.parametrize(
    "told", [f"access.log cannot be written: {FULL}", f"functions.log cannot be written: {FULL}", NO_STATE]
)
def test_the_developer_is_told_once(full_time: FullTime, told: str) -> None:
    assert full_time.log_during.count(told) == 1


def test_nothing_else_goes_wrong(full_time: FullTime, api: EchoApi) -> None:
    assert full_time.during.sent
    assert "Traceback" not in api.stage.log


def test_the_local_aws_goes_on_refusing_foreign_pages(full_time: FullTime) -> None:
    """It writes why it refuses into its log, which is on the same disk."""
    assert full_time.guarded == 403


def test_the_access_log_goes_on_with_whole_lines(full_time: FullTime, api: EchoApi) -> None:
    """The one line that was cut off stays a line of its own."""
    lines = access_log(api)
    assert len(lines) >= full_time.logged_lines + full_time.after.sent - 1
    whole = [line for line in lines if _is_whole(line)]
    assert len(lines) - len(whole) <= 1
    assert all(map(_is_whole, lines[-full_time.after.sent + 1 :]))


def test_the_functions_log_goes_on(full_time: FullTime, api: EchoApi) -> None:
    command = (COMMAND, "logs", "--state-folder", api.stage.state_folder)
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own
    assert printed.count("END RequestId") >= full_time.after.count(MIX[0])


def test_users_who_were_made_meanwhile_are_saved_afterwards(full_time: FullTime, api: EchoApi) -> None:
    assert full_time.after.sent
    kill_and_wait(api.stage)
    assert can_sign_in(api.stage, "before")
    assert can_sign_in(api.stage, "meanwhile")


def test_a_saved_template_is_served_though_no_other_command_can_be_told(
    api: EchoApi, disk: SmallDisk, full_time: FullTime
) -> None:
    """What other commands would read is gone rather than outdated, until the template is saved again."""
    assert full_time.after.sent
    template = api.folder / "template.yaml"
    state = api.stage.state_folder
    disk.fill()
    template.write_text(template.read_text() + "#\n")
    with api.traffic(fault="disk full at a reload") as flow:
        flow.wait_for_good(50)
    assert flow.report.is_right()
    assert "running.json" in api.stage.wait_for_log("other commands do not find this stage")
    assert RunningStage.find(state) is None
    disk.free()
    template.write_text(template.read_text() + "#\n")
    with api.traffic(fault="disk full at a reload") as flow:
        flow.wait_for_good(20)
    assert RunningStage.find(state) is not None
    assert flow.report.is_right()


def test_users_that_could_not_be_saved_before_a_kill_are_said_to_be_lost(
    api: EchoApi, disk: SmallDisk, full_time: FullTime
) -> None:
    """Those of before the disk was full are there, and so are the keys."""
    assert full_time.after.sent
    disk.fill()
    create_user(api.stage, "unsaved")
    kill_and_wait(api.stage, KEPT)
    disk.free()
    assert can_sign_in(api.stage, "before")
    assert LOST_BEFORE in api.stage.log
    with api.traffic(fault="after a fault") as flow:
        flow.wait_for_good(20)
    assert flow.report.is_right()


def test_a_stage_that_is_stopped_on_a_full_disk_finds_its_users_again(tmp_path: Path) -> None:
    with small_disk(state_folder(tmp_path)) as disk, nothing_left_running():
        with echo_api(tmp_path, "--template", str(write_template(tmp_path))) as api:
            create_user(api.stage, "before")
            with api.traffic(fault="disk full at the end") as flow:
                flow.wait_for_good(20)
                disk.fill()
                flow.wait_for_good(100)
            assert api.stage.stop() == 0
            assert "Traceback" not in api.stage.log
        disk.free()
        with echo_api(tmp_path, "--template", str(write_template(tmp_path))) as api:
            assert can_sign_in(api.stage, "before")


def test_a_start_on_a_full_disk_names_the_file(tmp_path: Path) -> None:
    with small_disk(state_folder(tmp_path)) as disk, nothing_left_running():
        disk.fill()
        ended = run_stage(tmp_path, "--template", str(write_template(tmp_path)), *_parameters(tmp_path))
        assert refuses(ended, str(disk.folder))


def test_a_full_disk_for_the_outputs_file_keeps_the_stage_from_starting(tmp_path: Path) -> None:
    """A program that waits for this file would wait for ever."""
    outputs = tmp_path / "small"
    with small_disk(outputs) as disk, nothing_left_running():
        disk.fill()
        file = outputs / "outputs.json"
        options = ("--template", str(write_template(tmp_path)), "--outputs-file", str(file))
        assert refuses(run_stage(tmp_path, *options, *_parameters(tmp_path)), str(file))


def refuses(ended: Ended, file: str) -> bool:
    """Return whether it ended with exit code 2 and one line that names the file and the reason."""
    last = ended.log.splitlines()[-1]
    return ended.exit_code == 2 and file in last and FULL in last and "Traceback" not in ended.log


def _parameters(folder: Path) -> tuple[str, str]:
    return "--parameter-overrides", f"Folder={folder}"


def _is_whole(line: str) -> bool:
    try:
        return bool(json.loads(line)["status"])
    except ValueError:
        return False
