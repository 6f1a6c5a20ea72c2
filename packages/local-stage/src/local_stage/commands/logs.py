"""`local-stage logs`."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import Final

from local_stage.commands.arguments import Commands, add_command, add_json, add_state_folder
from local_stage.errors import spell_command
from local_stage.log.colour import wants_colour
from local_stage.log.log_reader import Selection, render, render_json, show_logs

_LOGS_HELP: Final = """\
Prints what the functions have logged since the stage was first started here, START, END and REPORT included,
each invocation's lines together: in colour on a terminal (unless NO_COLOR is set), plain in a pipe. With
--json each line is an object: time (Unix seconds), function, log_stream, request_id, text, platform.
Exit code 0: printed; 1: nothing of that request or function; 2: there is no log.
"""


def add(commands: Commands) -> None:
    """Add `logs` to the commands."""
    logs = add_command(
        commands,
        "logs",
        _logs,
        description=_LOGS_HELP,
    )
    logs.add_argument("--follow", "-f", action="store_true", help="go on with what is logged, until Ctrl-C")
    logs.add_argument(
        "--request-id",
        metavar="ID",
        help="one request: the answer's x-amzn-RequestId, or the RequestId of START and REPORT",
    )
    logs.add_argument("--function", metavar="NAME", help="one function, by its logical id in the template")
    add_json(logs)
    add_state_folder(logs)


def _logs(options: argparse.Namespace) -> int:
    selection = Selection(request_id=options.request_id, function=options.function)
    is_coloured = wants_colour(sys.stdout, os.environ)
    exit_code = show_logs(
        options.state_folder,
        selection,
        follow=options.follow,
        stream=sys.stdout,
        render=render_json if options.json else partial(render, is_coloured=is_coloured),
    )
    if exit_code:
        sys.stderr.write(
            f"local-stage: nothing of it in the log; `{spell_command('logs')}` shows all of it\n"
        )
    return exit_code
