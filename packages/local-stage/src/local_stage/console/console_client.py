"""Asks the console of the stage that runs."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from local_stage.console.clock_endpoint import PATH as CLOCK
from local_stage.console.console import JSON
from local_stage.errors import MachineError
from local_stage.state import RunningStage

TIMEOUT = 30.0


def ask_console(running: RunningStage, method: str, path: str, body: Any = None) -> Any:
    """Return what the running stage answers to a request for its console, read as JSON.

    Raises StartError with the stage's own words where it refuses, or where it does not answer.
    """
    data = None if body is None else json.dumps(body).encode()
    headers = {} if data is None else {"Content-Type": JSON}
    request = Request(running.console_url + path, data, headers, method=method)  # noqa: S310 - always http
    try:
        # A proxy of the environment cannot reach this machine's loopback.
        with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT) as answer:
            return json.load(answer)
    except HTTPError as error:
        raise MachineError(_read_refusal(error)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise MachineError(f"the stage at {running.api_url} does not answer: {error}") from None


def read_clock(running: RunningStage) -> float:
    """Return the time that the running stage goes by, in Unix seconds. Raises StartError as `ask_console`."""
    return float(ask_console(running, "GET", CLOCK)["now"])


def _read_refusal(error: HTTPError) -> str:
    try:
        return str(json.load(error)["message"])
    except (OSError, ValueError, LookupError, TypeError):
        return f"the stage answers {error.code}"
