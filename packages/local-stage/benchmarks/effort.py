"""How long to measure: long enough for a figure that stands, or just to see whether everything runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Effort:
    """How often each load is repeated and for how many seconds it runs; how many of everything else.

    `rest` are the seconds for which a stage is watched that nobody calls. `tests` are those that are run to
    time them; all of them where it is empty.
    """

    name: str
    repeats: int
    seconds: float
    starts: int
    commands: int
    cold_starts: int
    warm_invocations: int
    calls: int
    users: int
    rest: float
    tests: str


FULL: Final = Effort(
    "full",
    repeats=4,
    seconds=2.5,
    starts=4,
    commands=4,
    cold_starts=15,
    warm_invocations=1_000,
    calls=100_000,
    users=10_000,
    rest=20,
    tests="",
)
QUICK: Final = Effort(
    "quick",
    repeats=1,
    seconds=1,
    starts=1,
    commands=1,
    cold_starts=2,
    warm_invocations=100,
    calls=1_000,
    users=1_000,
    rest=2,
    tests="tests/unit/hello_function",
)
