"""A request that has its answer, as every log of the stage is told of it."""

from __future__ import annotations

from dataclasses import dataclass

from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.request_context import RequestContext


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that has its answer; `duration` is in seconds, `error` is why it was refused, if it was.

    `fault` is what went wrong in the stage itself, which is a bug.
    """

    request: HttpRequest
    response: HttpResponse
    context: RequestContext
    duration: float
    error: GatewayError | None
    fault: Exception | None = None
