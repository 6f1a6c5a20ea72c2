"""What an answer of API Gateway, or a browser's complaint about it, means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from local_stage.explanation.read_answer import ReadAnswer


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """One kind of answer: its name for programs, what it is, what it means, and the remedy."""

    name: str
    title: str
    meaning: str
    remedy: str

    def to_json(self) -> dict[str, Any]:
        """Return the members by name."""
        return asdict(self)


type Test = Callable[[ReadAnswer], bool]
type KnownAnswers = Sequence[tuple[Test, KnownAnswer]]
"""Each with what tells it from others."""
