"""Starts a function's process: `python -m local_stage_runtime [--debug PORT] CLIENT HANDLER`.

CLIENT is `aws` for AWS's own runtime interface client, or `portable`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from local_stage_runtime.written_files import watch_written_files


def main(arguments: Sequence[str]) -> None:
    """Run the function until its process is ended."""
    *debug, client, handler = arguments
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


if __name__ == "__main__":
    main(sys.argv[1:])
