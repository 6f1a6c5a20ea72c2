"""The stage's own log: what comes together is written together."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Final, TextIO, override

from local_stage.lambda_runtime.function_log import LogLine
from local_stage.log.colour import FUNCTION_LINE, escape
from local_stage.log.log_form import LogForm, make_formatter

logger: Final = logging.getLogger("local_stage")


class StageLog(logging.StreamHandler[TextIO]):
    """Writes together what functions log in one turn of the event loop; all else at once, behind it.

    So the line of a request is there when its response is. A stream that takes nothing any more, as a pipe
    that nobody reads, stops no request.
    """

    def __init__(self, stream: TextIO, form: LogForm | None, *, is_coloured: bool) -> None:
        super().__init__(stream)
        self.setFormatter(make_formatter(form, is_coloured=is_coloured))
        self._is_bare = form is None and not is_coloured
        self._pending: list[str] = []

    def write_function_line(self, line: LogLine) -> None:
        """Write a line of a function's log behind the function's name."""
        text = f"[{line.function}] {escape(line.text)}"
        if self._is_bare:
            # A record of `logging`, which nothing of it would show, takes four times as long.
            self._add(text)
            if len(self._pending) == 1:
                asyncio.get_running_loop().call_soon(self.flush)
        else:
            logger.info("%s", text, extra={FUNCTION_LINE: line})

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._add(self.format(record))
            self.flush()
        except Exception:  # noqa: BLE001 - as every handler of `logging`
            self.handleError(record)

    @override
    def flush(self) -> None:
        self.acquire()
        try:
            lines, self._pending = self._pending, []
            with suppress(OSError):
                self.stream.write("".join(lines))
                super().flush()
        finally:
            self.release()

    def _add(self, text: str) -> None:
        self.acquire()
        self._pending.append(f"{text}\n")
        self.release()
