"""Looks after a running process: at its memory now and then, and at the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_INTERVAL = 0.1
"""Seconds between two looks."""


class Watchdog:
    """Calls `look` now and then until it has seen enough, and `time_out` when the time is over."""

    def __init__(self, look: Callable[[], bool], time_out: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._look = look
        self._time_out = time_out
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        """Look from now on, until `seconds` are over or it is stopped."""
        self.stop()
        now = self._loop.time()
        self._deadline = now + seconds
        self._wait(now)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self, now: float) -> None:
        self._timer = self._loop.call_at(min(self._deadline, now + _INTERVAL), self._check)

    def _check(self) -> None:
        now = self._loop.time()
        if now >= self._deadline:
            self._time_out()
        elif not self._look():
            self._wait(now)
