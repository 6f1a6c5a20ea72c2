"""What the arguments of several commands have in common."""

from __future__ import annotations

import argparse
import getpass
import ipaddress
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from local_stage.commands import MEANINGS
from local_stage.commands.sam_config import find_template, split_pairs
from local_stage.errors import StartError, UsageError, spell_command
from local_stage.state import DEFAULT_FOLDER, RunningStage

if TYPE_CHECKING:
    from local_stage.cognito.directory.pool_stack import PoolStack

EXIT_REFUSED: Final = 1
PASSWORD_VARIABLE: Final = "LOCAL_STAGE_PASSWORD"  # noqa: S105 - the name of a variable
STANDARD_INPUT: Final = "-"
"""What stands for it in an argument."""

type Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no other name
"""Where a command adds a parser of its own."""

type Run = Callable[[argparse.Namespace], int]
"""Runs a command and returns its exit code."""


def add_command(
    commands: Commands, name: str, run: Run, *, description: str, examples: str | None = None
) -> argparse.ArgumentParser:
    """Add a command of `MEANINGS`, its help laid out as it is written, and return its parser."""
    command = commands.add_parser(
        name,
        help=MEANINGS[name],
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def add_state_folder(command: argparse.ArgumentParser) -> None:
    """Add `--state-folder`, by which a command finds the running stage and what it keeps."""
    command.add_argument(
        "--state-folder",
        type=Path,
        metavar="DIR",
        default=DEFAULT_FOLDER,
        help="where users, keys and logs are kept (.local-stage)",
    )


def add_template(command: argparse.ArgumentParser) -> None:
    """Add `--template`: the template of this folder unless told otherwise."""
    command.add_argument(
        "--template",
        "-t",
        "--template-file",
        type=Path,
        metavar="FILE",
        default=find_template(Path()),
        help="the SAM template (template.yaml)",
    )


def add_api(command: argparse.ArgumentParser) -> None:
    """Add `--api`, which chooses one of the template's APIs."""
    command.add_argument(
        "--api",
        metavar="NAME",
        help="which API, by its logical id, where several would do (HelloApi, or HelloApi/dev by its stage)",
    )


def add_parameter_overrides(command: argparse.ArgumentParser) -> None:
    """Add `--parameter-overrides`, as SAM CLI takes it, and `--import-value`.

    `read_pairs` and `read_imports` read what was given.
    """
    command.add_argument(
        "--parameter-overrides",
        nargs="+",
        action="append",
        default=[],
        metavar="Key=Value",
        help="values of the template's parameters",
    )
    command.add_argument(
        "--import-value",
        nargs="+",
        action="append",
        default=[],
        metavar="Name=Value",
        help="what another stack exports under this name, or SSM or Secrets Manager holds",
    )


def read_pairs(groups: Sequence[Sequence[str]], option: str = "--parameter-overrides") -> dict[str, str]:
    """Read `Key=Value` pairs of an option. Raises StartError for one that is none."""
    pairs = {}
    for pair in split_pairs(groups):
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} {pair!r}: not of the form Key=Value")
        pairs[name] = value
    return pairs


def read_folders(pairs: Mapping[str, str], option: str) -> dict[str, Path]:
    """Return the folders of `Name=Folder` pairs. Raises StartError for what is no folder."""
    for name, folder in pairs.items():
        if not Path(folder).is_dir():
            raise UsageError(f"{option} {name}={folder}: {folder} is not a folder")
    return {name: Path(folder).absolute() for name, folder in pairs.items()}


def read_imports(options: argparse.Namespace) -> dict[str, str]:
    """Return what `--import-value` was given. Raises StartError for what is no `Name=Value`."""
    return read_pairs(options.import_value, "--import-value")


def read_port(text: str) -> int:
    """Read a port. Raises ArgumentTypeError for what is none."""
    if not text.isdecimal() or int(text) > 65535:  # noqa: PLR2004 - RFC 9293: 16 bits
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


def read_address(text: str) -> str:
    """Read an IPv4 or IPv6 address. Raises ArgumentTypeError for what is none."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address") from None


def read_positive(text: str) -> int:
    """Read a number of at least 1. Raises ArgumentTypeError for what is none."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of at least 1")
    return int(text)


def add_json(command: argparse._ActionsContainer) -> None:
    """Add `--json`: the answer for a program instead of a person."""
    command.add_argument("--json", action="store_true", help="print the answer as JSON")


def accept_json(command: argparse.ArgumentParser) -> None:
    """Add a `--json` that changes nothing, to a command that prints JSON anyway."""
    command.add_argument("--json", action="store_true", help="as without it: what is printed is JSON")


def read_text(text: str) -> str:
    """Return what an argument says, or where it is `-` standard input without the blanks around it.

    Raises StartError where standard input is no text.
    """
    return _decode(sys.stdin.buffer.read()).strip() if text == STANDARD_INPUT else text


def read_line() -> str:
    """Return a line of standard input without its end. Raises StartError where it is no text."""
    return _decode(sys.stdin.buffer.readline()).rstrip("\r\n")


def _decode(given: bytes) -> str:
    try:
        return given.decode()
    except UnicodeDecodeError:
        raise UsageError("standard input is not UTF-8 text") from None


def print_json(value: Mapping[str, Any]) -> None:
    """Print an answer as JSON, for a program or a person."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def add_inherited(
    action: argparse.ArgumentParser, *adders: Callable[[argparse.ArgumentParser], None]
) -> None:
    """Add options that an action shares with its command, so that they may stand before it or after it."""
    own = {argument.dest for argument in action._actions}  # noqa: SLF001 - argparse tells them in no other way
    for add in adders:
        add(action)
    for argument in action._actions:  # noqa: SLF001 - as above
        if argument.dest not in own:
            # A default of the action's own would win over what stands before it.
            argument.default = argparse.SUPPRESS


def find_running_stage(state_folder: Path, otherwise: str = "") -> RunningStage:
    """Return the stage that runs from this state folder.

    Raises StartError where there is none; `otherwise` ends its sentence with what can be asked instead.
    """
    running = RunningStage.find(state_folder)
    if running is None:
        why = f"no stage runs from this folder; `{spell_command('start')}` starts one{otherwise}"
        raise UsageError(why, file=str(state_folder))
    return running


def add_pool(command: argparse.ArgumentParser) -> None:
    """Add what says which pool: the running stage's by its folder, or a deployed stack's by its name."""
    add_state_folder(command)
    command.add_argument(
        "--pool", metavar="NAME", help="which user pool, where there are several: its id or logical id"
    )
    deployed = command.add_argument_group("a deployed stack instead of the running stage")
    deployed.add_argument("--stack-name", metavar="NAME", help="the stack on AWS, found by your credentials")
    deployed.add_argument("--region", metavar="NAME", help="where it is (AWS_REGION, or your profile's)")
    deployed.add_argument("--endpoint-url", metavar="URL", help="another AWS than AWS (AWS_ENDPOINT_URL)")


def find_pool_stack(options: argparse.Namespace) -> PoolStack:
    """Return the stack that the options mean. Raises StartError where it cannot be found."""
    from local_stage.cognito.directory.pool_stack import PoolStack  # noqa: PLC0415 - slow to import

    named = {"pool": options.pool, "client": getattr(options, "client", None)}
    if options.stack_name:
        return PoolStack.deployed(options.stack_name, options.region, options.endpoint_url, **named)
    require_stack_name(options)
    running = find_running_stage(options.state_folder, ", or name --stack-name")
    return PoolStack.of_running_stage(running, **named)


def require_stack_name(options: argparse.Namespace) -> None:
    """Raise StartError for an option of a deployed stack where none is named: it would be ignored."""
    for name in ("region", "endpoint_url"):
        if getattr(options, name):
            raise UsageError(f"--{name.replace('_', '-')} goes with --stack-name; name the stack as well")


def tell_refusal(error: StartError) -> int:
    """Print what the pool refuses and return the exit code. Raises the error where AWS refuses who asks."""
    from local_stage.cloudformation.aws_refusal import AwsRefusalError  # noqa: PLC0415 - slow to import

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


def read_password(options: argparse.Namespace, username: str, known: str | None = None) -> str:
    """Return the password that was given, or else the known one, or ask for it without showing it.

    Raises StartError where there is nobody to ask.
    """
    given = find_password(options) or known
    if given:
        return given
    if not sys.stdin.isatty():
        raise UsageError(
            f"no password of {username}; pass it in {PASSWORD_VARIABLE}, or by --password - on stdin"
        )
    return getpass.getpass(f"Password of {username}: ", stream=sys.stderr)
