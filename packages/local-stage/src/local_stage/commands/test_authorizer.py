"""`local-stage test-authorizer`."""

from __future__ import annotations

import argparse
import asyncio
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

EXIT_UNAUTHORIZED: Final = 1

_TEST_AUTHORIZER_HELP: Final = """\
Tells what the running stage's authorizer decides for a token, in the shape of AWS's own
`aws apigateway test-invoke-authorizer`: clientStatus (0, or the status its sender would get), claims, log
and latency. As on AWS only ID tokens pass: the test knows no method, so no scopes. The token goes nowhere.
Exit code 0: it passes; 1: it is refused; 2: there is no stage to ask.
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
    from local_stage.commands.invoke_authorizer import SUCCESS, invoke_running_authorizer  # noqa: PLC0415 - as in _start

    token = read_text(options.token)
    answer = asyncio.run(invoke_running_authorizer(running, options.authorizer, token))
    sys.stdout.write(json.dumps(answer, indent=4, ensure_ascii=False) + "\n")
    return 0 if answer["clientStatus"] == SUCCESS else EXIT_UNAUTHORIZED
