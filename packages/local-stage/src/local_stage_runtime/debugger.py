"""Lets a debugger in: VS Code, or whatever else speaks the Debug Adapter Protocol."""

from __future__ import annotations

import socket
import sys
from typing import Final

import debugpy

HOST: Final = "127.0.0.1"


def wait_for_debugger(port: int) -> None:
    """Listen, and return when a debugger is there; from then on `breakpoint()` stops in it.

    Waited for before the handler's module is imported, so that a breakpoint in it is met too. The debugger's
    side runs in this process: another one would keep the port beyond its end.
    """
    _check_port(port)
    debugpy.configure(subProcess=False)
    debugpy.listen((HOST, port), in_process_debug_adapter=True)
    sys.stderr.write(f"Waiting for a debugger at {HOST}:{port}\n")
    sys.stderr.flush()
    debugpy.wait_for_client()


def _check_port(port: int) -> None:
    """Exit where the port is taken: debugpy itself would wait for it for ever."""
    try:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((HOST, port))
    except OSError as error:
        sys.exit(f"Cannot wait for a debugger at {HOST}:{port}: {error.strerror}")
