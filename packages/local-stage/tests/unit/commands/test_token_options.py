"""What `local-stage token` refuses before it looks for a pool."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cli import main


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "whose token? name a USER, or pass --machine"),
        (["alice", "--machine"], "a person's token has custom scopes only by the login page"),
        (["alice", "--scope", "hello/read"], "a person's token has custom scopes only by the login page"),
        (["--machine", "--create"], "a machine is no user"),
        (["--machine", "--group", "admins"], "a machine is no user"),
        (["--machine", "--kind", "id"], "it has an access token alone"),
        (["alice", "--region", "eu-west-1"], "--region goes with --stack-name"),
        (["alice", "--endpoint-url", "http://127.0.0.1:1"], "--endpoint-url goes with --stack-name"),
        (["alice"], "no stage runs from this folder; `local-stage start` starts one, or name --stack-name"),
    ],
)
def test_it_says_what_is_wrong_and_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], why: str
) -> None:
    assert main(["token", *arguments, "--state-folder", str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert why in printed.err


@pytest.mark.parametrize(
    "options",
    [["--header", "--json"], ["--expired", "--tampered"], ["--algorithm", "HS256"], ["--kind", "refresh"]],
)
def test_options_that_exclude_each_other_are_no_command(options: list[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["token", "alice", *options])
    assert exited.value.code == 2


def test_another_algorithm_is_refused_with_the_one_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["token", "alice", "--algorithm", "HS256"])
    assert "argument --algorithm: 'HS256' cannot be had; there is none (not signed at all)" in (
        capsys.readouterr().err
    )
