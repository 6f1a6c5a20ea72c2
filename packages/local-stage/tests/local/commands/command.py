"""A command of ours as a developer runs it beside the stage."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from local_stage.cli import main
from tests.stage_process import COMMAND, StageProcess

DEADLINE = 90.0
"""Seconds; a command takes one or two, and a busy machine many."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has come to its end."""

    returncode: int
    stdout: str
    stderr: str


def run_command(
    *arguments: object, standard_input: str | None = None, environment: Mapping[str, str] | None = None
) -> Ended:
    """Run `local-stage` with these arguments and return how it ended.

    In a process of its own where it has a standard input or more in its environment; else in this one, which
    has boto3 imported already.
    """
    if standard_input is None and environment is None:
        return _run_here([*map(str, arguments)])
    ended = subprocess.run(  # noqa: S603 - our own command
        [COMMAND, *map(str, arguments)],
        input=standard_input or "",
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def _run_here(arguments: list[str]) -> Ended:
    printed, log = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(log):
        exit_code = main(arguments)
    return Ended(exit_code, printed.getvalue(), log.getvalue())


def run_beside(
    stage: StageProcess,
    *arguments: object,
    standard_input: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a command for the stage's state folder."""
    return run_command(
        *arguments,
        "--state-folder",
        stage.state_folder,
        standard_input=standard_input,
        environment=environment,
    )


def deployed_options(stage: StageProcess) -> tuple[str, ...]:
    """Return the options by which a command finds the stage's stack as if it were on AWS."""
    region = stage.outputs["UserPoolId"].partition("_")[0]
    return ("--stack-name", "hello-api", "--region", region, "--endpoint-url", stage.aws_endpoint_url)


AWS_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
"""What the local AWS takes for credentials."""
