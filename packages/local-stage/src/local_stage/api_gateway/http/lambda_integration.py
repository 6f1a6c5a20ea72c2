"""AWS_PROXY of an HTTP API: a function gets an event of format 2.0 or 1.0, and returns the response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, NoReturn

from local_stage.api_gateway import http_error
from local_stage.api_gateway.exchange import Outcome, build_uuid
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http.event import FORMAT_1, FORMAT_2, build_event, build_event_1
from local_stage.api_gateway.http.function_response import read_response, read_response_1
from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.integrations.integration import (
    Integration,
    IntegrationRequest,
    IntegrationResponse,
)
from local_stage.api_gateway.template_part import TemplatePart, follow_reference
from local_stage.cloudformation.unknown import find_unknown
from local_stage.errors import NotRun
from local_stage.lambda_runtime.function_error import (
    EventTooLargeError,
    FunctionError,
    FunctionThrottledError,
)

INTEGRATION: Final = "x-amazon-apigateway-integration"
DEFAULT_TIMEOUT: Final = 30.0
"""Seconds, and the most that an HTTP API waits."""
_LEAST_TIMEOUT: Final = 0.05

_FUNCTION_URI: Final = re.compile(
    r"(?:arn:[\w-]+:apigateway:[\w-]+:lambda:path/{1,2}2015-03-31/functions/)?"
    r"(?P<arn>arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(?::[\w$-]+)?)(?:/invocations)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class LambdaIntegration:
    """A function by its ARN, or by that of an alias or version; `timeout` is in seconds."""

    function_arn: str
    payload_format: str = FORMAT_2
    timeout: float = DEFAULT_TIMEOUT

    async def invoke(self, asked: IntegrationRequest) -> IntegrationResponse:
        """Return the function's response.

        Raises:
            HttpApiError: 500 for a function that fails or returns no response, 503 for one that takes too
                long or is throttled, 413 for an event that Lambda does not take.
        """
        started, request_id, context = time.perf_counter(), build_uuid(secrets.token_bytes(16)), asked.context
        try:
            response = await self._invoke_function(asked, request_id)
        except GatewayError as error:
            lambda_status = None if error.__cause__ is None else HTTPStatus.OK
            context.integration = Outcome(
                None, time.perf_counter() - started, request_id, error.reason, lambda_status
            )
            raise
        context.integration = Outcome(
            response.status, time.perf_counter() - started, request_id, service_status=HTTPStatus.OK
        )
        return IntegrationResponse(response)

    async def _invoke_function(self, asked: IntegrationRequest, request_id: str) -> HttpResponse:
        is_1 = is_format_1(self)
        build = build_event_1 if is_1 else build_event
        try:
            payload = await asked.stage.invoke(
                self.function_arn,
                build(asked.request, asked.context, asked.stage),
                request_id=request_id,
                trace_header=asked.context.invocation_trace_header(self.function_arn),
                seconds=self.timeout,
            )
        except TimeoutError:
            reason = f"the function has not answered within the integration's {self.timeout:g} s"
            raise http_error.service_unavailable(reason) from None
        except FunctionError as error:
            raise _refusal(error) from error
        return (read_response_1 if is_1 else read_response)(payload)


def is_format_1(integration: Integration) -> bool:
    """Say whether a function gets its events in payload format 1.0."""
    return isinstance(integration, LambdaIntegration) and integration.payload_format == FORMAT_1


@dataclass(frozen=True, slots=True)
class UnrunIntegration:
    """An integration that this machine cannot run: each request gets 500, and the log says why."""

    why: str

    async def invoke(self, asked: IntegrationRequest) -> NoReturn:
        """Raise HttpApiError, 500: API Gateway's response where an integration fails."""
        asked.context.integration = Outcome(None, 0.0, error=self.why)
        raise http_error.internal_server_error(self.why)


def read_integration(operation: TemplatePart, document: TemplatePart) -> Integration:
    """Return the integration of an operation; one that is not run keeps no API from starting."""
    integration = follow_reference(operation[INTEGRATION], document)
    if not integration:
        return UnrunIntegration("it has no integration that is known here")
    kind = integration["type"].text().lower() if integration["type"] else "missing"
    if kind != "aws_proxy" or integration["integrationSubtype"]:
        return UnrunIntegration(f"an integration of type {kind} is not run locally; use a Lambda function")
    uri = integration["uri"]
    function_arn = find_function_arn(uri.value) if isinstance(uri.value, str) else None
    if function_arn is None:
        return UnrunIntegration(f"{str(uri.value)[:200]!a} names no Lambda function that is known here")
    for mapping in ("requestParameters", "responseParameters"):
        if integration[mapping]:
            return UnrunIntegration(f"{mapping} of an integration are not mapped locally")
    return LambdaIntegration(
        function_arn,
        _read_format(integration["payloadFormatVersion"]),
        _read_timeout(integration["timeoutInMillis"]),
    )


def find_function_arn(uri: str) -> str | None:
    """Return the ARN of the function that a URI invokes, which may be that ARN itself, or None."""
    match = _FUNCTION_URI.fullmatch(uri)
    return match["arn"] if match else None


def find_not_run(operation: TemplatePart, document: TemplatePart) -> Iterator[NotRun]:
    """Yield what of an operation's integration has no effect here."""
    integration = follow_reference(operation[INTEGRATION], document)
    if credentials := integration["credentials"]:
        yield credentials.not_run("the function is invoked without assuming a role")
    read = read_integration(operation, document)
    if isinstance(read, UnrunIntegration):
        yield operation.not_run(f"{read.why}; each request gets 500")


def _refusal(error: FunctionError) -> http_error.HttpApiError:
    match error:
        case EventTooLargeError():
            return http_error.request_too_large(error.reason)
        case FunctionThrottledError():
            return http_error.service_unavailable(error.reason)
    return http_error.internal_server_error(error.reason)


def _read_format(part: TemplatePart) -> str:
    if not part or find_unknown(part.value):
        return FORMAT_2
    if part.text() not in {FORMAT_1, FORMAT_2}:
        raise part.refusal(f"has to be '{FORMAT_1}' or '{FORMAT_2}'", ("PayloadFormatVersion",))
    return part.text()


def _read_timeout(part: TemplatePart) -> float:
    """Return a timeout in seconds; AWS takes 50 to 30,000 milliseconds."""
    if not part or find_unknown(part.value):
        return DEFAULT_TIMEOUT
    seconds = part.number() / 1000
    if not _LEAST_TIMEOUT <= seconds <= DEFAULT_TIMEOUT:
        raise part.refusal("has to be between 50 and 30000 milliseconds", ("TimeoutInMillis",))
    return seconds
