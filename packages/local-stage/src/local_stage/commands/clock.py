"""`local-stage clock`."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from local_stage.commands.arguments import (
    Commands,
    add_command,
    add_inherited,
    add_json,
    add_state_folder,
    find_running_stage,
)
from local_stage.console.console_client import CLOCK, ask_console

_HELP: Final = """\
Shows the running stage's clock, moves it forward, or sets it right again, so that a token's expiry can be
seen without waiting for it. The stage alone goes by it, not the pool: a token that the pool issues while the
clock is ahead may have expired for the stage from the start. Exit code 0: done; 2: there is no stage to ask.
"""

_EXAMPLES: Final = """\
examples:
  local-stage clock advance 2h       every token issued up to now has expired
  local-stage clock advance 1h30m
  local-stage clock reset
  local-stage clock
"""

_SECONDS: Final[Mapping[str, int]] = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION: Final = re.compile(r"(?:[0-9]{1,9}[dhms])+")
_PART: Final = re.compile(r"([0-9]+)([dhms])")


def add(commands: Commands) -> None:
    """Add `clock` to the commands."""
    clock = add_command(
        commands,
        "clock",
        _show,
        description=_HELP,
        examples=_EXAMPLES,
    )
    add_json(clock)
    add_state_folder(clock)
    actions = clock.add_subparsers(metavar="action")
    advance = actions.add_parser("advance", help="move it forward")
    advance.add_argument(
        "duration", type=read_duration, metavar="DURATION", help="as 90s, 15m, 2h, 1d or 1h30m"
    )
    advance.set_defaults(run=_advance)
    reset = actions.add_parser("reset", help="go by this machine's clock again")
    reset.set_defaults(run=_reset)
    for action in (advance, reset):
        add_inherited(action, add_json, add_state_folder)


def read_duration(text: str) -> int:
    """Read a duration such as 1h30m and return its seconds. Raises ArgumentTypeError for what is none."""
    if not _DURATION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; write it as 90s, 15m, 2h, 1d or 1h30m")
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    if not seconds:
        raise argparse.ArgumentTypeError(f"{text!r} is no time at all; the clock goes forward only")
    return seconds


def _show(options: argparse.Namespace) -> int:
    return _ask(options, "GET")


def _advance(options: argparse.Namespace) -> int:
    return _ask(options, "POST", {"advance": options.duration})


def _reset(options: argparse.Namespace) -> int:
    return _ask(options, "DELETE")


def _ask(options: argparse.Namespace, method: str, body: Mapping[str, Any] | None = None) -> int:
    answer = ask_console(find_running_stage(options.state_folder), method, CLOCK, body)
    sys.stdout.write((json.dumps(answer) if options.json else _describe(**answer)) + "\n")
    return 0


def _describe(now: float, ahead: float) -> str:
    at = datetime.fromtimestamp(now).astimezone().isoformat(" ", "seconds")
    if not ahead:
        return f"{at}, as this machine's clock"
    return f"{at}, {timedelta(seconds=ahead)} ahead of this machine's clock"
