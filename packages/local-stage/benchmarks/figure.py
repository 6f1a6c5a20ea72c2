"""The common result: figures with their spread, and the goals that they reach or miss."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity of one subject, measured several times. Shown are the median and the whole spread."""

    subject: str
    quantity: str
    unit: str
    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of the samples."""
        return median(self.samples)

    def __str__(self) -> str:
        """Return `1,071 (1,043-1,090) calls/s`; without a spread where there is one sample."""
        low, high = format_number(min(self.samples)), format_number(max(self.samples))
        spread = f" ({low}-{high})" if low != high else ""
        return f"{format_number(self.median)}{spread} {self.unit}".rstrip()


class Samples:
    """Samples as they are taken, in turns of their subjects."""

    def __init__(self) -> None:
        self._samples = defaultdict[tuple[str, str, str], list[float]](list)

    def add(self, subject: str, quantity: str, unit: str, sample: float) -> None:
        """Take one sample of a quantity of a subject."""
        self._samples[subject, quantity, unit].append(sample)

    def figures(self) -> list[Figure]:
        """Return a figure for each quantity of each subject, in the order of their first samples."""
        return [Figure(*names, tuple(samples)) for names, samples in self._samples.items()]


@dataclass(frozen=True, slots=True)
class Goal:
    """What was to be reached: at least or at most a limit. A value of None could not be measured.

    `obstacle` says what holds it back where it is missed.
    """

    text: str
    value: float | None
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    obstacle: str = ""

    @property
    def verdict(self) -> str:
        """`reached`, `missed` or `not measured`."""
        if self.value is None:
            return "not measured"
        too_little = self.at_least is not None and self.value < self.at_least
        too_much = self.at_most is not None and self.value > self.at_most
        return "missed" if too_little or too_much else "reached"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one module has measured. `method` says how; `notes` say what a reader must know of the figures."""

    title: str
    method: str
    figures: Sequence[Figure]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = field(default_factory=tuple)

    def find(self, subject: str, quantity: str) -> Figure | None:
        """Return a figure, None where it was not measured."""
        for figure in self.figures:
            if (figure.subject, figure.quantity) == (subject, quantity):
                return figure
        return None

    def ratio(self, subject: str, other: str, quantity: str) -> float | None:
        """Return how many times the other's median the subject's is, None where one is missing."""
        mine, others = self.find(subject, quantity), self.find(other, quantity)
        return mine.median / others.median if mine and others else None


def format_number(value: float) -> str:
    """Return three significant digits, all those before the point, with commas between thousands."""
    for limit, digits in ((100, 0), (10, 1), (1, 2), (0.1, 3)):
        if abs(value) >= limit:
            return f"{value:,.{digits}f}"
    return f"{value:.3g}"
