"""Hands what the local AWS invokes a function for to the stage, which has the execution environments.

MiniStack chooses how to run a function in `lambda_svc._execute_function_dispatch`, a private name of the
pinned version; a test says that it is there. Its public way, a URL for each function, loses an error's type
and trace, so that a Step Functions `Catch` would never match.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

INVOCATIONS_URL: Final = "LOCAL_STAGE_INVOCATIONS_URL"
"""The variable that tells the process of the local AWS where the stage invokes functions."""
PARAMETERS: Final = ("func", "config", "event", "request_id", "started")
NOT_INVOKED: Final = "LocalStage.NotInvoked"
"""The error type of an invocation that has not reached the function."""
_MARGIN: Final = 30.0
"""Seconds beyond a function's Timeout for which its result is waited for: it may have to start first."""

type Invoke = Callable[[str, Any, float], Mapping[str, Any]]
"""Takes a function's ARN, an event and the seconds to wait, and returns what the stage tells of it.

It raises TimeoutError for a function that takes longer.
"""


def forward_functions(lambda_svc: Any, invoke: Invoke) -> bool:
    """Let MiniStack's `lambda_svc` run functions by `invoke`.

    Returns False, and changes nothing, where it has no place for that: it would then run functions in its own
    way, and take one without code, as all are that the stage registers, for one that succeeds.
    """
    dispatch = getattr(lambda_svc, "_execute_function_dispatch", None)
    if dispatch is None or tuple(inspect.signature(dispatch).parameters) != PARAMETERS:
        return False
    lambda_svc._execute_function_dispatch = partial(_forward, lambda_svc, invoke)  # noqa: SLF001 - see above
    return True


def _forward(  # noqa: PLR0917 - MiniStack's own parameters
    lambda_svc: Any, invoke: Invoke, func: Any, config: Any, event: Any, request_id: str, started: float
) -> dict[str, Any]:
    """Return MiniStack's own kind of result: `body`, `log`, and `error` where the function failed."""
    name = config.get("FunctionArn") or config.get("FunctionName")
    try:
        told = invoke(str(name), event, float(config.get("Timeout") or 3) + _MARGIN)
    except TimeoutError:
        told = describe_failure("the stage does not respond in time")
    result: dict[str, Any] = {"body": json.loads(told["payload"]), "log": "\n".join(told["log"])}
    if told["error_type"]:
        result["error"] = True
    elapsed = int((lambda_svc.time.time() - started) * 1000)
    lambda_svc._emit_lambda_logs(func, request_id, result["log"], bool(told["error_type"]), elapsed)  # noqa: SLF001
    return result


def invoke_in_stage(url: str, name: str, event: Any, timeout: float) -> Mapping[str, Any]:
    """Ask the stage; where it does not respond the invocation has failed, so that its event comes again.

    Raises TimeoutError where the function takes longer.
    """
    where = urlsplit(url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=timeout)
    body = json.dumps({"function": name, "event": event, "by_event_source": True})
    try:
        connection.request("POST", where.path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        told: dict[str, Any] = json.loads(response.read())
    except TimeoutError:
        raise
    except (OSError, HTTPException, ValueError) as error:
        return describe_failure(f"the stage does not respond: {error}")
    finally:
        connection.close()
    return told if "payload" in told else describe_failure(str(told.get("message")))


def describe_failure(why: str) -> dict[str, Any]:
    """Return what is told of an invocation that has not reached the function."""
    error = {"errorType": NOT_INVOKED, "errorMessage": why}
    return {"payload": json.dumps(error), "error_type": NOT_INVOKED, "log": [why]}
