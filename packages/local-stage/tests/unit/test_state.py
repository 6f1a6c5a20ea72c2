"""The state folder tells other commands of the running stage, and keeps its files to their owner."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from local_stage.errors import StartError
from local_stage.state import RunningStage, lock_state_folder, remove_json, write_json

STAGE = RunningStage(
    pid=os.getpid(),
    api_url="http://127.0.0.1:3000/dev",
    aws_endpoint_url="http://127.0.0.1:4566",
    region="ap-northeast-1",
    stack_name="hello-api",
    template="/src/template.yaml",
)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def ended_process() -> int:
    """Return the id of a process that has come to its end."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_other_commands_find_the_stage_that_runs(tmp_path: Path) -> None:
    STAGE.write(tmp_path)
    assert RunningStage.find(tmp_path) == STAGE


def test_no_stage_is_found_where_none_runs(tmp_path: Path) -> None:
    assert RunningStage.find(tmp_path) is None
    assert RunningStage.find(tmp_path / "nowhere") is None


def test_a_stage_that_was_killed_is_not_found(tmp_path: Path) -> None:
    RunningStage(ended_process(), "u", "a", "r", "s", "t").write(tmp_path)
    assert RunningStage.find(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"x"', '{"pid": 1, "port": 2}'])
def test_a_file_that_is_none_of_ours_is_no_stage(tmp_path: Path, text: str) -> None:
    (tmp_path / "running.json").write_text(text)
    assert RunningStage.find(tmp_path) is None


def test_a_stage_that_has_stopped_is_not_found(tmp_path: Path) -> None:
    STAGE.write(tmp_path)
    RunningStage.remove(tmp_path)
    assert RunningStage.find(tmp_path) is None
    RunningStage.remove(tmp_path)


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with lock_state_folder(tmp_path / "deep" / "state") as folder:
        assert folder == (tmp_path / "deep" / "state").resolve()
        assert mode(folder) == 0o700
        assert mode(folder / "lock") == 0o600


def test_the_mode_of_a_folder_that_was_there_is_left_alone(tmp_path: Path) -> None:
    """It may be anybody's, as with `--state-folder /tmp`."""
    tmp_path.chmod(0o755)
    with lock_state_folder(tmp_path):
        assert mode(tmp_path) == 0o755


def test_a_second_stage_is_kept_out_and_told_of_the_first(tmp_path: Path) -> None:
    with lock_state_folder(tmp_path):
        STAGE.write(tmp_path)
        with pytest.raises(StartError) as caught, lock_state_folder(tmp_path):
            pass
    assert str(caught.value) == (
        f"{tmp_path}: another stage runs from this folder at http://127.0.0.1:3000/dev (pid {os.getpid()})"
    )


def test_a_second_stage_is_kept_out_while_the_first_is_starting(tmp_path: Path) -> None:
    with (
        lock_state_folder(tmp_path),
        pytest.raises(StartError, match=r"another stage runs from this folder$"),
        lock_state_folder(tmp_path),
    ):
        pass


def test_the_folder_is_free_again_when_the_stage_has_stopped(tmp_path: Path) -> None:
    for _ in range(2):
        with lock_state_folder(tmp_path):
            assert (tmp_path / "lock").exists()


@pytest.mark.parametrize("below", ["file", "file/state"])
def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StartError, match=f"{below}: cannot keep state there: "),
        lock_state_folder(tmp_path / below),
    ):
        pass


def test_a_json_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_json(tmp_path / "deep" / "outputs.json", {"ApiUrl": "u"})
    assert mode(tmp_path / "deep" / "outputs.json") == 0o600
    assert json.loads((tmp_path / "deep" / "outputs.json").read_text()) == {"ApiUrl": "u"}


def test_a_json_file_that_cannot_be_made_whole_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    write_json(file, {"ApiUrl": "old"})
    with pytest.raises(TypeError):
        write_json(file, {"ApiUrl": "new", "Broken": object()})
    assert json.loads(file.read_text()) == {"ApiUrl": "old"}
    assert list(tmp_path.iterdir()) == [file]


def test_a_json_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"file/outputs\.json: cannot be written: "):
        write_json(tmp_path / "file" / "outputs.json", {})


def test_a_file_of_an_earlier_stage_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    write_json(file, {})
    remove_json(file)
    remove_json(file)
    assert not file.exists()


def test_only_a_file_is_removed(tmp_path: Path) -> None:
    """`--outputs-file /dev/stdout` must not cost the machine its /dev/stdout."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for other in (tmp_path, pipe):
        with pytest.raises(StartError, match=": is no file and cannot be replaced by one"):
            remove_json(other)
        assert other.exists()
