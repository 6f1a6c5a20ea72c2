"""AWS_PROXY: a Lambda function gets the proxy event, and its result is the response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.exchange import Outcome, build_uuid
from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.integrations.integration import (
    IntegrationRequest,
    IntegrationResponse,
    check_values,
)
from local_stage.api_gateway.integrations.proxy_event import build_proxy_event
from local_stage.api_gateway.integrations.proxy_response import read_proxy_response
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.errors import NotRun
from local_stage.lambda_runtime.function_error import (
    EventTooLargeError,
    FunctionError,
    FunctionThrottledError,
)

_LEAST_TIMEOUT: Final = 50
_MOST_TIMEOUT: Final = 300_000
_USUAL_TIMEOUT: Final = 29_000
"""In milliseconds; beyond 29 s a REGIONAL or private API needs a raised quota, and AWS takes no other."""

_PROXY_KEYS: Final = frozenset(
    {
        "cacheKeyParameters", "cacheNamespace", "connectionType", "contentHandling", "credentials",
        "httpMethod", "passthroughBehavior", "requestParameters", "requestTemplates", "responses",
        "responseTransferMode", "timeoutInMillis", "type", "uri",
    }
)  # fmt: skip
_FUNCTION_URI: Final = re.compile(
    r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/{1,2}2015-03-31/functions/(?P<arn>.+)/invocations"
)
_FUNCTION_ARN: Final = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class LambdaProxyIntegration:
    """A function by its ARN, or by that of an alias or version.

    `timeout` is in seconds; API Gateway's default is 29.
    """

    function_arn: str
    timeout: float = 29.0

    async def invoke(self, asked: IntegrationRequest) -> IntegrationResponse:
        """Return the function's response.

        Raises:
            GatewayError: 502 for a function that fails or gives no proxy response, 504 for one that takes too
                long, 413 for an event that Lambda does not take, 500 for a function that may not be invoked.
        """
        started, request_id, context = time.perf_counter(), build_uuid(secrets.token_bytes(16)), asked.context
        trace_header = context.invocation_trace_header(self.function_arn, is_traced=asked.stage.is_traced)
        try:
            response = await self._invoke_function(asked, request_id, trace_header)
        except GatewayError as error:
            logged, lambda_status = _describe_failure(error)
            context.integration = Outcome(
                None, time.perf_counter() - started, request_id, logged, lambda_status
            )
            raise
        context.integration = Outcome(
            response.status, time.perf_counter() - started, request_id, service_status=HTTPStatus.OK
        )
        return IntegrationResponse(response, trace_header)

    async def _invoke_function(
        self, asked: IntegrationRequest, request_id: str, trace_header: str
    ) -> HttpResponse:
        request, context, path, stage = asked
        event = build_proxy_event(
            request,
            context,
            path=path,
            stage_variables=stage.stage_variables,
            binary_media_types=stage.binary_media_types,
            forwarded_port=stage.port,
            forwarded_proto="http",
        )
        try:
            payload = await stage.invoke(
                self.function_arn,
                event,
                request_id=request_id,
                trace_header=trace_header,
                seconds=self.timeout,
            )
        except TimeoutError:
            reason = f"the function has not answered within the integration's {self.timeout:g} s"
            raise gateway_error.integration_timeout(reason) from None
        except FunctionError as error:
            raise _refusal(error) from error
        return read_proxy_response(
            payload, accept=request.header("Accept"), binary_media_types=stage.binary_media_types
        )


def _describe_failure(error: GatewayError) -> tuple[str, int | None]:
    """Return what the access log calls `$context.integration.error`, and Lambda's own status.

    Recorded: the words for a function's error, and that Lambda gives 200 to it and 429 where it throttles,
    and no request id where API Gateway no longer waits for it. The rest is unverified.
    """
    match error.__cause__:
        case EventTooLargeError() as cause:
            return cause.message, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        case FunctionThrottledError() as cause:
            return cause.message, HTTPStatus.TOO_MANY_REQUESTS
        case FunctionError() as cause:
            return f"Lambda Customer Function Error:{cause.message}", HTTPStatus.OK
    if error.response_type is GatewayResponseType.INTEGRATION_TIMEOUT:
        return "Execution failed due to a timeout error", None
    is_malformed = error.response_type is GatewayResponseType.INTEGRATION_FAILURE
    return "Malformed Lambda proxy response" if is_malformed else error.message or "", HTTPStatus.OK


def _refusal(error: FunctionError) -> GatewayError:
    match error:
        case EventTooLargeError():
            return gateway_error.request_too_large(error.reason)
        case FunctionThrottledError():
            return gateway_error.integration_failure(error.reason)
    return gateway_error.internal_server_error(error.reason)


def find_proxy_not_run(integration: TemplatePart) -> Iterator[NotRun]:
    """Yield what of a Lambda proxy integration has no effect here, or none on AWS either."""
    if credentials := integration["credentials"]:
        yield credentials.not_run("the function is invoked without assuming a role")
    if (timeout := integration["timeoutInMillis"]) and timeout.number() > _USUAL_TIMEOUT:
        yield timeout.not_run(
            f"AWS takes more than {_USUAL_TIMEOUT} ms only of a REGIONAL or private API, with a raised quota;"
            " here the stage waits as long"
        )
    for key in ("requestParameters", "requestTemplates"):
        if integration[key]:
            yield integration[key].not_run("the function of a proxy integration gets the request as it is")


def read_lambda_proxy(integration: TemplatePart) -> LambdaProxyIntegration:
    """Read the extension of an operation. Raises StartError for what is not run."""
    integration.refuse_unknown(_PROXY_KEYS, "a Lambda proxy integration")
    check_values(integration)
    return LambdaProxyIntegration(
        function_arn=read_function_arn(integration["uri"]),
        timeout=_read_timeout(integration["timeoutInMillis"]),
    )


def read_function_arn(uri: TemplatePart) -> str:
    """Return the ARN that a URI invokes. Raises StartError for one that invokes no function of Lambda."""
    text = uri.text()
    if "stageVariables." in text:
        raise uri.refusal("a function named by a stage variable is not run locally; name the function")
    match = _FUNCTION_URI.fullmatch(text)
    if match is None or not _FUNCTION_ARN.fullmatch(match["arn"]):
        raise uri.refusal(f"{text} does not invoke a Lambda function and wait for its answer")
    return match["arn"]


def _read_timeout(part: TemplatePart) -> float:
    if not part:
        return 29.0
    if not _LEAST_TIMEOUT <= part.number() <= _MOST_TIMEOUT:
        raise part.refusal(f"has to be between {_LEAST_TIMEOUT} and {_MOST_TIMEOUT} milliseconds")
    return part.number() / 1000
