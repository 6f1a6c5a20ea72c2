"""The running stage's clock, as a test moves it."""

from __future__ import annotations

from datetime import timedelta

from local_stage.console.console_client import CLOCK, ask_console
from local_stage.state import RunningStage


class StageClock:
    """Moves the stage's clock; the pool and the test itself go by the machine's.

    Each method raises StartError where the stage does not answer.
    """

    def __init__(self, running: RunningStage) -> None:
        self._running = running

    @property
    def ahead(self) -> timedelta:
        """How far the stage is ahead of this machine's clock."""
        return timedelta(seconds=self._ask("GET")["ahead"])

    def advance(self, by: timedelta | float) -> None:
        """Move it forward; a number is seconds. Raises StartError for what is not more than none."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        self._ask("POST", {"advance": seconds})

    def reset(self) -> None:
        """Go by this machine's clock again."""
        self._ask("DELETE")

    def _ask(self, method: str, body: dict[str, float] | None = None) -> dict[str, float]:
        answer: dict[str, float] = ask_console(self._running, method, CLOCK, body)
        return answer
