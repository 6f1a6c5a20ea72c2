"""`local-stage logs`: what the functions have logged, the lines of one invocation together."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

from local_stage.errors import MachineError, UsageError, spell_command
from local_stage.log.colour import Colour, colour_of, escape, paint
from local_stage.log.invocation_log import InvocationLogReader, Logged, LoggedLine, LoggedRequest

POLL_INTERVAL: Final = 0.1
"""Seconds between two looks at a log that is followed."""
STALL: Final = 1.0
"""Seconds without a line of the current invocation after which the others' lines are printed."""
KEPT_INVOCATIONS: Final = 1000

type Render = Callable[[LoggedLine], str]
"""Renders a line for printing, without its line feed."""

type _Key = tuple[str, str | None]
"""The log stream and the request id."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The lines to print: those of one request, of one function, or all.

    `request_id` is the invocation's, as in START, or the client's, as in the header x-amzn-RequestId.
    """

    request_id: str | None = None
    function: str | None = None


@dataclass(slots=True)
class _Group:
    """The lines of one invocation that are not printed yet; outside invocations, those of an environment."""

    request_id: str | None
    is_selected: bool
    lines: list[LoggedLine] = field(default_factory=list)
    is_done: bool = False
    was_left: bool = False

    def empty(self) -> Iterator[LoggedLine]:
        """Yield the lines; an invocation that others have passed is named again first."""
        lines, self.lines = self.lines, []
        if lines and self.was_left:
            text = f"-- RequestId: {self.request_id} goes on"
            yield LoggedLine(lines[0].time, replace(lines[0].line, text=text, platform=True))
            self.was_left = False
        yield from lines


class Invocations:
    """Puts the lines of one invocation together, though several run at the same time.

    The lines of one invocation are printed as they are logged. Those of others that run meanwhile follow when
    it has ended, or has logged nothing for a while.
    """

    def __init__(self, selection: Selection, clock: Callable[[], float] = time.monotonic) -> None:
        self._selection = selection
        self._clock = clock
        self._groups: dict[_Key, _Group] = {}
        self._turn: _Key | None = None
        self._last = clock()

    def take(self, logged: Logged) -> Iterator[LoggedLine]:
        """Take the next entry of the log, and yield the lines that can be printed now."""
        if isinstance(logged, LoggedRequest):
            self._select(logged)
        elif self._selection.function in {None, logged.line.function}:
            self._add(logged)
        while (key := self._find_turn()) is not None:
            group = self._groups[key]
            yield from self._print(group)
            if not group.is_done:
                return
            self._end(key)

    def let_pass(self) -> Iterator[LoggedLine]:
        """Yield the lines of the others, if the current invocation has logged nothing for a while."""
        if self._clock() - self._last >= STALL:
            yield from self.drain()

    def drain(self) -> Iterator[LoggedLine]:
        """Yield every selected line, each invocation's lines together."""
        for key, group in tuple(self._groups.items()):
            if group.is_selected:
                if group.lines and self._turn not in {None, key} and self._turn in self._groups:
                    self._groups[self._turn].was_left = True
                    self._turn = key
                yield from self._print(group)
                if group.is_done:
                    self._end(key)

    def _select(self, request: LoggedRequest) -> None:
        if request.client_request_id == self._selection.request_id:
            for group in self._groups.values():
                group.is_selected = group.is_selected or group.request_id == request.request_id

    def _add(self, logged: LoggedLine) -> None:
        line = logged.line
        key = line.log_stream, line.request_id
        if key not in self._groups:
            is_selected = self._selection.request_id in {None, line.request_id}
            self._groups[key] = _Group(line.request_id, is_selected)
            self._forget_oldest()
        group = self._groups[key]
        group.lines.append(logged)
        group.is_done = line.request_id is None or (line.platform and line.text.startswith("REPORT "))

    def _forget_oldest(self) -> None:
        """Keep the latest invocations only: an invocation whose process was killed never ends."""
        if len(self._groups) > KEPT_INVOCATIONS:
            oldest = next(iter(self._groups))
            if oldest != self._turn:
                del self._groups[oldest]

    def _find_turn(self) -> _Key | None:
        if self._turn is None:
            waiting = (key for key, group in self._groups.items() if group.is_selected and group.lines)
            self._turn = next(waiting, None)
        return self._turn

    def _print(self, group: _Group) -> Iterator[LoggedLine]:
        if group.lines:
            self._last = self._clock()
        yield from group.empty()

    def _end(self, key: _Key) -> None:
        del self._groups[key]
        if self._turn == key:
            self._turn = None


def show_logs(
    state_folder: Path, selection: Selection, *, follow: bool, stream: TextIO, render: Render
) -> int:
    """Print the logged lines, and with `follow` also later ones until Ctrl-C.

    Returns 0, or 1 where the selection has no line. Raises StartError where there is no log.
    """
    printer = _Printer(stream, render)
    reader = InvocationLogReader(state_folder)
    try:
        with closing(reader):
            _show(reader, Invocations(selection), printer, follow=follow)
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # The reader has closed the pipe; without this, Python would report it again at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return 0
    except OSError as error:
        raise MachineError(f"cannot be read: {error.strerror}", file=str(reader.file)) from None
    return 0 if printer.has_printed or selection == Selection() else 1


def _show(reader: InvocationLogReader, invocations: Invocations, printer: _Printer, *, follow: bool) -> None:
    printer.print(line for logged in reader.read() for line in invocations.take(logged))
    if not reader.has_read and not follow:
        why = f"no function has logged anything here; `{spell_command('start')}` starts a stage"
        raise UsageError(why, file=str(reader.file))
    printer.print(invocations.drain())
    while follow:
        time.sleep(POLL_INTERVAL)
        printer.print(line for logged in reader.read() for line in invocations.take(logged))
        printer.print(invocations.let_pass())


class _Printer:
    def __init__(self, stream: TextIO, render: Render) -> None:
        self.has_printed = False
        self._stream = stream
        self._render = render

    def print(self, lines: Iterable[LoggedLine]) -> None:
        for line in lines:
            self._stream.write(self._render(line) + "\n")
            self.has_printed = True
        self._stream.flush()


def render(logged: LoggedLine, *, is_coloured: bool) -> str:
    """Return a line as it is printed: local time, function, text."""
    at = datetime.fromtimestamp(logged.time).astimezone().isoformat(" ", "milliseconds")[:23]
    head, text = f"{at} [{logged.line.function}]", escape(logged.line.text)
    if not is_coloured:
        return f"{head} {text}"
    return f"{paint(head, Colour.DIM)} {paint(text, colour_of(logged.line))}"


def render_json(logged: LoggedLine) -> str:
    """Return a line as JSON: `time` in Unix seconds, and all that a LogLine has."""
    return json.dumps({"time": logged.time, **asdict(logged.line)})
