"""A stage of a REST API: the whole way of a request, without sockets."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import override

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.api import Surroundings, check_host, check_target, name_page
from local_stage.api_gateway.api_stage import ApiStage
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
from local_stage.api_gateway.usage_plan import UsagePlans


class Stage(ApiStage):
    """Responds to requests as a REST API does: route, authorize, throttle, validate, integrate."""

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

        `record` is told of every response. While a function is debugged its integration has no time limit.
        """
        super().__init__(rest_api, record, clock)
        self._rest_api = rest_api
        self._admission = Admission(rest_api, authorizers, surroundings, usage_plans)
        self._surroundings = surroundings
        self._environment = StageEnvironment(
            functions,
            surroundings.port,
            rest_api.stage_variables,
            rest_api.binary_media_types,
            has_time_limits=limits_integrations,
            is_traced=rest_api.is_traced,
        )
        self._router = Router(rest_api.resources)

    @override
    async def _respond(self, request: HttpRequest, context: RequestContext) -> IntegrationResponse:
        check_host(request, self._surroundings.domain_name, self._surroundings.host_names)
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
            if not stage:
                reason = f"{reason}, and {name_page(self._surroundings)}"
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

    @override
    def _as_own(self, error: GatewayError) -> GatewayError:
        return error

    @override
    def _as_fault(self, reason: str) -> GatewayError:
        """500, which the API's gateway responses cannot customise: they may be what is at fault."""
        kind = GatewayResponseType.DEFAULT_5XX
        return GatewayError(kind, "Internal server error", reason, customizable=False)

    @override
    def _build_refusal(
        self, error: GatewayError, request: HttpRequest, context: RequestContext
    ) -> HttpResponse:
        return build_gateway_response(
            error, self._rest_api.gateway_responses, context, request, self._rest_api.stage_variables
        )

    @override
    def _complete(
        self,
        request: HttpRequest,
        response: HttpResponse,
        context: RequestContext,
        trace: str | None,
        error: GatewayError | None,
    ) -> None:
        """Complete a response, with the trace of its integration if there is one.

        What a traced stage answers itself has the trace's root: recorded for 400, 403, 500, 502 and 504, and
        unverified for the rest. What a stage without tracing answers itself has none: recorded for 401, 403,
        500, 502 and a mock.
        """
        if trace is None and self._rest_api.is_traced and (error is None or error.is_of_stage):
            trace = context.trace_header
        stamp(response, context, self._clock, trace=trace)

    @override
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
