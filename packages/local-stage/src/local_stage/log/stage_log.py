"""The stage's own log: what comes together is written together."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Final, TextIO, override

from local_stage.lambda_runtime.function_log import LogLine
from local_stage.log.colour import FUNCTION_LINE, escape
from local_stage.log.invocation_log import WAITING_TIME
from local_stage.log.log_form import LogForm, make_formatter

logger: Final = logging.getLogger("local_stage")


class StageLog(logging.StreamHandler[TextIO]):
    """Writes a function's lines a little later, together, and all else at once, behind them.

    So the line of a request is there when its response is. A stream that takes nothing any more, as a pipe
    that nobody reads, stops no request.
    """

    def __init__(self, stream: TextIO, form: LogForm | None, *, is_coloured: bool) -> None:
        super().__init__(stream)
        self.setFormatter(make_formatter(form, is_coloured=is_coloured))
        # A record of `logging`, which nothing of a bare line would show, takes four times as long.
        self._is_bare = form is None and not is_coloured
        self._pending: deque[str] = deque()  # to which any thread may add at any time
        self._is_timed = False

    def write_function_line(self, line: LogLine) -> None:
        """Write a line of a function's log behind the function's name."""
        text = f"[{line.function}] {escape(line.text)}"
        if not self._is_bare:
            logger.info("%s", text, extra={FUNCTION_LINE: line})
            return
        self._pending.append(f"{text}\n")
        if not self._is_timed:
            self._is_timed = True
            asyncio.get_running_loop().call_later(WAITING_TIME, self._flush_in_time)

    def write_line(self, level: int, text: str) -> None:
        """Write what the stage says of a request, at once."""
        if not self._is_bare:
            logger.log(level, "%s", text)
            return
        self._pending.append(f"{text}\n")
        self.flush()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._pending.append(f"{self.format(record)}\n")
            self.flush()
        except Exception:  # noqa: BLE001 - as every handler of `logging`
            self.handleError(record)

    @override
    def flush(self) -> None:
        self.acquire()
        try:
            if lines := [self._pending.popleft() for _ in range(len(self._pending))]:
                self.stream.write("".join(lines))
                self.stream.flush()
        except OSError:
            pass
        finally:
            self.release()

    def _flush_in_time(self) -> None:
        self._is_timed = False
        self.flush()
