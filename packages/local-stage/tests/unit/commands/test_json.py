"""Programs may ask every command for JSON, but for the one that prints a script."""

from __future__ import annotations

import json
import re

import pytest

from local_stage.cli import main
from tests.stage_process import REPOSITORY

WITHOUT_JSON = {"completion": "a script, which a shell reads"}
TEMPLATE = ("--template", str(REPOSITORY / "template.yaml"))


def read_help(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with pytest.raises(SystemExit):
        main([*command, "--help"])
    return capsys.readouterr().out


def commands_below(capsys: pytest.CaptureFixture[str], *command: str) -> list[tuple[str, ...]]:
    """Return every command, and every action of one."""
    names = re.findall(r"^ {4}([a-z]+(?:-[a-z]+)*)\b", read_help(capsys, *command), re.MULTILINE)
    own = [(*command, name) for name in names]
    return [*own, *(below for name in own for below in commands_below(capsys, *name))]


def test_every_command_takes_json_but_the_one_that_prints_a_script(
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands = commands_below(capsys)
    assert {("start",), ("users", "create"), ("clock", "advance"), ("completion",)} <= {*commands}
    without = [command for command in commands if "--json" not in read_help(capsys, *command)]
    assert without == [(name,) for name in WITHOUT_JSON]


@pytest.mark.parametrize("command", [("event", "GET /hello", "--user", "alice"), ("openapi",)])
def test_what_prints_json_anyway_prints_it_when_asked_for_it(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    assert main([*command, *TEMPLATE, "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), dict)
