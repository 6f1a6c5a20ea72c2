"""A route of an HTTP API that is opened by a function or by a signature: what can be said without either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http.admission import HttpAdmission
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http.lambda_authorizer import HttpLambdaAuthorizerSettings
from local_stage.api_gateway.http.router import Match
from local_stage.api_gateway.http.stage import new_http_context, note_match
from local_stage.api_gateway.http_error import as_http_error, build_error_response
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.explanation.explanation import Explanation, Response, Route
from local_stage.explanation.lambda_route import explain_function

ANYWHERE: Final = Surroundings(account_id="", region="", domain_name="", port=0)
"""Where a stage is that does not run."""

_SIMPLE_NO: Final = (
    "The function's response is kept for this identity. Call again when it is forgotten, or set"
    " ReauthorizeEvery: 0."
)
_FOR_ALL: Final = (
    "A simple response is kept by identity, not by route: what the function says of one route opens or closes"
    " all of them. Add routeKey to Identity.Context to have it asked for each route."
)


def explain_lambda_call(  # noqa: PLR0917 - what a call of a route is
    http_api: HttpApi,
    authorizers: Mapping[str, Authorizer],
    surroundings: Surroundings,
    settings: HttpLambdaAuthorizerSettings,
    route: Route,
    match: Match,
    request: HttpRequest,
    now: float,
) -> Explanation:
    """Explain a call of a route with a Lambda authorizer, from its identity and what is kept for that."""
    admission = HttpAdmission(http_api, authorizers, surroundings)
    remedy = {"remedy": _SIMPLE_NO} if settings.has_simple_responses else {}
    try:
        is_kept = admission.foresee(match.route, request, _new_context(http_api, request, match, now))
    except GatewayError as refusal:
        explanation = explain_function(route, settings, refusal, is_kept=True, **remedy)
        explanation = replace(
            explanation, response=describe_http_response(build_error_response(as_http_error(refusal)))
        )
    else:
        explanation = explain_function(route, settings, None, is_kept=is_kept)
    notes = (_FOR_ALL,) if settings.keeps_for_all_routes else ()
    return replace(explanation, notes=(*explanation.notes, *notes))


def describe_http_response(response: HttpResponse) -> Response:
    """Return a response of API Gateway's own as an explanation has it."""
    return Response("API Gateway", response.status, None, response.body.decode())


def _new_context(http_api: HttpApi, request: HttpRequest, match: Match, now: float) -> RequestContext:
    context = new_http_context(request, http_api, account_id="", domain_name="", clock=lambda: now)
    note_match(context, match)
    return context
