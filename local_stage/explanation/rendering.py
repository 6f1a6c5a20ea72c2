"""Explanations on a terminal, with ticks and crosses in colour; plain in a pipe and where NO_COLOR is set."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local_stage.colour import escape
from local_stage.explanation.explanation import Answer, Explanation, Outcome, Step, StepName, Verdict
from local_stage.explanation.known_answer import KnownAnswer

PIPE_WIDTH: Final = 100
"""Columns where there is no terminal to ask."""

TITLES: Final[Mapping[StepName, str]] = {
    StepName.ROUTE: "route",
    StepName.HEADER: "header",
    StepName.FORM: "form",
    StepName.ALGORITHM: "algorithm",
    StepName.CONTENTS: "contents",
    StepName.ISSUER: "issuer",
    StepName.KEY: "key",
    StepName.SIGNATURE: "signature",
    StepName.KIND: "kind of token",
    StepName.SUBJECT: "subject",
    StepName.START: "not before",
    StepName.CLIENT: "app client",
    StepName.SCOPES: "scopes",
    StepName.EXPIRY: "expiry",
    StepName.GROUP: "group",
}
"""What each decision is called where a person reads it."""

_MARKS: Final[Mapping[Outcome, tuple[str, str, str]]] = {
    Outcome.PASSED: ("✓", "yes", "green"),
    Outcome.FAILED: ("✗", "NO", "bold red"),
    Outcome.NOT_REACHED: ("·", "-", "dim"),
    Outcome.NOT_CHECKED: ("?", "?", "yellow"),
}
"""Mark, what stands for it where it cannot be written, and style."""
_VERDICTS: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.PASSES: ("It passes.", "bold green"),
    Verdict.REFUSED: ("It is refused.", "bold red"),
    Verdict.UNKNOWN: ("Nothing speaks against it, but not all of it could be checked.", "bold yellow"),
}


def make_console(stream: TextIO | None = None) -> Console:
    """Return a console on standard output or another stream."""
    file = stream or sys.stdout
    width = None if file.isatty() else PIPE_WIDTH
    return Console(file=file, highlight=False, emoji=False, markup=False, width=width)


def render(explanation: Explanation, console: Console) -> None:
    """Print the decisions, the answer and the remedy."""
    route = explanation.route
    console.print(Text(escape(f"{route.method} {route.path}"), "bold"), end=" ")
    console.print(Text(f"wants {escape(route.wants)}" if route.wants else ""))
    console.print()
    console.print(_tabulate(explanation.steps, console))
    console.print()
    text, style = _VERDICTS[explanation.verdict]
    console.print(Text(text, style), Text(_describe_answer(explanation.answer)))
    if explanation.remedy:
        console.print(Text(escape(explanation.remedy)))
    for note in explanation.notes:
        console.print(Text(escape(note), "dim"))


def render_known_answer(answer: KnownAnswer, console: Console) -> None:
    """Print what an answer means, and what to do."""
    console.print(Text(answer.title, "bold"))
    console.print(Padding(Text(answer.meaning), (0, 0, 0, 2)))
    console.print(Padding(Text(answer.remedy, "green"), (0, 0, 0, 2)))


def _tabulate(steps: tuple[Step, ...], console: Console) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for step in steps:
        mark, plain, style = _MARKS[step.outcome]
        written = mark if console.encoding.lower().startswith("utf") else plain
        quiet = "dim" if step.outcome is Outcome.NOT_REACHED else ""
        table.add_row(
            Text(f"  {written}", style), Text(TITLES[step.name], quiet), Text(escape(step.detail), quiet)
        )
    return table


def _describe_answer(answer: Answer | None) -> str:
    if answer is None:
        return ""
    if answer.by == "function":
        return f"The function answers {answer.status} of its own{_body(answer)}."
    kind = f" ({answer.error_type})" if answer.error_type else ""
    return f"API Gateway answers {answer.status}{kind}{_body(answer)}."


def _body(answer: Answer) -> str:
    return f": {escape(answer.body.strip())}" if answer.body else ""
