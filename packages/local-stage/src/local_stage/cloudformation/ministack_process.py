"""Starts MiniStack, with the garbage collector at rest until it is imported; the stage runs this module."""

from __future__ import annotations

import gc
import sys
from importlib import import_module


def main() -> int:
    """Run MiniStack and return its exit code.

    While its modules are imported, all objects that are made stay: looking for others would be a tenth of
    that time. Those that are there afterwards are not looked at again.
    """
    gc.disable()
    server = import_module("local_stage.cloudformation.ministack_server")
    gc.freeze()
    gc.enable()
    exit_code: int = server.main()
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
