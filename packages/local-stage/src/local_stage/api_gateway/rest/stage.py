"""A stage of a REST API: the whole way of a request, without sockets."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest, Authorizer
from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.refusal_pace import RefusalPace
from local_stage.api_gateway.request_context import (
    Clock,
    Outcome,
    RequestContext,
    new_request_context,
    stamp,
)
from local_stage.api_gateway.rest.gateway_response import build_gateway_response
from local_stage.api_gateway.rest.host import check_host
from local_stage.api_gateway.rest.mock import answer_mock
from local_stage.api_gateway.rest.proxy_event import build_proxy_event
from local_stage.api_gateway.rest.proxy_response import read_proxy_response
from local_stage.api_gateway.rest.request_validator import validate_request
from local_stage.api_gateway.rest.rest_api import LambdaProxyIntegration, Method, MockIntegration, RestApi
from local_stage.api_gateway.rest.router import Match, Router
from local_stage.api_gateway.rest.throttle import Throttles
from local_stage.lambda_runtime.function_error import (
    EventTooLargeError,
    FunctionError,
    FunctionThrottledError,
)

logger: Final = logging.getLogger(__name__)

_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


class Function(Protocol):
    """What an integration invokes."""

    async def invoke(self, event: bytes, *, request_id: str, trace_id: str) -> bytes:
        """Return the function's response. Raises FunctionError where there is none."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a stage has around it: the account, the host name it has on AWS, and where it listens here."""

    account_id: str
    domain_name: str
    port: int


class Stage:
    """Answers requests as API Gateway does: route, authorize, throttle, validate, integrate."""

    def __init__(
        self,
        rest_api: RestApi,
        authorizers: Mapping[str, Authorizer],
        functions: Mapping[str, Function],
        surroundings: Surroundings,
        *,
        record: Callable[[Exchange], None],
        clock: Clock = time.time,
        limits_integrations: bool = True,
    ) -> None:
        """Serve an API whose authorizers are given by name and whose functions by ARN.

        `record` is told of every answer. While a function is debugged its integration has no time limit.
        """
        self._rest_api = rest_api
        self._authorizers = authorizers
        self._functions = functions
        self._surroundings = surroundings
        self._record = record
        self._clock = clock
        self._limits_integrations = limits_integrations
        self._router = Router(rest_api.resources)
        self._throttles = Throttles(rest_api.resources, clock)
        self._refusals = RefusalPace(time.monotonic)

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to a request, whatever it is; nothing is raised but cancellation."""
        started = time.perf_counter()
        context = self._new_context(request)
        error, fault = None, None
        try:
            try:
                response, trace = await self._answer(request, context)
            except GatewayError as refusal:
                error = refusal
                if context.integration is None:
                    await self._refusals.wait()
                response, trace = self._refuse(refusal, request, context)
        except Exception as bug:  # noqa: BLE001 - whatever it is, the client has an answer and the door is shut
            error, fault = _fault(bug), bug
            response, trace = self._refuse(error, request, context)
        stamp(response, context, self._clock, trace=trace)
        self._tell(Exchange(request, response, context, time.perf_counter() - started, error, fault))
        # Their tracebacks hold this frame: if it held them, only the garbage collector would find all of it.
        del error, fault
        return response

    def refuse(self, request: HttpRequest, error: GatewayError) -> HttpResponse:
        """Return the answer to a request that is refused whatever it asks for."""
        context = self._new_context(request)
        response, trace = self._refuse(error, request, context)
        stamp(response, context, self._clock, trace=trace)
        self._tell(Exchange(request, response, context, 0.0, error))
        return response

    def _tell(self, answered: Exchange) -> None:
        try:
            self._record(answered)
        except Exception:  # a full disk must not keep an answer back
            logger.exception("an answer could not be recorded")

    async def _answer(self, request: HttpRequest, context: RequestContext) -> tuple[HttpResponse, str | None]:
        check_host(request, self._surroundings.domain_name)
        path = self._path_in_stage(request)
        match = self._match(request, path, context)
        await self._authorize(match.method, request, context)
        self._throttles.admit(match)
        validate_request(match, request)
        match match.method.integration:
            case MockIntegration() as mock:
                return answer_mock(mock), None
            case LambdaProxyIntegration() as integration:
                trace = context.invocation_trace_header(integration.function_arn)
                return await self._integrate(integration, request, context, path), trace

    def _path_in_stage(self, request: HttpRequest) -> str:
        """Return the path without the stage, which is its first segment; slashes around it count once."""
        stage, _, rest = request.path.lstrip("/").partition("/")
        if stage != self._rest_api.stage_name or not request.path.startswith("/"):
            reason = f"unknown stage {stage!a}; this stage is /{self._rest_api.stage_name}"
            raise gateway_error.unknown_stage(reason)
        return f"/{rest.lstrip('/')}"

    def _match(self, request: HttpRequest, path: str, context: RequestContext) -> Match:
        match = self._router.match(request.method, path)
        if match is None:
            reason = f"the API has no {request.method} {path!a}; the routes are in the table printed at start"
            raise gateway_error.unknown_route(request.header("Authorization"), reason)
        context.resource_id = match.resource.resource_id
        context.resource_path = match.resource.path
        context.path_parameters = match.path_parameters
        return match

    async def _authorize(self, method: Method, request: HttpRequest, context: RequestContext) -> None:
        if method.authorizer is None:
            return
        started = time.perf_counter()
        try:
            allowed = await self._authorizers[method.authorizer].authorize(
                AuthorizationRequest(request, method.scopes)
            )
        except GatewayError as error:
            context.authorizer = Outcome(error.status, time.perf_counter() - started, error=error.message)
            raise
        context.authorizer_event = allowed.event_context
        context.authorizer_variables = allowed.log_variables
        context.authorizer = Outcome(HTTPStatus.OK, time.perf_counter() - started)

    async def _integrate(
        self, integration: LambdaProxyIntegration, request: HttpRequest, context: RequestContext, path: str
    ) -> HttpResponse:
        started = time.perf_counter()
        request_id = str(uuid.uuid4())
        try:
            with self._refusals.serving():
                response = await self._invoke(integration, request, context, path, request_id)
        except GatewayError as error:
            context.integration = Outcome(None, time.perf_counter() - started, request_id, error.reason)
            raise
        context.integration = Outcome(response.status, time.perf_counter() - started, request_id)
        return response

    async def _invoke(
        self,
        integration: LambdaProxyIntegration,
        request: HttpRequest,
        context: RequestContext,
        path: str,
        request_id: str,
    ) -> HttpResponse:
        event = build_proxy_event(
            request,
            context,
            path=path,
            stage_variables=self._rest_api.stage_variables,
            binary_media_types=self._rest_api.binary_media_types,
            forwarded_port=self._surroundings.port,
            forwarded_proto="http",
        )
        function = self._functions[integration.function_arn]
        encoded = _encode(event).encode()
        try:
            async with asyncio.timeout(integration.timeout if self._limits_integrations else None):
                payload = await function.invoke(encoded, request_id=request_id, trace_id=context.trace_id)
        except TimeoutError:
            reason = f"the function has not answered within the integration's {integration.timeout:g} s"
            raise gateway_error.integration_timeout(reason) from None
        except FunctionError as error:
            raise _refusal(error) from error
        return read_proxy_response(
            payload, accept=request.header("Accept"), binary_media_types=self._rest_api.binary_media_types
        )

    def _refuse(
        self, error: GatewayError, request: HttpRequest, context: RequestContext
    ) -> tuple[HttpResponse, str | None]:
        response = build_gateway_response(
            error, self._rest_api.gateway_responses, context, request, self._rest_api.stage_variables
        )
        return response, context.trace_header if error.traced else None

    def _new_context(self, request: HttpRequest) -> RequestContext:
        return new_request_context(
            request,
            account_id=self._surroundings.account_id,
            api_id=self._rest_api.api_id,
            stage=self._rest_api.stage_name,
            deployment_id=self._rest_api.deployment_id,
            domain_name=self._surroundings.domain_name,
            domain_prefix=self._rest_api.api_id,
            clock=self._clock,
        )


def _refusal(error: FunctionError) -> GatewayError:
    match error:
        case EventTooLargeError():
            return gateway_error.request_too_large(error.reason)
        case FunctionThrottledError():
            return gateway_error.integration_failure(error.reason)
    return gateway_error.internal_server_error(error.reason)


def _fault(bug: Exception) -> GatewayError:
    """500, which the API's gateway responses cannot customise: they may be what is at fault."""
    reason = f"a fault of the local stage itself: {type(bug).__name__}"
    return GatewayError(
        GatewayResponseType.DEFAULT_5XX, "Internal server error", reason, traced=True, customizable=False
    )
