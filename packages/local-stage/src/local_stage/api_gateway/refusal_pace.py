"""Refusals at a pace, so that a flood of forged tokens leaves the stage its time for good callers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

INTERVAL: Final = 0.002
"""Seconds between two refusals while others are served; a refusal takes a tenth of that."""

LONGEST_WAIT: Final = 0.1
"""Seconds; whoever sends so many at once that they would wait longer is answered after that time."""


class RefusalPace:
    """Spaces refusals while requests that were let in are being served; otherwise they go out at once.

    A connection sends its next request when the last one is answered, so whoever waits for a refusal sends
    no more tokens to verify meanwhile. Only the answer waits: who is let in was judged at once.
    """

    def __init__(self, clock: Callable[[], float], *, interval: float = INTERVAL) -> None:
        """Space refusals by so many seconds; `clock` gives seconds and is never set back."""
        self._clock = clock
        self._interval = interval
        self._serving = 0
        self._next = 0.0

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Count a request that was let in, while it is served."""
        self._serving += 1
        try:
            yield
        finally:
            self._serving -= 1

    async def wait(self) -> None:
        """Return when it is this refusal's turn."""
        if seconds := self.take_turn():
            await asyncio.sleep(seconds)

    def take_turn(self) -> float:
        """Return the seconds until the turn of a refusal, which has it taken thereby."""
        if not self._serving:
            return 0.0
        now = self._clock()
        turn = min(max(now, self._next), now + LONGEST_WAIT)
        self._next = turn + self._interval
        return turn - now
