"""`local-stage completion`: a real shell completes what is half typed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from local_stage.cli import main

COMPLETE = """\
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
specification=$(complete -p local-stage)
function=${specification#*-F }
"${function%% *}" local-stage "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
"""What bash does at the tabulator key: it asks the function that was registered for the command."""


def write_completion(folder: Path, shell: str, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["completion", shell]) == 0
    file = folder / f"completion.{shell}"
    file.write_text(capsys.readouterr().out)
    return file


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        (["tok"], {"token"}),
        (["users", "set-"], {"set-password"}),
        (["token", "alice", "--exp"], {"--expired"}),
        (["token", "alice", "--kind", ""], {"id", "access"}),
        (["completion", "z"], {"zsh"}),
        (["start", "--users", "te"], {"team.yaml"}),
        (["users", "import", "te"], {"team.yaml"}),
        (["nothing-of-ours", "--x"], set()),
    ],
)
def test_bash_completes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: list[str], completed: set[str]
) -> None:
    (tmp_path / "team.yaml").touch()
    script = write_completion(tmp_path, "bash", capsys)
    ended = subprocess.run(  # noqa: S603 - a script of this test
        ["bash", "--norc", "-c", COMPLETE, "bash", script, "local-stage", *typed],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=240,
    )
    assert ended.stderr == ""
    assert set(ended.stdout.split()) == completed


@pytest.mark.parametrize(("shell", "check"), [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")])
def test_the_shell_reads_it_without_complaint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], shell: str, check: str
) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"there is no {shell} here")
    script = write_completion(tmp_path, shell, capsys)
    ended = subprocess.run(  # noqa: S603 - a shell
        [found, check, script], capture_output=True, text=True, check=False, timeout=240
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_knows_each_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for command in ("start", "token", "users", "event", "clock", "explain", "logs", "completion"):
        assert command in script
