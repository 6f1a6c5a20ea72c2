"""A stage that is stopped or killed under load: who was promised an answer has it, and nothing is lost."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_stage.state import RunningStage
from tests.echo.api import EchoApi, echo_api, starting_echo_api
from tests.local.revealing_app import create_user, sign_in
from tests.processes import command_line, descendants, is_running, nothing_left_running, wait_until
from tests.traffic import GOOD, MIX, REFUSED, Kind, Report

WAIT = Kind("good and slow", 200, "good", do="wait")
HANG = Kind("without an answer", 502, "good", "/fragile", "Internal server error", "hang")
NOT_TAKEN = {"ClientConnectorError", "ClientOSError", "ServerDisconnectedError"}
"""What a request meets that the stage has not taken: nobody listens, or its idle connection is closed."""

LATE = 4.0
"""Seconds; more than a start takes."""


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    with nothing_left_running():
        yield


def is_right_or_not_taken(report: Report, *kinds: Kind) -> bool:
    """Return whether each request had its one right answer, or could not be sent to the stage."""
    right = all(report.statuses(kind) == {kind.status} for kind in kinds)
    return right and report.error_classes() <= NOT_TAKEN


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stage_that_is_stopped_answers_all_that_it_has_taken(
    tmp_path: Path, number: signal.Signals
) -> None:
    with echo_api(tmp_path) as api, api.traffic(mix=(*MIX, WAIT), fault=f"{number.name} under load") as flow:
        flow.wait_for_good(20)
        flow.wait_for(WAIT)
        assert api.stage.stop(number) == 0
        flow.wait_for_error()
    assert is_right_or_not_taken(flow.report, GOOD, WAIT, *REFUSED)
    assert set(api.calls()) - flow.report.answered == set()


def test_a_function_that_hangs_keeps_no_stage_from_stopping(tmp_path: Path) -> None:
    fault = "SIGTERM amid hanging functions"
    with echo_api(tmp_path) as api, api.traffic(connections=4, mix=(GOOD, HANG), fault=fault) as flow:
        flow.wait_for_good(2)
        assert api.stage.stop(signal.SIGTERM) == 0
        flow.wait_for_error()
    assert is_right_or_not_taken(flow.report, GOOD, HANG)
    assert set(api.calls()) - flow.report.answered == set()


def assert_well(api: EchoApi) -> None:
    """Fail unless everybody is answered rightly, callers with the same users' tokens as before."""
    with api.traffic(fault="after a restart") as flow:
        flow.wait_for_good(20)
    assert flow.report.is_right()


def test_a_stage_that_is_killed_under_load_comes_back_with_its_users(tmp_path: Path) -> None:
    """It is started again at once, while the local AWS of the killed one may still save them."""
    with echo_api(tmp_path) as api, api.traffic(mix=(*MIX, WAIT), fault="SIGKILL of the stage") as flow:
        create_user(api.stage, "bob")
        flow.wait_for_good(20)
        assert api.stage.stop(signal.SIGKILL) == -signal.SIGKILL
        flow.wait_for_error()
    assert is_right_or_not_taken(flow.report, GOOD, *REFUSED)
    assert RunningStage.find(api.stage.state_folder) is None
    with echo_api(tmp_path) as again:
        assert sign_in(again.stage, "bob")
        assert_well(again)


@pytest.mark.parametrize("sign", ["ministack_process", "local_stage_runtime"])
def test_a_start_that_is_killed_spoils_no_later_one(tmp_path: Path, sign: str) -> None:
    """It is killed as soon as this process of its own is there: the local AWS, or the first function."""
    with starting_echo_api(tmp_path) as process:
        wait_until(lambda: any(sign in command_line(pid) for pid in descendants(process.pid)))
        process.kill()
    with echo_api(tmp_path) as api:
        assert_well(api)


def test_a_start_waits_until_the_local_aws_of_a_killed_stage_has_gone(tmp_path: Path) -> None:
    """Else that one, which is late here, would write its state over the state of the new one."""
    with echo_api(tmp_path) as api:
        (late,) = (pid for pid in descendants(api.stage.pid) if "ministack_process" in command_line(pid))
        os.kill(late, signal.SIGSTOP)
        api.stage.stop(signal.SIGKILL)
    going_on = threading.Timer(LATE, os.kill, (late, signal.SIGCONT))
    going_on.start()
    try:
        with echo_api(tmp_path):
            assert not is_running(late)
    finally:
        going_on.join()
