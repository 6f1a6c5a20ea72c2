"""What a stage asks of an integration, whatever its kind, and what it gets from it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.template_part import TemplatePart

_encode: Final = json.JSONEncoder(separators=(",", ":")).encode
_ONLY_VALUES: Final = {
    "connectionType": ("internet", "VPC links are not run locally"),
    "contentHandling": ("convert_to_text", "other bodies than text and base64 are not passed on locally"),
    "httpMethod": ("post", "Lambda is invoked with POST"),
    "responseTransferMode": ("buffered", "streamed responses are not run locally"),
}


class Function(Protocol):
    """A Lambda function that can be invoked."""

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:
        """Return the function's result. Raises FunctionError where there is none.

        `trace_header` becomes the function's `_X_AMZN_TRACE_ID`.
        """


@dataclass(frozen=True, slots=True)
class StageEnvironment:
    """What a stage gives to all of its integrations.

    `functions` are by ARN. `port` is where the stage listens on this machine. Without `has_time_limits`, as
    while a function is debugged, an integration may take as long as it likes. A stage that `is_traced`
    samples its invocations for X-Ray.
    """

    functions: Mapping[str, Function]
    port: int
    stage_variables: Mapping[str, str]
    binary_media_types: tuple[str, ...] = ()
    has_time_limits: bool = True
    is_traced: bool = False

    async def invoke(
        self,
        function_arn: str,
        event: Mapping[str, Any],
        *,
        request_id: str,
        trace_header: str,
        seconds: float,
    ) -> bytes:
        """Return the function's result. Raises FunctionError, or TimeoutError after so many seconds."""
        function = self.functions[function_arn]
        async with asyncio.timeout(seconds if self.has_time_limits else None):
            return await function.invoke(
                _encode(event).encode(), request_id=request_id, trace_header=trace_header
            )


class IntegrationRequest(NamedTuple):
    """A request that may pass; `path` is its path without the stage."""

    request: HttpRequest
    context: RequestContext
    path: str
    stage: StageEnvironment


class IntegrationResponse(NamedTuple):
    """A response, and the `X-Amzn-Trace-Id` of an invocation, None where there is none."""

    response: HttpResponse
    trace_header: str | None = None


class Integration(Protocol):
    """The settings of one method's integration, which can be invoked."""

    async def invoke(self, asked: IntegrationRequest) -> IntegrationResponse:
        """Return the response to a request. Raises GatewayError where there is none."""


def check_values(integration: TemplatePart) -> None:
    """Raise StartError for a value that would have API Gateway do what is not done here."""
    for key, (only, why) in _ONLY_VALUES.items():
        if integration[key] and integration[key].text().lower() != only:
            raise integration[key].refusal(f"{integration[key].text()} is not {only}: {why}")
