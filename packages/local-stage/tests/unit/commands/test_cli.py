"""The command line teaches what it takes, and names what is wrong with what it was given."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local_stage.cli import COMMANDS, main
from local_stage.commands import MEANINGS


def ended(arguments: list[str]) -> int:
    """Return the exit code, whether the command line returns it or argparse exits with it."""
    with pytest.raises(SystemExit) as exited:
        sys.exit(main(arguments))
    assert isinstance(exited.value.code, int)
    return exited.value.code


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one line on standard error of a command that refuses to start."""
    assert ended(["start", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line


def usage_error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the last line on standard error, after the usage."""
    assert ended([*arguments]) == 2
    usage, *_, last = capsys.readouterr().err.splitlines()
    assert usage.startswith("usage: local-stage ")
    return last


def test_the_help_names_every_command_and_waits_for_the_imports_of_none() -> None:
    assert list(MEANINGS) == [*COMMANDS, "completion"]
    script = (
        "import sys; from local_stage.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print(*[one for one in sys.modules if one.startswith('local_stage.commands.')])"
    )
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    *printed, imported = done.stdout.split("\n")[:-1]
    assert imported == ""
    assert [name for name in MEANINGS if f"\n    {name} " not in "\n".join(printed)] == []


def test_no_command_shows_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert usage_error(capsys) == "local-stage: error: the following arguments are required: command"


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["--help"]) == 0
    help_text = capsys.readouterr().out
    assert "serve the template's APIs until Ctrl-C" in help_text
    assert "test-authorizer" in help_text


@pytest.mark.parametrize(
    "taught",
    [
        "their authorizers enforced",
        "users and keys are kept in .local-stage/",
        "is refused, with every reason: exit code 2",
        "(template.yaml)",
        "(3000)",
        "(4566)",
        "(ap-northeast-1)",
        "(hello-api)",
        "--parameter-overrides Key=Value",
        "--outputs-file FILE",
        "--debug PORT",
        "--env-vars FILE",
        "local-stage start --user-pool-arn arn:aws:cognito-idp:<region>:<account>:userpool/<pool id>",
    ],
)
def test_help_of_start_teaches_options_defaults_and_examples(
    capsys: pytest.CaptureFixture[str], taught: str
) -> None:
    assert ended(["start", "--help"]) == 0
    assert taught in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        ("--port", "http", "argument --port/-p: 'http' is no port"),
        ("--port", "65536", "argument --port/-p: '65536' is no port"),
        ("--aws-port", "-1", "argument --aws-port: '-1' is no port"),
        ("--debug", "vscode", "argument --debug/--debug-port/-d: 'vscode' is no port"),
        ("--concurrency", "0", "argument --concurrency: '0' is no number of at least 1"),
        ("--concurrency", "many", "argument --concurrency: 'many' is no number of at least 1"),
    ],
)
def test_a_number_that_cannot_be_used_is_named(
    capsys: pytest.CaptureFixture[str], option: str, value: str, why: str
) -> None:
    assert usage_error(capsys, "start", f"{option}={value}") == f"local-stage start: error: {why}"


def test_an_unknown_option_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert usage_error(capsys, "start", "--nonsense", "x") == (
        "local-stage: error: unrecognized arguments: --nonsense x"
    )


@pytest.mark.parametrize("pair", ["StageName", "=prod", ""])
def test_a_parameter_override_that_is_no_pair_is_named(capsys: pytest.CaptureFixture[str], pair: str) -> None:
    assert refusal(capsys, "--parameter-overrides", "A=1", pair) == (
        f"local-stage: --parameter-overrides {pair!r}: not of the form Key=Value"
    )


def test_a_region_that_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "--region", "tokyo") == (
        "local-stage: --region tokyo: no region of the partition aws, such as ap-northeast-1"
    )


def test_a_stack_name_that_cloudformation_would_not_take_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "--stack-name", "hello_api") == (
        "local-stage: --stack-name hello_api: letters, digits and hyphens, a letter first"
    )


def test_a_user_pool_arn_that_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "--user-pool-arn", "ap-northeast-1_abc") == (
        "local-stage: --user-pool-arn: 'ap-northeast-1_abc' is no user pool's ARN; write"
        " arn:aws:cognito-idp:<region>:<account id>:userpool/<region>_<id>"
    )


def test_an_env_vars_file_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "env.json"
    assert refusal(capsys, "--env-vars", str(file)) == (
        f"local-stage: {file}: cannot be read: No such file or directory"
    )
