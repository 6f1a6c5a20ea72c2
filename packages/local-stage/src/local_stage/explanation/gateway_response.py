"""What API Gateway answers itself to a request that is explained."""

from __future__ import annotations

from local_stage.api_gateway.exchange import Outcome, RequestContext, new_request_context, stamp
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.rest.gateway_response import build_gateway_response
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.rest.router import Match
from local_stage.explanation.explanation import Response


def refuse(
    rest_api: RestApi, request: HttpRequest, error: GatewayError, now: float, match: Match | None = None
) -> Response:
    """Return the gateway response to a request that is refused."""
    context = new_context(rest_api, request, now)
    if match is not None:
        set_match(context, match)
        context.authorizer = Outcome(error.status, 0.0, error=error.message)
    response = build_gateway_response(
        error, rest_api.gateway_responses, context, request, rest_api.stage_variables
    )
    stamp(response, context, lambda: now)
    return describe_response(response)


def set_match(context: RequestContext, match: Match) -> None:
    """Put into a context which method the request reaches."""
    context.resource_id = match.resource.resource_id
    context.resource_path = match.resource.path
    context.path_parameters = match.path_parameters


def new_context(rest_api: RestApi, request: HttpRequest, now: float) -> RequestContext:
    """Return the context of a request to an API that runs nowhere in particular."""
    return new_request_context(
        request,
        account_id="",
        api_id=rest_api.api_id,
        stage=rest_api.stage_name,
        deployment_id=rest_api.deployment_id,
        domain_name="",
        domain_prefix=rest_api.api_id,
        clock=lambda: now,
    )


def describe_response(response: HttpResponse) -> Response:
    """Return a response of API Gateway's own as an explanation has it."""
    return Response("API Gateway", response.status, response.header("x-amzn-ErrorType"), _read_body(response))


def _read_body(response: HttpResponse) -> str:
    return response.body.decode("utf-8", "replace")
