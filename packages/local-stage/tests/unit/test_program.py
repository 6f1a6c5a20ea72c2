"""The commands in messages are what their reader can run."""

from __future__ import annotations

import shutil
from pathlib import Path

from local_stage.errors import spell_command, spell_program


def test_a_program_below_the_current_folder_is_named_as_it_would_be_typed() -> None:
    assert spell_program(str(Path.cwd() / ".venv" / "bin" / "other-stage")) == ".venv/bin/other-stage"
    assert spell_program(".venv/bin/other-stage") == ".venv/bin/other-stage"


def test_a_program_elsewhere_is_named_whole() -> None:
    assert spell_program("/opt/my tools/other-stage") == "'/opt/my tools/other-stage'"


def test_a_program_on_the_path_is_named_by_its_name_alone() -> None:
    found = shutil.which("sh")
    assert found is not None
    assert spell_program(found) == "sh"


def test_where_another_program_runs_the_stage_the_name_is_all_that_is_known() -> None:
    assert spell_command("users") == "local-stage users"
