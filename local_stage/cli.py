"""The command line: `local-stage start` and what else the stage is asked."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from local_stage.colour import wants_colour
from local_stage.errors import StartError
from local_stage.logs import Selection, show_logs
from local_stage.options import StartOptions, read_environment_overrides
from local_stage.state import DEFAULT_FOLDER, RunningStage

PYTHON: Final = (3, 13)
STANDARD_INPUT: Final = "-"
EXIT_UNAUTHORIZED: Final = 1
EXIT_REFUSED: Final = 2

_START_HELP: Final = """\
Serves the REST API of a SAM template on http://127.0.0.1:<port>/<stage>, its Cognito authorizer enforced.
The user pool lives in a local AWS (MiniStack), brought up through CloudFormation under the stack's name;
users and keys are kept in .local-stage/ from one start to the next. Nothing leaves this machine.

What cannot be enforced here (another authorizer, IAM, API keys, resource policies …) is refused: exit code 2.
"""

_START_EXAMPLES: Final = """\
examples:
  local-stage start
  local-stage start --port 8080 --parameter-overrides AllowedOrigin=http://localhost:8000
  local-stage start --outputs-file outputs.json        written when the API answers
  local-stage start --user-pool-arn arn:aws:cognito-idp:<region>:<account>:userpool/<pool id>
                                                       tokens of a real pool open the local API
"""

_TEST_AUTHORIZER_HELP: Final = """\
Tells what the running stage's authorizer decides for a token, in the shape of AWS's own
`aws apigateway test-invoke-authorizer`: clientStatus (0, or the status its sender would get), claims, log
and latency. As on AWS only ID tokens pass: the test knows no method, so no scopes. The token goes nowhere.
Exit code 0: it passes; 1: it is refused; 2: there is no stage to ask.
"""


_LOGS_HELP: Final = """\
Prints what the functions have logged since the stage was first started here, START, END and REPORT included,
each invocation's lines together: in colour on a terminal (unless NO_COLOR is set), plain in a pipe.
Exit code 0: printed; 1: nothing of that request or function; 2: there is no log.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code: 0 for yes, 1 for no, 2 where it could not be run at all."""
    if sys.version_info[:2] != PYTHON:
        wanted = ".".join(map(str, PYTHON))
        return _refuse(
            f"needs Python {wanted}, the runtime of the functions; this is {sys.version.split()[0]}"
        )
    options = _parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except StartError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return _refuse("stopped before it had started")


def _refuse(why: str) -> int:
    sys.stderr.write(f"local-stage: {why}\n")
    return EXIT_REFUSED


def _start(options: argparse.Namespace) -> int:
    from local_stage.start import run  # noqa: PLC0415 - `--help` need not wait for aiohttp and boto3

    overrides = read_environment_overrides(options.env_vars) if options.env_vars else {}
    return run(
        StartOptions(
            template=options.template,
            port=options.port,
            aws_port=options.aws_port,
            region=options.region,
            stack_name=options.stack_name,
            parameter_overrides=_read_pairs(options.parameter_overrides),
            environment_overrides=overrides,
            outputs_file=options.outputs_file,
            user_pool_arn=options.user_pool_arn,
            concurrency=options.concurrency,
            debug_port=options.debug,
            state_folder=options.state_folder,
            cache_folder=options.cache_folder,
        )
    )


def _test_authorizer(options: argparse.Namespace) -> int:
    running = RunningStage.find(options.state_folder)
    if running is None:
        why = "no stage runs from this folder; `make start` starts one"
        raise StartError(why, file=str(options.state_folder))
    from local_stage.invoke_authorizer import SUCCESS, invoke_running_authorizer  # noqa: PLC0415 - as in _start

    token = sys.stdin.read().strip() if options.token == STANDARD_INPUT else options.token
    answer = asyncio.run(invoke_running_authorizer(running, options.authorizer, token))
    sys.stdout.write(json.dumps(answer, indent=4, ensure_ascii=False) + "\n")
    return 0 if answer["clientStatus"] == SUCCESS else EXIT_UNAUTHORIZED


def _logs(options: argparse.Namespace) -> int:
    selection = Selection(request_id=options.request_id, function=options.function)
    is_coloured = wants_colour(sys.stdout, os.environ)
    return show_logs(
        options.state_folder, selection, follow=options.follow, stream=sys.stdout, is_coloured=is_coloured
    )


def _read_pairs(groups: Sequence[Sequence[str]]) -> dict[str, str]:
    """Read `Key=Value` pairs. Raises StartError for one that is none."""
    pairs = {}
    for pair in (pair for group in groups for pair in group):
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise StartError(f"--parameter-overrides {pair!r}: not of the form Key=Value")
        pairs[name] = value
    return pairs


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local-stage", description="API Gateway, Lambda and Cognito of one SAM template, on localhost."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_start(commands)
    _add_test_authorizer(commands)
    _add_logs(commands)
    return parser


def _add_start(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    start = commands.add_parser(
        "start",
        help="serve the template's API until Ctrl-C",
        description=_START_HELP,
        epilog=_START_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    start.set_defaults(run=_start)
    defaults = StartOptions()
    start.add_argument(
        "--template",
        type=Path,
        metavar="FILE",
        default=defaults.template,
        help="the SAM template (template.yaml)",
    )
    start.add_argument(
        "--port",
        type=_port,
        metavar="PORT",
        default=defaults.port,
        help="where the API listens (3000); 0 takes a free port",
    )
    start.add_argument(
        "--aws-port",
        type=_port,
        metavar="PORT",
        default=defaults.aws_port,
        help="where the local AWS listens (4566); 0 as above",
    )
    start.add_argument(
        "--region",
        metavar="NAME",
        default=defaults.region,
        help="the region it claims to be (ap-northeast-1)",
    )
    start.add_argument(
        "--stack-name",
        metavar="NAME",
        default=defaults.stack_name,
        help="the stack in the local AWS (hello-api)",
    )
    start.add_argument(
        "--parameter-overrides",
        nargs="+",
        action="append",
        default=[],
        metavar="Key=Value",
        help="values of the template's parameters",
    )
    start.add_argument(
        "--env-vars", type=Path, metavar="FILE", help="JSON file with variables for functions, as SAM CLI's"
    )
    start.add_argument(
        "--outputs-file",
        type=Path,
        metavar="FILE",
        help="write the stack's outputs there as JSON when the API answers",
    )
    start.add_argument(
        "--user-pool-arn",
        metavar="ARN",
        help="accept the tokens of this pool in AWS instead of the local one's",
    )
    start.add_argument(
        "--concurrency",
        type=_positive,
        metavar="N",
        help="execution environments of a function (one per core)",
    )
    start.add_argument(
        "--debug",
        type=_port,
        metavar="PORT",
        help="wait there for a debugger (debugpy, as VS Code has it), without time limits; a second function "
        "waits at the next port",
    )
    _add_state_folder(start)
    start.add_argument(
        "--cache-folder",
        type=Path,
        metavar="DIR",
        default=defaults.cache_folder,
        help="where the functions' requirements are installed (.local-stage/cache)",
    )


def _add_test_authorizer(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    test = commands.add_parser(
        "test-authorizer",
        help="what the authorizer says to a token, without calling the API",
        description=_TEST_AUTHORIZER_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    test.set_defaults(run=_test_authorizer)
    test.add_argument("token", metavar="TOKEN", help="the ID token; - reads it from standard input")
    test.add_argument("--authorizer", metavar="NAME", help="which one, where the API has several")
    _add_state_folder(test)


def _add_logs(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    logs = commands.add_parser(
        "logs",
        help="what the functions have logged, the lines of one invocation together",
        description=_LOGS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    logs.set_defaults(run=_logs)
    logs.add_argument("--follow", "-f", action="store_true", help="go on with what is logged, until Ctrl-C")
    logs.add_argument(
        "--request-id",
        metavar="ID",
        help="one request: the answer's x-amzn-RequestId, or the RequestId of START and REPORT",
    )
    logs.add_argument("--function", metavar="NAME", help="one function, by its logical id in the template")
    _add_state_folder(logs)


def _add_state_folder(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--state-folder",
        type=Path,
        metavar="DIR",
        default=DEFAULT_FOLDER,
        help="where users, keys and logs are kept (.local-stage)",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:  # noqa: PLR2004 - RFC 9293: 16 bits
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of at least 1")
    return int(text)
