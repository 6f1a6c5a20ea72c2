"""`local-stage test-authorizer`."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Final

from local_stage.commands.arguments import (
    Commands,
    accept_json,
    add_command,
    add_state_folder,
    find_running_stage,
    read_text,
)
from local_stage.console.console_client import TEST_AUTHORIZER, ask_console

EXIT_UNAUTHORIZED: Final = 1

_TEST_AUTHORIZER_HELP: Final = """\
Asks the running stage's authorizer to decide on a token, and prints the decision in the shape of AWS's own
`aws apigateway test-invoke-authorizer`: clientStatus (0, or the status code that the sender would get),
claims, log and latency. As on AWS only ID tokens pass: the test knows no method, and so no scopes. The token
stays on this machine. Exit code 0: the token passes; 1: the token is refused; 2: no stage runs.
"""


def add(commands: Commands) -> None:
    """Add `test-authorizer` to the commands."""
    test = add_command(
        commands,
        "test-authorizer",
        _test_authorizer,
        meaning="what the authorizer says to a token, without calling the API",
        description=_TEST_AUTHORIZER_HELP,
    )
    test.add_argument("token", metavar="TOKEN", help="the ID token; - reads it from standard input")
    test.add_argument("--authorizer", metavar="NAME", help="which one, where the API has several")
    accept_json(test)
    add_state_folder(test)


def _test_authorizer(options: argparse.Namespace) -> int:
    running = find_running_stage(options.state_folder)
    body = {"token": read_text(options.token), "authorizer": options.authorizer}
    result = ask_console(running, "POST", TEST_AUTHORIZER, body)
    sys.stdout.write(json.dumps(result, indent=4, ensure_ascii=False) + "\n")
    return EXIT_UNAUTHORIZED if result["clientStatus"] else 0
