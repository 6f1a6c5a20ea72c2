"""What the commands for users and tokens have in common: which pool is meant, and passwords."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import Final

from local_stage.cloudformation.aws_refusal import AwsRefusalError
from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.commands.arguments import STANDARD_INPUT, add_state_folder, find_running_stage, read_line
from local_stage.errors import StartError, UsageError

EXIT_REFUSED: Final = 1
PASSWORD_VARIABLE: Final = "LOCAL_STAGE_PASSWORD"  # noqa: S105 - the name of a variable


def add_pool(command: argparse.ArgumentParser) -> None:
    """Add what says which pool: the running stage's by its folder, or a deployed stack's by its name."""
    add_state_folder(command)
    deployed = command.add_argument_group("a deployed stack instead of the running stage")
    deployed.add_argument("--stack-name", metavar="NAME", help="the stack on AWS, found by your credentials")
    deployed.add_argument("--region", metavar="NAME", help="where it is (AWS_REGION, or your profile's)")
    deployed.add_argument("--endpoint-url", metavar="URL", help="another AWS than AWS (AWS_ENDPOINT_URL)")


def find_pool_stack(options: argparse.Namespace) -> PoolStack:
    """Return the stack that the options mean. Raises StartError where it cannot be found."""
    if options.stack_name:
        return PoolStack.deployed(options.stack_name, options.region, options.endpoint_url)
    require_stack_name(options)
    return PoolStack.of_running_stage(find_running_stage(options.state_folder, ", or name --stack-name"))


def require_stack_name(options: argparse.Namespace) -> None:
    """Raise StartError for an option of a deployed stack where none is named: it would be ignored."""
    for name in ("region", "endpoint_url"):
        if getattr(options, name):
            raise UsageError(f"--{name.replace('_', '-')} goes with --stack-name; name the stack as well")


def tell_refusal(error: StartError) -> int:
    """Print what the pool refuses and return the exit code. Raises the error where AWS refuses who asks."""
    if isinstance(error, AwsRefusalError) and not error.is_verdict:
        raise error
    sys.stderr.write(f"local-stage: {error}\n")
    return EXIT_REFUSED


def add_password(command: argparse.ArgumentParser) -> None:
    """Add `--password`, and where else a password may come from."""
    command.add_argument(
        "--password",
        metavar="TEXT",
        help=f"the password; - reads it from standard input. Better in {PASSWORD_VARIABLE}, which other users"
        " of this machine do not see; without either it is asked for",
    )


def find_password(options: argparse.Namespace) -> str | None:
    """Return the password that was given by option, standard input or environment, or None.

    Raises StartError where standard input is no text.
    """
    if options.password == STANDARD_INPUT:
        return read_line()
    return options.password or os.environ.get(PASSWORD_VARIABLE) or None


def read_password(options: argparse.Namespace, username: str) -> str:
    """Return the password that was given, or ask for it without showing it.

    Raises StartError where there is nobody to ask.
    """
    given = find_password(options)
    if given:
        return given
    if not sys.stdin.isatty():
        raise UsageError(
            f"no password of {username}; pass it in {PASSWORD_VARIABLE}, or by --password - on stdin"
        )
    return getpass.getpass(f"Password of {username}: ", stream=sys.stderr)
