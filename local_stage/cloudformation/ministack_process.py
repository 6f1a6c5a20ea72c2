"""Runs MiniStack and ends it in good order as soon as the process that started it is gone.

MiniStack saves users only when it is asked to stop. Its parent holds the other end of this process's standard
input; when that closes, for whatever reason, this process sends itself the signal that MiniStack takes for a
request to stop. Thus even a killed stage leaves neither an orphan nor lost users.
"""

from __future__ import annotations

import runpy
import signal
import sys
import threading


def _stop_when_the_parent_is_gone(main_thread: int) -> None:
    sys.stdin.buffer.read()
    signal.pthread_kill(main_thread, signal.SIGTERM)


def main() -> None:
    """Run MiniStack until standard input ends or SIGTERM comes."""
    watcher = threading.Thread(
        target=_stop_when_the_parent_is_gone, args=(threading.main_thread().ident,), daemon=True
    )
    watcher.start()
    sys.argv = ["ministack"]
    runpy.run_module("ministack", run_name="__main__")


if __name__ == "__main__":
    main()
