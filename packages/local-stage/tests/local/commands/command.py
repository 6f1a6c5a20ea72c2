"""A command of ours as a developer runs it beside the stage."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from local_stage.cli import main
from tests.stage_process import StageProcess


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has come to its end."""

    returncode: int
    stdout: str
    stderr: str


def run_command(
    *arguments: object, standard_input: str = "", environment: Mapping[str, str] | None = None
) -> Ended:
    """Run `local-stage` with these arguments and return how it ended.

    In this process, which has boto3 imported already; `test_standard_input.py` starts processes.
    """
    printed, log = io.StringIO(), io.StringIO()
    before = dict(os.environ), sys.stdin
    os.environ.update(environment or {})
    sys.stdin = io.TextIOWrapper(io.BytesIO(standard_input.encode()))
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(log):
            exit_code = main([*map(str, arguments)])
    except SystemExit as ended:  # argparse
        exit_code = int(ended.code or 0)
    finally:
        os.environ.clear()
        os.environ.update(before[0])
        sys.stdin = before[1]
    return Ended(exit_code, printed.getvalue(), log.getvalue())


def run_beside(
    stage: StageProcess,
    *arguments: object,
    standard_input: str = "",
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
