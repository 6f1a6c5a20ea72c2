"""Who may call a route of an HTTP API: its authorizer says, and the policies that this gives.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.authorizer import (
    Authorization,
    AuthorizationRequest,
    Authorizer,
    MethodCall,
)
from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.authorizers.policy_decision import ask_policies, explain_decision
from local_stage.api_gateway.exchange import Outcome, RequestContext
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http.event import cut_path
from local_stage.api_gateway.http.http_api import DEFAULT, HttpApi, HttpRoute
from local_stage.api_gateway.http.lambda_authorizer import HttpLambdaAuthorizer, HttpLambdaAuthorizerSettings
from local_stage.api_gateway.http.router import clean_path
from local_stage.api_gateway.http_error import HttpApiError, as_http_error, forbidden
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.policy.policy import Decision, decide

_NO_SIGNATURE: Final = "The request for the IAM Authorizer doesn't match the format that API Gateway expects."
"""`$context.authorizer.error` of a request that is not signed (recorded), or not well (unverified)."""


class HttpAdmission:
    """Lets requests through to the routes of one API."""

    def __init__(
        self, http_api: HttpApi, authorizers: Mapping[str, Authorizer], surroundings: Surroundings
    ) -> None:
        """Ask these authorizers, by name."""
        self._http_api = http_api
        self._authorizers = authorizers
        self._stage_arn = surroundings.name_stage(http_api.api_id, http_api.stage_name)
        self._port = surroundings.port

    async def admit(self, route: HttpRoute, request: HttpRequest, context: RequestContext) -> None:
        """Let a request through, and put into its context what the route's authorizer says of the caller.

        Raises GatewayError for a request that is refused.
        """
        if route.authorizer is None:
            return
        started = time.perf_counter()
        call = self._describe_call(route, request, context)
        try:
            asked = AuthorizationRequest(request, route.scopes, call)
            allowed = await self._authorizers[route.authorizer].authorize(asked)
            _judge(allowed, request, call)
        except GatewayError as error:
            told = self._tell(error, route.authorizer)
            context.authorizer = Outcome(error.status, time.perf_counter() - started, error=told)
            raise
        allowed.note(context, time.perf_counter() - started)

    def foresee(self, route: HttpRoute, request: HttpRequest, context: RequestContext) -> bool:
        """Say whether a call of a route with a Lambda authorizer passes, as far as its cache knows.

        No function is called: False means that it would have to be. Raises GatewayError as `admit`.
        """
        settings = self._http_api.authorizers[route.authorizer or ""]
        if not isinstance(settings, HttpLambdaAuthorizerSettings):
            raise TypeError(settings)
        authorizer = self._authorizers.get(settings.name)
        if not isinstance(authorizer, HttpLambdaAuthorizer):
            authorizer = HttpLambdaAuthorizer(settings, None, time.time)
        call = self._describe_call(route, request, context)
        allowed = authorizer.find_kept(AuthorizationRequest(request, (), call))
        if allowed is not None:
            _judge(allowed, request, call)
        return allowed is not None

    def _tell(self, error: GatewayError, authorizer: str) -> str | None:
        """Return `$context.authorizer.error`; what it says of Lambda authorizers is unverified."""
        settings = self._http_api.authorizers[authorizer]
        if isinstance(settings, JwtAuthorizerSettings):
            return error.authorizer_error if isinstance(error, HttpApiError) else None
        if isinstance(settings, IamAuthorizerSettings) and not isinstance(error, HttpApiError):
            return _NO_SIGNATURE
        return as_http_error(error).message

    def _describe_call(self, route: HttpRoute, request: HttpRequest, context: RequestContext) -> MethodCall:
        """Return the call with the route's ARN as it was called.

        That its path is decoded and without doubled slashes at its beginning, as the router takes it, is
        unverified, and so is the path of `$default`. What denies another spelling denies the request, also
        the one that functions see.
        """
        sent = self._http_api.path_in_stage(request.path) or "/"
        path = clean_path(sent)
        others = [sent, clean_path(cut_path(sent))]
        if route.path == DEFAULT:
            others.append(f"/{DEFAULT}")
        return MethodCall(
            context,
            path,
            f"{self._stage_arn}/{context.http_method}{path}",
            self._http_api.stage_variables,
            self._port,
            tuple(others),
        )


def _judge(allowed: Authorization, request: HttpRequest, call: MethodCall) -> None:
    """Raise HttpApiError (403) unless the authorizer's policies, if it gives any, allow the request."""
    if allowed.policies is None:
        return
    decision = decide(allowed.policies, ask_policies(request, call, allowed))
    if decision is not Decision.ALLOW:
        raise forbidden(explain_decision(allowed, call, decision))
