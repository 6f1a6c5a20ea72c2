"""A stage of a REST API: the whole way of a request, without sockets."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.api import Route, Surroundings, check_host, check_target
from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.exchange import (
    Clock,
    Exchange,
    RequestContext,
    new_request_context,
    stamp,
)
from local_stage.api_gateway.gateway_error import GatewayError, GatewayResponseType
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.integrations.integration import (
    Function,
    IntegrationRequest,
    IntegrationResponse,
    StageEnvironment,
)
from local_stage.api_gateway.rest.admission import Admission
from local_stage.api_gateway.rest.gateway_response import build_gateway_response
from local_stage.api_gateway.rest.request_validator import validate_request
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.rest.router import Match, Router
from local_stage.api_gateway.throttle import RefusalPace, Throttles
from local_stage.api_gateway.usage_plan import UsagePlans

logger: Final = logging.getLogger(__name__)


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
        usage_plans: UsagePlans | None = None,
    ) -> None:
        """Serve an API whose authorizers are given by name and whose functions by ARN.

        `record` is told of every answer. While a function is debugged its integration has no time limit.
        """
        self._rest_api = rest_api
        self._admission = Admission(rest_api, authorizers, surroundings, usage_plans)
        self._surroundings = surroundings
        self._record = record
        self._clock = clock
        self._environment = StageEnvironment(
            functions,
            surroundings.port,
            rest_api.stage_variables,
            rest_api.binary_media_types,
            has_time_limits=limits_integrations,
            is_traced=rest_api.is_traced,
        )
        self._router = Router(rest_api.resources)
        self._throttles = Throttles(rest_api.throttles, clock)
        self._refusals = RefusalPace(time.monotonic)

    @property
    def id(self) -> str:
        """The API's id."""
        return self._rest_api.api_id

    @property
    def logical_id(self) -> str:
        """The API's name in the template."""
        return self._rest_api.logical_id

    @property
    def routes(self) -> Sequence[Route]:
        """Every verb and path that the API has."""
        return self._rest_api.routes

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to a request, whatever it is; nothing is raised but cancellation."""
        started = time.perf_counter()
        context = self._new_context(request)
        error, fault, trace = None, None, None
        try:
            try:
                response, trace = await self._respond(request, context)
            except GatewayError as refusal:
                error = refusal
                if context.integration is None:
                    await self._refusals.wait()
                response = self._refuse(refusal, request, context)
        except Exception as bug:  # noqa: BLE001 - whatever it is, the client has an answer and the door is shut
            error, fault = _fault(bug), bug
            response = self._refuse(error, request, context)
        self._stamp(response, context, trace, error)
        self._publish(Exchange(request, response, context, time.perf_counter() - started, error, fault))
        # Their tracebacks hold this frame: if it held them, only the garbage collector would find all of it.
        del error, fault
        return response

    def refuse(self, request: HttpRequest, error: GatewayError) -> HttpResponse:
        """Return the answer to a request that is refused whatever it asks for."""
        context = self._new_context(request)
        response = self._refuse(error, request, context)
        self._stamp(response, context, None, error)
        self._publish(Exchange(request, response, context, 0.0, error))
        return response

    def _publish(self, answered: Exchange) -> None:
        try:
            self._record(answered)
        except Exception:  # a full disk must not keep an answer back
            logger.exception("an answer could not be recorded")

    async def _respond(self, request: HttpRequest, context: RequestContext) -> IntegrationResponse:
        check_host(request, self._surroundings.domain_name)
        check_target(request)
        path = self._path_in_stage(request)
        match = self._match(request, path, context)
        method = match.method
        await self._admission.admit(method, request, context, path)
        self._admission.count(method, context)
        self._throttles.admit(method.http_method, match.resource.path)
        validate_request(match, request)
        with self._refusals.serving():
            return await method.integration.invoke(
                IntegrationRequest(request, context, path, self._environment)
            )

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

    def _refuse(self, error: GatewayError, request: HttpRequest, context: RequestContext) -> HttpResponse:
        return build_gateway_response(
            error, self._rest_api.gateway_responses, context, request, self._rest_api.stage_variables
        )

    def _stamp(
        self, response: HttpResponse, context: RequestContext, trace: str | None, error: GatewayError | None
    ) -> None:
        """Complete a response, with the trace of its integration if there is one.

        What a traced stage answers itself has the trace's root: recorded for 400, 403, 500, 502 and 504, and
        unverified for the rest. What a stage without tracing answers itself has none: recorded for 401, 403,
        500, 502 and a mock.
        """
        if trace is None and self._rest_api.is_traced and (error is None or error.is_of_stage):
            trace = context.trace_header
        stamp(response, context, self._clock, trace=trace)

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


def _fault(bug: Exception) -> GatewayError:
    """500, which the API's gateway responses cannot customise: they may be what is at fault."""
    reason = f"a fault of the local stage itself: {type(bug).__name__}"
    return GatewayError(GatewayResponseType.DEFAULT_5XX, "Internal server error", reason, customizable=False)
