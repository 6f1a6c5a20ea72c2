"""A stage of an HTTP API: the whole way of a request, without sockets."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final, override

from local_stage.api_gateway import http_error
from local_stage.api_gateway.api import Surroundings, check_host, name_page
from local_stage.api_gateway.api_stage import ApiStage
from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.exchange import (
    Clock,
    Exchange,
    RandomBytes,
    RequestContext,
    new_request_context,
    stamp_http,
)
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http.admission import HttpAdmission
from local_stage.api_gateway.http.cors import is_preflight
from local_stage.api_gateway.http.event import find_event_path
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http.router import Match, Router, has_several_readings
from local_stage.api_gateway.http_error import as_http_error, build_error_response
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.integrations.integration import (
    Function,
    IntegrationRequest,
    IntegrationResponse,
    StageEnvironment,
)


def _read_identity(name: str) -> Callable[[Exchange], str | None]:
    return lambda exchange: (exchange.context.identity or {}).get(name)


_SIGNER: Final = (
    "accountId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "user",
    "userArn",
)
LOG_VARIABLES: Final[Mapping[str, Callable[[Exchange], str | None]]] = {
    **{f"context.identity.{name}": _read_identity(name) for name in _SIGNER},
    "context.requestTimeEpoch": lambda exchange: str(exchange.context.time_epoch // 1000),
    "context.resourceId": lambda _: None,
    "context.resourcePath": lambda _: None,
    "context.routeKey": lambda exchange: exchange.context.resource_id,
}
"""What an access log has otherwise than a REST API's; the time is in seconds (recorded).

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""


class HttpStage(ApiStage):
    """Responds to requests as an HTTP API does: route, authorize, throttle, integrate."""

    def __init__(
        self,
        http_api: HttpApi,
        authorizers: Mapping[str, Authorizer],
        functions: Mapping[str, Function],
        surroundings: Surroundings,
        *,
        record: Callable[[Exchange], None],
        clock: Clock = time.time,
        limits_integrations: bool = True,
    ) -> None:
        """Serve an API whose authorizers are given by name and whose functions by ARN.

        `record` is told of every response. While a function is debugged its integration has no time limit.
        """
        super().__init__(http_api, record, clock)
        self._http_api = http_api
        self._admission = HttpAdmission(http_api, authorizers, surroundings)
        self._surroundings = surroundings
        self._environment = StageEnvironment(
            functions, surroundings.port, http_api.stage_variables, has_time_limits=limits_integrations
        )
        self._router = Router(http_api.http_routes)

    @override
    def _as_own(self, error: GatewayError) -> GatewayError:
        return as_http_error(error)

    @override
    def _as_fault(self, reason: str) -> GatewayError:
        return http_error.internal_server_error(reason)

    @override
    def _build_refusal(
        self, error: GatewayError, request: HttpRequest, context: RequestContext
    ) -> HttpResponse:
        return build_error_response(as_http_error(error))

    @override
    def _complete(
        self,
        request: HttpRequest,
        response: HttpResponse,
        context: RequestContext,
        trace: str | None,
        error: GatewayError | None,
    ) -> None:
        if self._http_api.cors is not None:
            self._http_api.cors.add_headers(request, response)
        stamp_http(response, context, self._clock)

    @override
    async def _respond(self, request: HttpRequest, context: RequestContext) -> IntegrationResponse:
        check_host(request, self._surroundings.domain_name, self._surroundings.host_names)
        cors = self._http_api.cors if is_preflight(request) else None
        path, match = self._match(request, context)
        if match is not None:
            # `ANY` and `$default` take preflights too, and ask for a token then (recorded).
            await self._admission.admit(match.route, request, context)
        if cors is not None:
            return IntegrationResponse(cors.respond_to_preflight())
        if match is None:
            reason = f"the API has no {request.method} {path!a}; the routes are in the table printed at start"
            if has_several_readings(path):
                reason = f"{reason}, and %2F, %3F or # must not lead to another one, however AWS reads them"
            raise http_error.not_found(reason)
        self._throttles.admit(match.route.http_method, match.route.path)
        with self._refusals.serving():
            asked = IntegrationRequest(request, context, path, self._environment)
            return await match.route.integration.invoke(asked)

    def _match(self, request: HttpRequest, context: RequestContext) -> tuple[str, Match | None]:
        """Return the path without the stage, and the route. Raises HttpApiError for another stage."""
        path = self._http_api.path_in_stage(request.path)
        if path is None:
            stage = self._http_api.stage_name
            reason = f"{request.path!a} is not below /{stage}, the only stage that this API has"
            if request.path == "/":
                reason = f"{reason}; {name_page(self._surroundings)}"
            raise http_error.not_found(reason)
        match = self._router.match(request.method, path)
        if match is not None:
            note_match(context, match)
        return path, match

    @override
    def _new_context(self, request: HttpRequest) -> RequestContext:
        around = self._surroundings
        return new_http_context(
            request,
            self._http_api,
            account_id=around.account_id,
            domain_name=around.domain_name,
            clock=self._clock,
        )


def new_http_context(
    request: HttpRequest,
    http_api: HttpApi,
    *,
    account_id: str,
    domain_name: str,
    clock: Clock,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> RequestContext:
    """Return the context of a request that has just come in, with an id of its own.

    An HTTP API has one id for a request, of the form of a REST API's extended one (recorded).
    """
    context = new_request_context(
        request,
        account_id=account_id,
        api_id=http_api.api_id,
        stage=http_api.stage_name,
        deployment_id="",
        domain_name=domain_name,
        domain_prefix=http_api.api_id,
        clock=clock,
        random_bytes=random_bytes,
    )
    context.request_id = context.extended_request_id
    context.path = find_event_path(request.path)
    return context


def note_match(context: RequestContext, match: Match) -> None:
    """Put into a request's context what its route says; the route key stands as the resource's id."""
    context.resource_id = match.route.key
    context.resource_path = match.route.path
    context.path_parameters = match.path_parameters
