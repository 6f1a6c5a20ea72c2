"""Starts a function's process: `python -m local_stage_runtime [--debug PORT] CLIENT HANDLER`.

CLIENT is `aws` for AWS's own runtime interface client, or `portable`.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence

from local_stage_runtime.written_files import watch_written_files

OPEN_FILES = 1024
"""File descriptors that an execution environment has.

Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


def main(arguments: Sequence[str]) -> None:
    """Run the function until its process is ended."""
    *debug, client, handler = arguments
    _limit_open_files()
    address = os.environ["AWS_LAMBDA_RUNTIME_API"]
    watch_written_files(os.environ["LAMBDA_TASK_ROOT"], address)
    if debug:
        from local_stage_runtime.debugger import wait_for_debugger  # noqa: PLC0415 - needs debugpy

        wait_for_debugger(int(debug[1]))
    if client == "aws":
        from awslambdaric.__main__ import main as run  # noqa: PLC0415 - it is not there on each platform

        run([sys.argv[0], handler])
    else:
        from local_stage_runtime.portable_client import run as run_portably  # noqa: PLC0415 - or AWS's

        run_portably(handler, address)


def _limit_open_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


if __name__ == "__main__":
    main(sys.argv[1:])
