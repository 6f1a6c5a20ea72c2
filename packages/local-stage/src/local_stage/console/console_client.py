"""Sends requests to the console of the stage that runs on this machine."""

from __future__ import annotations

import json
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from local_stage.errors import MachineError, StartError, TemplateError, UsageError
from local_stage.state import RunningStage

CLOCK: Final = "/clock"
EVENT: Final = "/event"
EXPLAIN: Final = "/explain"
TEST_AUTHORIZER: Final = "/test-authorizer"

TIMEOUT: Final = 60.0
"""Seconds; a template that has just been saved is deployed before the stage responds."""

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_ERRORS: Final[dict[int, type[StartError]]] = {
    HTTPStatus.BAD_REQUEST: UsageError,
    HTTPStatus.CONFLICT: TemplateError,
}


def ask_console(running: RunningStage, method: str, path: str, body: Any = None) -> Any:
    """Send a request to the running stage's console and return the JSON of its response.

    The request goes to this machine alone: it knows no proxy, follows no redirect, and is not sent where the
    stage's address is not a loopback one.

    Raises:
        UsageError: the stage refuses the request, in the stage's own words.
        TemplateError: the template has been saved and cannot be served.
        MachineError: the stage does not respond, or its address is not on this machine.
    """
    url = urlsplit(running.console_url)
    if url.hostname not in _LOOPBACK:
        raise MachineError(
            f"the stage's address {running.api_url} is not on this machine: start the stage again"
        )
    data = None if body is None else json.dumps(body).encode()
    headers = {} if data is None else {"Content-Type": "application/json"}
    connection = HTTPConnection(url.hostname, url.port, timeout=TIMEOUT)
    try:
        connection.request(method, url.path + path, data, headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, HTTPException, ValueError) as error:
        raise MachineError(f"the stage at {running.api_url} does not respond: {error}") from None
    finally:
        connection.close()
    if response.status != HTTPStatus.OK:
        raise _ERRORS.get(response.status, MachineError)(_read_message(response.status, answer))
    return answer


def read_clock(running: RunningStage) -> float:
    """Return the time that the running stage goes by, in Unix seconds. Raises StartError as `ask_console`."""
    return float(ask_console(running, "GET", CLOCK)["now"])


def _read_message(status: int, answer: Any) -> str:
    if isinstance(answer, dict) and "message" in answer:
        return str(answer["message"])
    return f"the stage responds with the status code {status}"
