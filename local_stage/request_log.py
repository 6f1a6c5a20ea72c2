"""The stage's own log: one line a request, and for each refusal why and what to do."""

from __future__ import annotations

import logging

from local_stage.api_gateway.stage import Answered

logger = logging.getLogger("local_stage.request")


def log_answer(answered: Answered) -> None:
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
