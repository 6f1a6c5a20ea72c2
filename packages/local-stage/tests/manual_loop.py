"""An event loop whose time passes only while everything waits, and then at once."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _ManualSelector(selectors.DefaultSelector):
    """A selector that lets the time pass for which it was asked to wait, instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready. It waits where only another thread can go on, with no timer set."""
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout is not None:
            self.now += timeout
        return ready


class ManualLoop(asyncio.SelectorEventLoop):
    """A loop that begins at 0 s: `asyncio.sleep(60)` takes 60 s of its time, and none of the test's."""

    def __init__(self) -> None:
        self._clock = _ManualSelector()
        super().__init__(self._clock)

    def time(self) -> float:
        """Return the seconds that timers have waited."""
        return self._clock.now

    def advance(self, seconds: float) -> None:
        """Let time pass in the middle of a step, as work that blocks the loop does."""
        self._clock.now += seconds


def run_at_once[T](main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a loop of its own, as `asyncio.run` does, without waiting for timers."""
    return asyncio.run(main, loop_factory=ManualLoop)
