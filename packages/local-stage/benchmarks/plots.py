"""The plots beside the tables: calls and latency by connections, cold starts by their parts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.cold_start import PARTS, TOTAL
from benchmarks.figure import Measurement, format_number
from benchmarks.svg import COLOURS, Drawing
from benchmarks.throughput import CONNECTIONS

PANEL: Final = (390.0, 230.0)
LEFT: Final = 68.0
TOP: Final = 70.0
BAR_HEIGHT: Final = 30.0
BAR_LEFT: Final = 230.0
BAR_WIDTH: Final = 560.0


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis of whole decades, from the bottom of a panel to its top."""

    decades: range

    @classmethod
    def around(cls, values: Iterable[float]) -> Scale:
        """Return the scale that holds all the values."""
        logarithms = [math.log10(value) for value in values]
        return cls(range(math.floor(min(logarithms)), math.ceil(max(logarithms)) + 1))

    def place(self, value: float) -> float:
        """Return where a value stands, in pixels from the top of the drawing."""
        share = (math.log10(value) - self.decades[0]) / max(1, len(self.decades) - 1)
        return TOP + PANEL[1] * (1 - share)


def plot_calls(measured: Measurement) -> str:
    """Draw calls per second and median latency by connections, each on a logarithmic axis."""
    subjects = list(dict.fromkeys(figure.subject for figure in measured.figures))
    drawing = Drawing(920, 350, "Calls per second and median latency at 1, 8 and 64 connections")
    for number, (quantity, title) in enumerate(
        (("calls", "calls per second"), ("p50", "median latency, ms"))
    ):
        _draw_panel(drawing, measured, subjects, quantity, LEFT + number * (PANEL[0] + 60))
        drawing.text((LEFT + number * (PANEL[0] + 60), TOP - 15), f"{title}, by connections (logarithmic)")
    _draw_legend(drawing, subjects)
    return str(drawing)


def _draw_panel(
    drawing: Drawing, measured: Measurement, subjects: Sequence[str], quantity: str, left: float
) -> None:
    columns = [left + PANEL[0] * share for share in (0.1, 0.5, 0.9)]
    lines = {
        subject: [
            (column, figure.median)
            for column, connections in zip(columns, CONNECTIONS, strict=True)
            if (figure := measured.find(subject, f"{quantity} at {connections}"))
        ]
        for subject in subjects
    }
    scale = Scale.around(value for line in lines.values() for _, value in line)
    for decade in scale.decades:
        height = scale.place(10**decade)
        drawing.grid_line((left, height), (left + PANEL[0], height))
        drawing.text((left - 6, height + 4), f"{10**decade:,g}", anchor="end")
    for column, connections in zip(columns, CONNECTIONS, strict=True):
        drawing.text((column, TOP + PANEL[1] + 22), str(connections), anchor="middle")
    for colour, line in zip(COLOURS, lines.values(), strict=False):
        drawing.path([(column, scale.place(value)) for column, value in line], colour)


def plot_cold_start(measured: Measurement) -> str:
    """Draw the parts of each cold start, one bar for each subject."""
    subjects = list(dict.fromkeys(figure.subject for figure in measured.figures))
    totals = [figure.median for figure in measured.figures if figure.quantity == TOTAL]
    drawing = Drawing(920, int(TOP + len(subjects) * (BAR_HEIGHT + 16) + 10), "Cold starts by their parts")
    for number, subject in enumerate(subjects):
        top = TOP - 15 + number * (BAR_HEIGHT + 16)
        drawing.text((BAR_LEFT - 10, top + 20), subject, anchor="end")
        left = BAR_LEFT
        for colour, part in zip(COLOURS, PARTS, strict=False):
            figure = measured.find(subject, part)
            width = BAR_WIDTH * figure.median / max(totals) if figure else 0.0
            drawing.box((left, top), (width, BAR_HEIGHT), colour)
            left += width
        total = measured.find(subject, TOTAL)
        drawing.text((left + 8, top + 20), f"{format_number(total.median)} ms" if total else "")
    _draw_legend(drawing, PARTS)
    return str(drawing)


def _draw_legend(drawing: Drawing, names: Sequence[str]) -> None:
    left = LEFT
    for colour, name in zip(COLOURS, names, strict=False):
        drawing.box((left, 14), (14, 14), colour)
        drawing.text((left + 20, 26), name)
        left += 50 + 7.5 * len(name)
