"""The command line: which commands there are, and their exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Final

from local_stage.commands import (
    clock,
    completion,
    event,
    explain,
    logs,
    openapi,
    start,
    test_authorizer,
    tokens,
    users,
)
from local_stage.errors import StartError

EXIT_REFUSED: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code: 0 for yes, 1 for no, 2 where it could not be run at all."""
    options = _make_parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except StartError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        sys.stderr.write("\n")  # the cursor stands behind ^C, or behind a question
        return _refuse("interrupted")


def _refuse(why: str) -> int:
    sys.stderr.write(f"local-stage: {why}\n")
    return EXIT_REFUSED


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local-stage", description="API Gateway, Lambda and Cognito of one SAM template, on localhost."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for command in (start, tokens, users, event, clock, explain, test_authorizer, logs, openapi):
        command.add(commands)
    completion.add(commands, parser)
    return parser
