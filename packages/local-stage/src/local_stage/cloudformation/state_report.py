"""What the process of the local AWS tells the stage of its state, a line at a time."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class StateReport:
    """Whether all that the local AWS holds is in its files, and what keeps it from that, if anything.

    `has_lost` is told once, at its start: whether it had not saved everything before it last ended.
    """

    is_saved: bool
    problem: str | None = None
    has_lost: bool = False

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Return what a line says. Raises ValueError or TypeError for one that was cut off."""
        return cls(**json.loads(line))

    def to_line(self) -> bytes:
        """Return the report as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"
