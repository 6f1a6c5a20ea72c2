"""The sockets on which a stage listens, bound before anything else of it is there."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from local_stage.errors import UsageError

HOST: Final = "127.0.0.1"


def bind(port: int, option: str = "--port", host: str = HOST) -> socket.socket:
    """Return a socket bound to the port, not yet listening; port 0 takes a free one.

    `host` is loopback or, where the developer has asked for it, every address (0.0.0.0).

    Raises StartError, naming the command line's option, where the port is taken.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise refuse_port(option, port, error) from None
    return sock


def find_free_port(port: int, option: str) -> int:
    """Return the port if it is free, or any free one for 0.

    Raises StartError, naming the command line's option, where it is taken.
    """
    with bind(port, option) as sock:
        return int(sock.getsockname()[1])


@contextmanager
def reserve_port(port: int, option: str) -> Iterator[int]:
    """Yield the port if it is free, or any free one for 0, and let this machine give it to nobody meanwhile.

    On Linux a process that names the port can listen on it all the same, where it sets SO_REUSEADDR as
    servers do: the socket that holds the port does not listen, socket(7). Elsewhere the port is only free
    when it is yielded. Raises StartError, naming the command line's option, where it is taken.
    """
    with bind(port, option) as sock:
        chosen = int(sock.getsockname()[1])
        if sys.platform != "linux":
            sock.close()
        yield chosen


def refuse_port(option: str, port: int, error: OSError) -> UsageError:
    """Return the error for a port that this machine does not give."""
    why = f"{HOST} does not give it ({error.strerror}); pass another one, or 0 for a free one"
    return UsageError(f"{option} {port}: {why}")
