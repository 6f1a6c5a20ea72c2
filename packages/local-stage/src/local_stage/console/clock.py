"""The stage's clock, which a developer may set ahead."""

from __future__ import annotations

import time
from collections.abc import Callable


class AdjustableClock:
    """Unix seconds, some of them ahead of another clock.

    It can be moved forward alone: behind the time, tokens that have expired would open the API again.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ahead = 0.0

    def __call__(self) -> float:
        """Return the time that the stage goes by, in Unix seconds."""
        return self._clock() + self._ahead

    @property
    def ahead(self) -> float:
        """How many seconds it is ahead."""
        return self._ahead

    def advance(self, seconds: float) -> None:
        """Move it forward. Raises ValueError for a number of seconds that is not positive and finite."""
        if not 0 < seconds < float("inf"):
            raise ValueError(f"{seconds} is no positive number of seconds")
        self._ahead += seconds

    def reset(self) -> None:
        """Go by the other clock again."""
        self._ahead = 0.0
