"""The command line: which commands there are, and their exit codes."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Final

from local_stage.commands import MEANINGS
from local_stage.errors import StartError

COMMANDS: Final[Mapping[str, str]] = {
    "start": "start",
    "token": "tokens",
    "users": "users",
    "event": "event",
    "clock": "clock",
    "api-keys": "api_keys",
    "explain": "explain",
    "test-authorizer": "explain",
    "invoke": "invoke",
    "logs": "logs",
    "openapi": "openapi",
}
"""The modules of `local_stage.commands` by the commands that they add."""
EXIT_REFUSED: Final = 2
_FEW_COLLECTIONS: Final = 100_000
"""New objects until the garbage collector looks for those that nothing uses: hardly ever in a command.

What a command imports stays until its end; to look at it again and again would be a tenth of its time.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code: 0 for yes, 1 for no, 2 where it could not be run at all."""
    gc.set_threshold(_FEW_COLLECTIONS)
    given = sys.argv[1:] if arguments is None else arguments
    options = _make_parser(given).parse_args(given)
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except StartError as error:
        return _refuse(*map(str, error.reasons))
    except KeyboardInterrupt:
        sys.stderr.write("\n")  # the cursor stands behind ^C, or behind a question
        return _refuse("interrupted")
    finally:
        if arguments is None:
            gc.freeze()  # the process ends here: to look once more for what nothing uses takes 0.2 s


def _refuse(*reasons: str) -> int:
    sys.stderr.writelines(f"local-stage: {reason}\n" for reason in reasons)
    return EXIT_REFUSED


def _make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser of the command that the arguments begin with, or else of all of them.

    A command does not wait for the imports of the others, and the help of all of them not for any.
    """
    parser = argparse.ArgumentParser(
        prog="local-stage", description="API Gateway, Lambda and Cognito of one SAM template, on localhost."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    if list(arguments[:1]) in ([], ["-h"], ["--help"]):
        for name, meaning in MEANINGS.items():
            commands.add_parser(name, help=meaning)
        return parser
    named = [name for name in arguments[:1] if name in COMMANDS]
    for module in dict.fromkeys(COMMANDS[name] for name in named or COMMANDS):
        import_module(f"local_stage.commands.{module}").add(commands)
    if not named:
        import_module("local_stage.commands.completion").add(commands, parser)
    return parser
