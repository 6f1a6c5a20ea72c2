"""Explanations on a terminal, with ticks and crosses in colour; plain in a pipe and where NO_COLOR is set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local_stage.explanation.explanation import Explanation, Outcome, Response, Route, Step, StepName, Verdict
from local_stage.explanation.known_responses import KnownResponse
from local_stage.log.colour import escape, wants_colour

PIPE_WIDTH: Final = 1000
"""Columns where there is no terminal: there a sentence is a line."""

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
    StepName.POLICY: "policy",
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
    Verdict.MENDED: ("It is refused as it was pasted, and passes once mended.", "bold red"),
    Verdict.REFUSED: ("It is refused.", "bold red"),
    Verdict.UNKNOWN: ("Nothing speaks against it, but not all of it could be checked.", "bold yellow"),
}
_OUTCOMES: Final[Mapping[Verdict, Outcome]] = {
    Verdict.PASSES: Outcome.PASSED,
    Verdict.MENDED: Outcome.FAILED,
    Verdict.REFUSED: Outcome.FAILED,
    Verdict.UNKNOWN: Outcome.NOT_CHECKED,
}


def make_console(stream: TextIO, environment: Mapping[str, str]) -> Console:
    """Return a console; only a terminal's lines are folded, and coloured where the environment allows it."""
    return Console(
        file=stream,
        color_system="standard" if wants_colour(stream, environment) else None,
        width=None if stream.isatty() else PIPE_WIDTH,
        highlight=False,
        emoji=False,
        markup=False,
    )


def render(explanation: Explanation, console: Console) -> None:
    """Print the decisions, the response and the remedy."""
    text, style = _VERDICTS[explanation.verdict]
    _print(
        console,
        _describe_route(explanation.route),
        Text(),
        _tabulate(explanation.steps, console),
        *_describe_rest(explanation.steps, console),
        Text(),
        Text.assemble((text, style), _describe_response(explanation.response)),
        *([Text(escape(explanation.remedy))] if explanation.remedy else []),
        *(Text(escape(note), "dim") for note in explanation.notes),
    )


def render_route(explanation: Explanation, console: Console) -> None:
    """Print what opens a route or, where there is none, why."""
    lines = [_describe_route(explanation.route)]
    if explanation.has_route:
        lines += (Text(escape(note)) for note in explanation.notes)
    else:
        lines += (Text(escape(step.detail)) for step in explanation.steps)
        lines.append(Text(escape(explanation.remedy or "")))
    _print(console, *lines)


def render_routes(explained: Sequence[tuple[str, Explanation]], console: Console, *, has_token: bool) -> None:
    """Print a line on each route: whether it takes the token, or which token it wants.

    `explained` are the routes with their API's name, which is printed where there are several APIs. With a
    token, what is wrong with the way in which it was pasted follows once, and the remedies without repeats.
    """
    apis = {api for api, _ in explained}
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for api, one in explained:
        route = Text(escape(f"{one.route.method} {one.route.path}"), "bold")
        mark = _mark(_OUTCOMES[one.verdict], console) if has_token else Text()
        told = _tell_briefly(one) if has_token else f"wants {one.route.wants}"
        table.add_row(mark, Text(escape(api) if apis.difference({api}) else ""), route, Text(escape(told)))
    remedies = dict.fromkeys(one.remedy for _, one in explained if one.remedy) if has_token else ()
    _print(console, table, *(Text(escape(remedy), "green") for remedy in remedies))


def _tell_briefly(explanation: Explanation) -> str:
    """Return what becomes of the token on a route, and why, in one line."""
    failed = explanation.failed_step
    verdict = _VERDICTS[explanation.verdict][0]
    return f"{verdict[:-1]}: {TITLES[failed.name]}: {failed.detail}" if failed else verdict


def render_known_response(response: KnownResponse, console: Console) -> None:
    """Print what a response means, and what to do."""
    _print(
        console,
        Text(response.title, "bold"),
        Text(response.meaning),
        Text(response.remedy, "green"),
        Text(response.source, "dim"),
    )


def _print(console: Console, *parts: Table | Text) -> None:
    """Print without the blanks that fill a table's last column."""
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    lines = [line.rstrip() for line in capture.get().splitlines()]
    console.file.write("\n".join(lines).rstrip() + "\n")


def _describe_route(route: Route) -> Text:
    return Text.assemble((escape(f"{route.method} {route.path}"), "bold"), f" wants {escape(route.wants)}")


def _tabulate(steps: tuple[Step, ...], console: Console) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for step in steps:
        if step.detail:
            quiet = "dim" if step.outcome is Outcome.NOT_REACHED else ""
            detail = Text(escape(step.detail), quiet)
            table.add_row(_mark(step.outcome, console), Text(TITLES[step.name], quiet), detail)
    return table


def _describe_rest(steps: tuple[Step, ...], console: Console) -> Iterator[Text]:
    """Yield a line on the decisions that nothing can be said of, since it did not come to them."""
    rest = ", ".join(TITLES[step.name] for step in steps if not step.detail)
    if rest:
        yield Text.assemble(_mark(Outcome.NOT_REACHED, console), (f"  not reached: {rest}", "dim"))


def _mark(outcome: Outcome, console: Console) -> Text:
    mark, plain, style = _MARKS[outcome]
    return Text(f"  {mark if console.encoding.lower().startswith('utf') else plain}", style)


def _describe_response(response: Response | None) -> str:
    if response is None:
        return ""
    if response.by == "function":
        return f" The function answers {response.status} of its own{_body(response)}."
    kind = f" ({response.error_type})" if response.error_type else ""
    return f" API Gateway answers {response.status}{kind}{_body(response)}."


def _body(response: Response) -> str:
    return f": {escape(response.body.strip())}" if response.body else ""
