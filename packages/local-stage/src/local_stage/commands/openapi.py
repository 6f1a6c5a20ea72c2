"""`local-stage openapi`."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Final

from local_stage.commands.arguments import (
    Commands,
    accept_json,
    add_api,
    add_command,
    add_parameter_overrides,
    add_template,
    read_imports,
    read_pairs,
)
from local_stage.serving.options import StartOptions

_HELP: Final = """\
Prints the OpenAPI document of the template's API: routes, tokens, scopes, request models, and what API
Gateway answers. The template alone is read: no stage has to run. A running stage serves the same document at
/.local-stage/openapi.json, and shows it at /.local-stage/swagger. Exit code 2: the template cannot be served.
"""

_EXAMPLES: Final = """\
examples:
  local-stage openapi > openapi.json
  local-stage openapi --template template.yaml --parameter-overrides AllowedOrigin=https://www.example.com
"""


def add(commands: Commands) -> None:
    """Add `openapi` to the commands."""
    openapi = add_command(
        commands,
        "openapi",
        _print,
        description=_HELP,
        examples=_EXAMPLES,
    )
    defaults = StartOptions()
    add_template(openapi)
    openapi.add_argument(
        "--stack-name",
        metavar="NAME",
        default=defaults.stack_name,
        help="what AWS::StackName stands for (hello-api)",
    )
    add_parameter_overrides(openapi)
    add_api(openapi)
    accept_json(openapi)


def _print(options: argparse.Namespace) -> int:
    # `--help` need not wait for SAM's translator.
    from local_stage.api_gateway.api import choose_api  # noqa: PLC0415
    from local_stage.api_gateway.export.http_document import derive_document  # noqa: PLC0415
    from local_stage.cloudformation.template import read_template  # noqa: PLC0415
    from local_stage.deployment.deployment import read_template_apis  # noqa: PLC0415

    checked = StartOptions(stack_name=options.stack_name)
    template = read_template(
        options.template, read_pairs(options.parameter_overrides), checked.region, read_imports(options)
    )
    apis = read_template_apis(template, checked.stack_name, checked.region)
    api = choose_api(apis, options.api)
    sys.stdout.write(json.dumps(derive_document(api), indent=2) + "\n")
    return 0
