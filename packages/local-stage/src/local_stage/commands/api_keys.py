"""`local-stage api-keys`."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Final

from local_stage.commands.arguments import (
    Commands,
    add_command,
    add_json,
    add_state_folder,
    find_running_stage,
)

_HELP: Final = """\
Lists the API keys of the running stage: logical id, id, and the value to send as x-api-key. A key without a
Value in the template has one of this machine's own, which stays the same. A usage plan says what it opens.
Exit code 0: listed; 1: the template has none; 2: there is no stage to ask.
"""


def add(commands: Commands) -> None:
    """Add `api-keys` to the commands."""
    keys = add_command(commands, "api-keys", _list, description=_HELP)
    add_json(keys)
    add_state_folder(keys)


def _list(options: argparse.Namespace) -> int:
    keys = find_running_stage(options.state_folder).api_keys
    if options.json:
        sys.stdout.write(json.dumps(keys) + "\n")
    else:
        for key in keys:
            note = "" if key["is_enabled"] else "  not enabled"
            sys.stdout.write(f"{key['logical_id']}  {key['id']}  {key['value']}{note}\n")
    return 0 if keys else 1
