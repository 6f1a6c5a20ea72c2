"""`local-stage start`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from local_stage.commands.arguments import (
    Commands,
    add_command,
    add_parameter_overrides,
    add_state_folder,
    add_template,
    read_address,
    read_folders,
    read_imports,
    read_pairs,
    read_port,
    read_positive,
)
from local_stage.commands.sam_config import add_sam_options, apply_sam_config
from local_stage.log.log_form import LogForm
from local_stage.serving.options import StartOptions, read_environment_overrides

_START_HELP: Final = """\
Serves the APIs of a SAM template on this machine, their authorizers enforced: the first one on
http://127.0.0.1:<port>, the next one a port higher. The user pools live in a local AWS (MiniStack), brought
up through CloudFormation under the stack's name; users and keys are kept in .local-stage/ from one start to
the next. Nothing leaves this machine.

What decides who may call and cannot be enforced here is refused, with every reason: exit code 2. What does
not decide that and cannot be run here is listed, and a route whose function cannot run responds with 502.
"""

_START_EXAMPLES: Final = """\
examples:
  local-stage start
  local-stage start --port 8080 --parameter-overrides AllowedOrigin=http://localhost:8000
  local-stage start --outputs-file outputs.json        written when the API answers
  local-stage start --json                             address, routes and outputs, for a program
  local-stage start --user-pool-arn arn:aws:cognito-idp:<region>:<account>:userpool/<pool id>
                                                       tokens of a real pool open the local API
"""


def add(commands: Commands) -> None:
    """Add `start` to the commands."""
    start = add_command(
        commands,
        "start",
        _start,
        description=_START_HELP,
        examples=_START_EXAMPLES,
    )
    defaults = StartOptions()
    add_template(start)
    add_sam_options(start)
    start.set_defaults(template=None)
    start.add_argument(
        "--port",
        "-p",
        type=read_port,
        metavar="PORT",
        help="where the first API listens (3000), each other one a port higher; 0 takes free ports",
    )
    start.add_argument(
        "--aws-port",
        type=read_port,
        metavar="PORT",
        default=defaults.aws_port,
        help="where the local AWS listens (4566); 0 as above",
    )
    start.add_argument(
        "--allow-host",
        action="append",
        type=str.lower,
        metavar="NAME",
        default=[],
        help="another name or address by which the APIs and the page may be called; repeatable",
    )
    start.add_argument(
        "--source-ip",
        type=read_address,
        metavar="ADDRESS",
        help="where calls come from, for resource policies and events (the client's own, as 127.0.0.1)",
    )
    start.add_argument(
        "--region",
        metavar="NAME",
        help="the region it claims to be (ap-northeast-1)",
    )
    start.add_argument(
        "--stack-name",
        metavar="NAME",
        default=defaults.stack_name,
        help="the stack in the local AWS (hello-api)",
    )
    add_parameter_overrides(start)
    start.add_argument(
        "--env-vars",
        "-n",
        type=Path,
        metavar="FILE",
        help="JSON file with variables for functions, as SAM CLI's",
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
        "--stand-in-pool",
        action="store_true",
        help="let a local pool, with an app client, stand in for each user pool that is outside the template",
    )
    start.add_argument(
        "--users",
        type=Path,
        metavar="FILE",
        help="make or change the users of this YAML or CSV file first, as `local-stage users import`",
    )
    start.add_argument(
        "--seed",
        type=Path,
        metavar="FILE",
        help="put what tables and buckets lack of the items and objects of this YAML or JSON file",
    )
    start.add_argument(
        "--concurrency",
        type=read_positive,
        metavar="N",
        help="execution environments of a function (one per core)",
    )
    start.add_argument(
        "--strict-runtimes",
        action="store_true",
        help="refuse to run a function in another version of Python or Node.js than its own",
    )
    start.add_argument(
        "--layer",
        nargs="+",
        action="append",
        metavar="ARN=FOLDER",
        default=[],
        help="a folder with the content of a layer that the template names by its ARN",
    )
    start.add_argument(
        "--debug",
        "--debug-port",
        "-d",
        type=read_port,
        metavar="PORT",
        help="wait there for a debugger (debugpy, or Node.js's inspector, as VS Code has them), without time "
        "limits; a second function waits at the next port",
    )
    start.add_argument(
        "--log",
        type=LogForm,
        choices=[*LogForm],
        metavar="FORM",
        help="short: the time before each line; full: date and level too; json (short on a terminal)",
    )
    start.add_argument(
        "--json",
        action="store_true",
        help="print what is printed when the API answers as one line of JSON, and again after a save",
    )
    add_state_folder(start)
    start.add_argument(
        "--cache-folder",
        "--layer-cache-basedir",
        type=Path,
        metavar="DIR",
        default=defaults.cache_folder,
        help="where the functions' requirements are installed (.local-stage/cache)",
    )


def _start(options: argparse.Namespace) -> int:
    from local_stage.serving.start import run  # noqa: PLC0415 - `--help` need not wait for aiohttp and boto3

    apply_sam_config(options)
    defaults = StartOptions()
    overrides = read_environment_overrides(options.env_vars) if options.env_vars else {}
    return run(
        StartOptions(
            template=options.template,
            port=defaults.port if options.port is None else options.port,
            aws_port=options.aws_port,
            region=options.region or defaults.region,
            stack_name=options.stack_name,
            parameter_overrides=read_pairs(options.parameter_overrides),
            imports=read_imports(options),
            environment_overrides=overrides,
            outputs_file=options.outputs_file,
            user_pool_arn=options.user_pool_arn,
            stand_in_pool=options.stand_in_pool,
            concurrency=options.concurrency,
            debug_port=options.debug,
            strict_runtimes=options.strict_runtimes,
            layers=read_folders(read_pairs(options.layer, "--layer"), "--layer"),
            users_file=options.users,
            seed_file=options.seed,
            state_folder=options.state_folder,
            cache_folder=options.cache_folder,
            source_ip=options.source_ip,
            host=defaults.host if options.host in {None, "localhost"} else options.host,
            allowed_hosts=frozenset(options.allow_host),
            as_json=options.json,
            log_form=options.log,
        )
    )
