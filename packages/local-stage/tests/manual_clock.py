"""A clock that goes only when it is told to."""

from __future__ import annotations

NOW = 1_795_000_000
"""A second in November 2026."""


class ManualClock:
    """Unix seconds, to be passed in where `time.time` would be."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
