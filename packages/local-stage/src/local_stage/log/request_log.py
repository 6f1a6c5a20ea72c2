"""The logs of each request: the stage's own, with the reason of a refusal, and the template's access log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from local_stage.api_gateway.access_log import AccessLog
from local_stage.api_gateway.exchange import Exchange
from local_stage.errors import MachineError
from local_stage.log.invocation_log import InvocationLog, LogFile

ACCESS_LOG: Final = "access.log"

logger: Final = logging.getLogger("local_stage.request")


type WriteLine = Callable[[int, str], None]
"""Writes a line of the stage's log, with the level that it has in `logging`."""


def _write_line(level: int, text: str) -> None:
    logger.log(level, "%s", text)


def log_exchange(exchange: Exchange, api: str | None = None, write: WriteLine = _write_line) -> None:
    """Log `401 GET /dev/me: why; remedy`, or status, method, path and milliseconds where there is no error.

    `api` names the API behind the path, where there are several. A fault of the stage's own is logged with
    its traceback.
    """
    request = exchange.request
    # The path is the client's: escaped, it can neither end the line nor colour a terminal.
    line = f"{exchange.response.status} {request.method} {ascii(request.path)[1:-1]}"
    line = f"{line} ({api})" if api else line
    if exchange.fault is not None:
        logger.warning("%s: %s", line, exchange.error and exchange.error.reason, exc_info=exchange.fault)
    elif exchange.error is not None:
        write(logging.WARNING, f"{line}: {exchange.error.reason}")
    else:
        write(logging.INFO, f"{line} {exchange.duration * 1000:.1f} ms")
    if why := find_unread(exchange):
        write(logging.WARNING, why)


def find_unread(exchange: Exchange) -> str | None:
    """Return why a browser keeps the response from the page that has asked, or None where it does not.

    A page's request has an Origin, which Access-Control-Allow-Origin has to name to the letter or by `*`:
    https://fetch.spec.whatwg.org/#cors-check. A page of the API's own host needs nothing; of a proxy before
    the stage it comes by HTTPS.
    """
    origin = exchange.request.header("Origin")
    if origin is None or origin.partition("://")[2] == exchange.request.header("Host"):
        return None
    allowed = exchange.response.header("Access-Control-Allow-Origin")
    if allowed in {"*", origin}:
        return None
    page = ascii(origin)[1:-1]
    if allowed is None:
        return (
            f"The browser keeps this response from the page at {page}: it has no Access-Control-Allow-Origin;"
            " set Cors on the API, the header in the function's response, and GatewayResponses for refusals;"
            " where the function names another page, give it this one, as by"
            f" --parameter-overrides AllowedOrigin={page}"
        )
    return (
        f"The browser keeps this response from the page at {page}: Access-Control-Allow-Origin is"
        f" {ascii(allowed)[1:-1]}; give the page's origin to the template, as by"
        f" --parameter-overrides AllowedOrigin={page}"
    )


class RequestLog:
    """Records every exchange in the stage's log, the functions' and the access log, and calls a listener.

    The access log is a file of the state folder; a line can be read as soon as the response is sent.
    """

    def __init__(
        self,
        state_folder: Path,
        invocations: InvocationLog,
        listener: Callable[[Exchange], None],
        write: WriteLine = _write_line,
    ) -> None:
        self.file = state_folder / ACCESS_LOG
        self._invocations = invocations
        self._listener = listener
        self._write = write
        self._access_log = LogFile(self.file)

    def close(self) -> None:
        """Close the access log."""
        self._access_log.close()

    def recorder(
        self,
        access_log_format: str | None,
        api: str | None = None,
        variables: Mapping[str, Callable[[Exchange], str | None]] | None = None,
    ) -> Callable[[Exchange], None]:
        """Return the function that records the exchanges of a stage with this access log format.

        `api` is the API's name in the stage's log, where there are several; `variables` are those that its
        kind has of its own. Raises StartError where the access log cannot be opened.
        """
        if access_log_format is None:
            return partial(self._record, api)
        try:
            self._access_log.open()
        except OSError as error:
            raise MachineError(f"cannot be written: {error.strerror}", file=str(self.file)) from None
        access_log = AccessLog(access_log_format, self._access_log.write, variables or {})

        def record(exchange: Exchange) -> None:
            self._record(api, exchange)
            access_log.record(exchange)

        return record

    def _record(self, api: str | None, exchange: Exchange) -> None:
        log_exchange(exchange, api, self._write)
        self._listener(exchange)
        context = exchange.context
        if context.integration is not None and context.integration.request_id is not None:
            self._invocations.write_request(context.request_id, context.integration.request_id)
