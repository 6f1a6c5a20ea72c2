"""The files of the local AWS: whole whenever it is killed, and a damaged one is named, never written over."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from local_stage.cloudformation.local_aws import LocalAws
from local_stage.errors import StartError
from tests.local.emulated_pool import EmulatedPool
from tests.local.local_aws_process import running_local_aws, settings_for
from tests.processes import command_line, nothing_left_running, processes_in, wait_until

DAMAGE: Mapping[str, bytes] = {
    "empty": b"",
    "cut off": b'{"__ministack_format__": 3, "payload": {"user_po',
    "zeros": bytes(4096),
    "not UTF-8": b'{"payload": "\xff"}',
    "a list": b"[]",
    "another object": b"{}",
    "nested too deep": b"[" * 100_000,
}

UNRESTORABLE = json.dumps({"__ministack_format__": 3, "payload": {"user_pools": {"ap-northeast-1_x": 5}}})


def state_file(folder: Path, name: str = "cognito.json") -> Path:
    return folder / "aws" / "state" / name


def start(folder: Path) -> str:
    """Start a local AWS that is expected to refuse, and return why it does."""
    with nothing_left_running(), pytest.raises(StartError) as caught:
        asyncio.run(LocalAws(settings_for(folder)).start())
    return str(caught.value)


def kill_local_aws(folder: Path) -> None:
    (pid,) = (pid for pid in processes_in(folder) if "ministack_process" in command_line(pid))
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any("ministack_process" in command_line(pid) for pid in processes_in(folder)))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The folder of a local AWS that has held a pool with its keys, and was stopped."""
    with running_local_aws(tmp_path) as settings:
        EmulatedPool(settings).keys()
    return tmp_path


def test_a_damaged_file_is_named_and_left_as_it_is(saved: Path) -> None:
    file = state_file(saved)
    for content in DAMAGE.values():
        file.write_bytes(content)
        assert f"the local AWS did not start: {file} is damaged (" in start(saved)
        assert file.read_bytes() == content


def test_a_damaged_key_is_named_since_another_key_would_refuse_all_tokens(saved: Path) -> None:
    (file, _) = sorted((saved / "aws" / "state" / "cognito-pool-keys").iterdir())
    file.write_bytes(file.read_bytes()[:100])
    assert f"{file} is damaged (" in start(saved)


def test_what_can_be_read_and_not_restored_is_named_and_left_as_it_is(saved: Path) -> None:
    file = state_file(saved)
    file.write_text(UNRESTORABLE)
    assert "Failed to restore persisted state for cognito" in start(saved)
    assert file.read_text() == UNRESTORABLE


def test_without_the_damaged_file_it_starts_again(saved: Path) -> None:
    state_file(saved).write_bytes(b"")
    assert "remove it to start without what it held" in start(saved)
    state_file(saved).unlink()
    with running_local_aws(saved) as settings:
        assert settings.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"] == []


def test_what_is_saved_while_it_runs_is_what_it_saves_itself_when_it_stops(tmp_path: Path) -> None:
    """What is not saved meanwhile is as a local AWS has it that nobody has asked for anything."""
    (tmp_path / "unused").mkdir()
    with running_local_aws(tmp_path / "unused"):
        pass
    with running_local_aws(tmp_path) as settings:
        pool = EmulatedPool(settings)
        pool.add_user()
        settings.client("ssm").put_parameter(Name="/a", Value="b", Type="String")
        parameters = state_file(tmp_path, "ssm.json")
        wait_until(lambda: parameters.exists() and b'"/a"' in parameters.read_bytes())
        pool.keys()  # a response comes only after the whole save, of which this file was a part
        folder = parameters.parent
        saved = {file.name: file.read_bytes() for file in folder.glob("*.json")}
    unused = {file.name: file.read_bytes() for file in state_file(tmp_path / "unused").parent.glob("*.json")}
    assert {"cognito.json", "ssm.json"} <= saved.keys()
    assert {file.name: file.read_bytes() for file in folder.glob("*.json")} == unused | saved


def test_what_was_restored_and_has_not_changed_is_not_written_again(saved: Path) -> None:
    """There are files of fifty services, of which a stage uses a few."""
    folder = state_file(saved).parent
    for file in folder.glob("*.json"):
        os.utime(file, (0, 0))
    parameters = folder / "ssm.json"
    with running_local_aws(saved) as settings:
        settings.client("ssm").put_parameter(Name="/a", Value="b", Type="String")
        wait_until(lambda: b'"/a"' in parameters.read_bytes())
        EmulatedPool(settings).keys()  # as above
        written = {file.name for file in folder.glob("*.json") if file.stat().st_mtime}
    assert "ssm.json" in written
    assert len(written) < 5


def test_a_kill_at_any_moment_leaves_whole_files(tmp_path: Path) -> None:
    """Each time another number of users has been made, and the last of them is there afterwards."""
    with running_local_aws(tmp_path) as settings:
        pool = EmulatedPool(settings)
        users = [pool.add_user()]
        kill_local_aws(tmp_path)
    for number in (1, 7, 20, 0):
        with running_local_aws(tmp_path) as settings:
            cognito = settings.client("cognito-idp")
            for name in users:
                assert cognito.admin_get_user(UserPoolId=pool.id, Username=name)["Enabled"]
            for n in range(number):
                users.append(f"user-{number}-{n}")
                cognito.admin_create_user(UserPoolId=pool.id, Username=users[-1], MessageAction="SUPPRESS")
            kill_local_aws(tmp_path)


def test_a_save_that_was_cut_off_leaves_the_file_before_it(saved: Path) -> None:
    """MiniStack writes beside the file and renames; what lies beside it is passed over."""
    state_file(saved, "cognito.json.tmp").write_bytes(b'{"__ministack_format__": 3, "payl')
    with running_local_aws(saved) as settings:
        assert len(settings.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]) == 1


def test_a_start_that_is_refused_is_no_loss(saved: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = state_file(saved).read_bytes()
    state_file(saved).write_text(UNRESTORABLE)
    assert "Failed to restore persisted state" in start(saved)
    state_file(saved).write_bytes(content)
    with running_local_aws(saved):
        assert "could not save" not in caplog.text
