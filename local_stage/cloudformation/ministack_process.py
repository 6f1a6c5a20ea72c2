"""Runs MiniStack behind a guard, and ends it in good order as soon as the process that started it is gone.

MiniStack saves users only when it is asked to stop. Its parent holds the other end of this process's standard
input; when that closes, for whatever reason, this process sends itself the signal that MiniStack takes for a
request to stop. Thus even a killed stage leaves neither an orphan nor lost users.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import threading
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from ministack.app import app

from local_stage.cloudformation.browser_guard import BrowserGuard

KEEP_ALIVE = 75.0
"""Seconds that a connection may be idle, as MiniStack's own command has it."""


def _stop_when_the_parent_is_gone(main_thread: int) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    signal.pthread_kill(main_thread, signal.SIGTERM)


def main() -> int:
    """Run MiniStack behind the guard until standard input ends or SIGTERM comes; 1 where it cannot listen."""
    watcher = threading.Thread(
        target=_stop_when_the_parent_is_gone, args=(threading.main_thread().ident,), daemon=True
    )
    watcher.start()
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    config = Config()
    config.bind = [f"{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"]
    config.keep_alive_timeout = KEEP_ALIVE
    config.loglevel = os.environ["LOG_LEVEL"]
    guarded = cast("ASGIFramework", BrowserGuard(app))
    try:
        asyncio.run(serve(guarded, config))
    except OSError as error:
        sys.stderr.write(f"{config.bind[0]} is already in use, or cannot be listened to: {error.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
