"""What the local AWS could not save before its end is said to be lost, at the stop and at the next start."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_stage.cloudformation.local_aws import LocalAws
from tests.echo.api import EchoApi, echo_api
from tests.local.emulated_pool import EmulatedPool
from tests.local.faults.local_aws import can_sign_in, find_local_aws
from tests.local.faults.small_disk import SmallDisk, small_disk
from tests.local.local_aws_process import running_local_aws, settings_for
from tests.local.revealing_app import create_user
from tests.processes import command_line, is_running, nothing_left_running, processes_in, wait_until
from tests.stage_process import state_folder

LOST_BEFORE = "The local AWS could not save its state before it last ended"
LOST_NOW = "The local AWS has ended without having saved its state"


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    with nothing_left_running():
        yield


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(state_folder(tmp_path)) as disk:
        yield disk


def kill(api: EchoApi) -> None:
    """Kill the stage, and return when its local AWS, which is not killed, has come to its end too."""
    local_aws = find_local_aws(api.stage)
    assert local_aws is not None
    api.stage.stop(signal.SIGKILL)
    wait_until(lambda: not is_running(local_aws))


def test_a_start_says_that_a_stage_killed_on_a_full_disk_has_lost_users(
    tmp_path: Path, disk: SmallDisk
) -> None:
    """Those of before are there, and another start later says nothing any more."""
    with echo_api(tmp_path) as api:
        create_user(api.stage, "before")
        disk.fill()
        create_user(api.stage, "unsaved")
        kill(api)
    disk.free()
    with echo_api(tmp_path) as api:
        assert api.stage.log.count(LOST_BEFORE) == 1
        assert can_sign_in(api.stage, "before")
        with pytest.raises(api.stage.client("cognito-idp").exceptions.ClientError):
            can_sign_in(api.stage, "unsaved")
        kill(api)
    with echo_api(tmp_path) as api:
        assert LOST_BEFORE not in api.stage.log


def test_a_stop_on_a_full_disk_says_that_users_are_lost_and_so_does_the_next_start(
    tmp_path: Path, disk: SmallDisk
) -> None:
    with echo_api(tmp_path) as api:
        disk.fill()
        create_user(api.stage, "unsaved")
        assert api.stage.stop() == 0
        assert api.stage.log.count(LOST_NOW) == 1
    disk.free()
    with echo_api(tmp_path) as api:
        assert api.stage.log.count(LOST_BEFORE) == 1


def test_a_kill_after_there_is_space_again_loses_nothing(tmp_path: Path, disk: SmallDisk) -> None:
    with echo_api(tmp_path) as api:
        disk.fill()
        create_user(api.stage, "meanwhile")
        disk.free()
        api.stage.wait_for_log("The local AWS has saved its state again")
        kill(api)
    with echo_api(tmp_path) as api:
        assert LOST_BEFORE not in api.stage.log
        assert can_sign_in(api.stage, "meanwhile")


@contextlib.contextmanager
def unwritable_users(folder: Path) -> Iterator[None]:
    """Keep the file of users from being replaced meanwhile: a folder stands where it is written first."""
    obstacle = folder / "aws" / "state" / "cognito.json.tmp"
    obstacle.mkdir()
    yield
    obstacle.rmdir()


def end(folder: Path, number: signal.Signals) -> None:
    """End the local AWS of a folder by a signal, and wait for its end."""
    (pid,) = (pid for pid in processes_in(folder) if "ministack_process" in command_line(pid))
    os.kill(pid, number)
    wait_until(lambda: not any("ministack_process" in command_line(pid) for pid in processes_in(folder)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("is_lost", [True, False])
def test_a_start_says_what_was_lost_before_it_and_only_then(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, number: signal.Signals, *, is_lost: bool
) -> None:
    with running_local_aws(tmp_path) as settings:
        pool = EmulatedPool(settings)
        with unwritable_users(tmp_path) if is_lost else contextlib.nullcontext():
            pool.add_user()
            end(tmp_path, number)
    with running_local_aws(tmp_path):
        assert caplog.text.count(LOST_BEFORE) == int(is_lost)


def test_what_was_saved_before_a_stop_is_not_said_to_be_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """MiniStack writes all files once more when it stops, and fails, with nothing new to be written."""
    local_aws = LocalAws(settings_for(tmp_path))
    with asyncio.Runner() as runner, caplog.at_level(logging.INFO):
        runner.run(local_aws.start())
        EmulatedPool(local_aws.settings).add_user()
        with unwritable_users(tmp_path):
            runner.run(local_aws.stop())
    assert LOST_NOW not in caplog.text
    with running_local_aws(tmp_path):
        assert LOST_BEFORE not in caplog.text
