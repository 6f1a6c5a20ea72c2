"""What is written of each request: the stage's own log, which says why, and the template's access log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from local_stage.api_gateway.access_log import AccessLog
from local_stage.api_gateway.exchange import Exchange
from local_stage.errors import MachineError
from local_stage.log.invocation_log import InvocationLog, LogFile

ACCESS_LOG: Final = "access.log"

logger: Final = logging.getLogger("local_stage.request")


def log_answer(answered: Exchange) -> None:
    """Log `401 GET /dev/me: why; remedy`, or status, method, path and milliseconds of a good answer.

    A fault of the stage's own is logged with its traceback.
    """
    request = answered.request
    # The path is the client's: escaped, it can neither end the line nor colour a terminal.
    line = f"{answered.response.status} {request.method} {ascii(request.path)[1:-1]}"
    if answered.error is not None:
        logger.warning("%s: %s", line, answered.error.reason, exc_info=answered.fault)
    else:
        logger.info("%s %.1f ms", line, answered.duration * 1000)


class RequestLog:
    """What every answer is told to: the stage's log, the functions', a listener, and the access log if any.

    The access log is a file of the state folder; each line can be read as soon as its request is answered.
    """

    def __init__(
        self, state_folder: Path, invocations: InvocationLog, listener: Callable[[Exchange], None]
    ) -> None:
        self.file = state_folder / ACCESS_LOG
        self._invocations = invocations
        self._listener = listener
        self._access_log = LogFile(self.file)

    def close(self) -> None:
        """Let go of the access log."""
        self._access_log.close()

    def recorder(self, access_log_format: str | None) -> Callable[[Exchange], None]:
        """Return what a stage with this format tells of its answers.

        Raises StartError where the access log cannot be opened.
        """
        if access_log_format is None:
            return self._record
        try:
            self._access_log.open()
        except OSError as error:
            raise MachineError(f"cannot be written: {error.strerror}", file=str(self.file)) from None
        access_log = AccessLog(access_log_format, self._access_log.write)

        def record(answered: Exchange) -> None:
            self._record(answered)
            access_log.record(answered)

        return record

    def _record(self, answered: Exchange) -> None:
        log_answer(answered)
        self._listener(answered)
        context = answered.context
        if context.integration is not None and context.integration.request_id is not None:
            self._invocations.write_request(context.request_id, context.integration.request_id)
