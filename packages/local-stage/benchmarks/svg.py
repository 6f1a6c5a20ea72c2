"""A drawing in SVG, as text: lines, boxes and words, light or dark as its reader likes it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, Literal

COLOURS: Final = ("#2a78c8", "#d9713c", "#3d9a5f", "#9a62b8", "#7a7a7a")

_STYLE: Final = """\
text { font: 13px system-ui, sans-serif; fill: #24292f; }
text.title { font-weight: 600; font-size: 15px; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.line { fill: none; stroke-width: 2.5; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .grid { stroke: #3d444d; } }"""

type Anchor = Literal["start", "middle", "end"]
type Point = tuple[float, float]


class Drawing:
    """A drawing of so many pixels; `title` is what a screen reader says."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._width = width
        self._height = height
        self._title = title
        self._elements: list[str] = []

    def text(self, at: Point, words: str, *, anchor: Anchor = "start", title: bool = False) -> None:
        """Write words whose baseline starts, ends or has its middle at the point."""
        kind = ' class="title"' if title else ""
        position = f'x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="{anchor}"'
        self._elements.append(f"<text {position}{kind}>{escape(words)}</text>")

    def grid_line(self, start: Point, end: Point) -> None:
        """Draw a thin straight line."""
        ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
        self._elements.append(f'<line class="grid" {ends}/>')

    def path(self, points: Sequence[Point], colour: str) -> None:
        """Draw a line through points, and a dot at each."""
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._elements.append(f'<polyline class="line" stroke="{colour}" points="{places}"/>')
        self._elements += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points]

    def box(self, at: Point, size: Point, colour: str) -> None:
        """Fill a box whose upper left corner is at the point."""
        place = f'x="{at[0]:.1f}" y="{at[1]:.1f}" width="{size[0]:.1f}" height="{size[1]:.1f}"'
        self._elements.append(f'<rect {place} rx="2" fill="{colour}"/>')

    def __str__(self) -> str:
        """Return the SVG document."""
        size = f'width="{self._width}" height="{self._height}" viewBox="0 0 {self._width} {self._height}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
        title = f"<title>{escape(self._title)}</title>"
        return "\n".join([head, title, f"<style>{_STYLE}</style>", *self._elements, "</svg>", ""])
