"""Options of a command with actions may stand before the action or after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cli import main

ACTIONS = (
    ("clock", "advance", "2h"),
    ("clock", "reset"),
    ("users", "list"),
    ("users", "create", "alice", "--password", "Correct-Horse-7"),
    ("users", "set-password", "alice", "--password", "Correct-Horse-7"),
    ("users", "add-to-group", "alice", "admins"),
    ("users", "delete", "alice"),
)


@pytest.mark.parametrize("action", ACTIONS, ids=" ".join)
@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
def test_the_state_folder_that_is_named_is_the_one_that_is_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, *, action: tuple[str, ...], is_before: bool
) -> None:
    command, *rest = action
    option = ["--state-folder", str(tmp_path)]
    arguments = [command, *option, *rest] if is_before else [command, *rest, *option]
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(f"local-stage: {tmp_path}: no stage runs from this folder")


def test_without_a_stage_users_may_be_those_of_a_deployed_stack(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["users", "--state-folder", str(tmp_path)]) == 2
    assert capsys.readouterr().err.endswith("; `local-stage start` starts one, or name --stack-name\n")
