"""Invokes any function of the template: for `local-stage invoke`, and for the local AWS's event sources."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.console import ConsoleError, Endpoints, Served, json_response, read_json
from local_stage.console.recent_requests import RecentRequests
from local_stage.deployment.event_origin import EventOrigin, find_origin
from local_stage.errors import TemplateError
from local_stage.lambda_runtime.invoker import InvocationResult, Invoker, UnknownFunctionError
from local_stage.log.colour import escape
from local_stage.state import INVOCATIONS

logger: Final = logging.getLogger("local_stage")
_encode: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def invocation_endpoint(
    catch_up: Callable[[], Awaitable[Served]], invoker: Invoker, recent: RecentRequests
) -> Endpoints:
    """Return what invokes a function: `{"function": NAME, "event": …}`.

    Its response is `{"function", "request_id", "payload", "error_type", "log"}`: `payload` is a text of JSON,
    `error_type` is empty where the handler succeeded. With `"by_event_source": true` the functions are those
    that run now: a template that has just been saved may be what the event comes from.
    """

    async def invoke(request: HttpRequest) -> HttpResponse:
        asked = read_json(request)
        name, by_event_source = asked.get("function"), asked.get("by_event_source") is True
        if not isinstance(name, str):
            raise ConsoleError(HTTPStatus.BAD_REQUEST, "function: name the function to invoke")
        if not by_event_source:
            await _catch_up(catch_up)
        began = time.time()
        try:
            result = await invoker.invoke(
                name, _encode(asked.get("event")).encode(), by_event_source=by_event_source
            )
        except UnknownFunctionError as error:
            raise ConsoleError(HTTPStatus.BAD_REQUEST, str(error)) from None
        origin = find_origin(asked.get("event")) if by_event_source else EventOrigin("local-stage invoke")
        duration = time.time() - began
        recent.record_invocation(result, origin.name, began, duration)
        if by_event_source:
            _log(result, origin, began, duration)
        told: dict[str, Any] = {
            "function": result.function,
            "request_id": result.request_id,
            "payload": result.payload.decode("utf-8", "replace"),
            "error_type": result.error_type,
            "log": list(result.log),
        }
        return json_response(told)

    return {("POST", INVOCATIONS): invoke}


def _log(result: InvocationResult, origin: EventOrigin, began: float, duration: float) -> None:
    """Say what has invoked a function, how long after its event, and how that ended."""
    waited = ""
    if origin.at is not None:
        at_most = "" if origin.is_exact else "at most "
        waited = f" {at_most}{max(0.0, began - origin.at) * 1000:.0f} ms after the event"
    outcome = f"failed with {escape(result.error_type)}" if result.error_type else "succeeded"
    logger.info(
        "%s was invoked by %s%s, and %s in %.0f ms",
        result.function,
        escape(origin.name),
        waited,
        outcome,
        1000 * duration,
    )


async def _catch_up(catch_up: Callable[[], Awaitable[Served]]) -> None:
    try:
        await catch_up()
    except TemplateError as error:
        raise ConsoleError(HTTPStatus.CONFLICT, str(error)) from None
