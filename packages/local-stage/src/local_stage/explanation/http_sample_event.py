"""The event of a request to an HTTP API that nobody has sent, by the stage's own code."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import replace
from typing import Any

from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest
from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.iam_callers import build_root
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizer, JwtAuthorizerSettings, TrustedIssuer
from local_stage.api_gateway.exchange import Clock, RandomBytes, RequestContext
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http.authorizer_reader import HttpAuthorizerSettings
from local_stage.api_gateway.http.event import build_event, build_event_1
from local_stage.api_gateway.http.http_api import HttpApi, HttpRoute
from local_stage.api_gateway.http.lambda_integration import LambdaIntegration, is_format_1
from local_stage.api_gateway.http.router import Match, Router
from local_stage.api_gateway.http.stage import new_http_context, note_match
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.integrations.integration import StageEnvironment
from local_stage.cloudformation.boto3_clients import ACCESS_KEY, SECRET_KEY
from local_stage.cognito.issued_claims import CLIENT_ID
from local_stage.deployment.target import ACCOUNT_ID
from local_stage.errors import UsageError
from local_stage.explanation.sample_event import RequestRefusedError, SampleRequest
from local_stage.explanation.sample_token import (
    EXAMPLE_TOKEN,
    SampleCaller,
    SampleIssuer,
    require_fitting,
)
from local_stage.jwt.discovery import can_be_trusted


class HttpSampleEvents:
    """Makes events of an HTTP API, as a stage in `region` would."""

    def __init__(
        self,
        http_api: HttpApi,
        region: str,
        *,
        clock: Clock = time.time,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> None:
        self._http_api = http_api
        self._region = region
        self._domain_name = f"{http_api.api_id}.execute-api.{region}.amazonaws.com"
        self._clock = clock
        self._random_bytes = random_bytes

    def build(self, sample: SampleRequest) -> dict[str, Any]:
        """Return the event of a request. It must not be called by a coroutine: it runs a loop of its own.

        Raises:
            RequestRefusedError: API Gateway would refuse it; the reason is the one that the stage logs.
            UsageError: the API has no such route, it invokes no function, or the caller does not fit it.
        """
        request = replace(sample.request, headers=(("Host", self._domain_name), *sample.request.headers))
        match = self._match(request)
        route, caller = match.route, None if sample.ignores_authorizer else sample.caller
        asks = route.authorizer is not None and not sample.ignores_authorizer
        require_fitting(route.key, asks=asks, caller=caller)
        context = new_http_context(
            replace(request, path=self._http_api.base_path + request.path),
            self._http_api,
            account_id=ACCOUNT_ID,
            domain_name=self._domain_name,
            clock=self._clock,
            random_bytes=self._random_bytes,
        )
        note_match(context, match)
        if asks and caller is not None:
            settings = self._http_api.authorizers[route.authorizer or ""]
            if isinstance(settings, JwtAuthorizerSettings):
                request = self._add_token(request, context, route, settings, caller)
            else:
                _add_caller(context, settings, caller)
        environment = StageEnvironment({}, 443, self._http_api.stage_variables)
        build = build_event_1 if is_format_1(route.integration) else build_event
        return build(request, context, environment, proto="https")

    def _add_token(
        self,
        request: HttpRequest,
        context: RequestContext,
        route: HttpRoute,
        template_settings: JwtAuthorizerSettings,
        caller: SampleCaller,
    ) -> HttpRequest:
        """Return the request with a token, and put into its context what the token says."""
        settings = self._complete(template_settings)
        try:
            allowed = asyncio.run(self._authorize(request, route, settings, caller))
        except GatewayError as error:
            raise RequestRefusedError(f"API Gateway answers {error.status} itself: {error.reason}") from None
        context.authorizer_event = allowed.event_context
        return _with_token(request, settings, f"Bearer {EXAMPLE_TOKEN}")

    def _match(self, request: HttpRequest) -> Match:
        match = Router(self._http_api.http_routes).match(request.method, request.path)
        if match is None:
            known = ", ".join(route.key for route in self._http_api.http_routes)
            raise UsageError(f"the API has no {request.method} {request.path}; it has {known}")
        if not isinstance(match.route.integration, LambdaIntegration):
            raise UsageError(f"{match.route.key} invokes no function")
        return match

    def _complete(self, settings: JwtAuthorizerSettings) -> JwtAuthorizerSettings:
        """Return the settings with an example's issuer and audience where they are not known."""
        example = f"https://cognito-idp.{self._region}.amazonaws.com/{self._region}_Example"
        issuer = settings.issuer if can_be_trusted(settings.issuer) else example
        return replace(settings, issuer=issuer, audience=settings.audience or (CLIENT_ID,))

    async def _authorize(
        self, request: HttpRequest, route: HttpRoute, settings: JwtAuthorizerSettings, caller: SampleCaller
    ) -> Authorization:
        """Return what a token that opens the route gives: an access token where it asks for scopes."""
        is_access = bool(route.scopes) or caller.scope is not None
        audience = next(iter(settings.audience), "")
        others = {"client_id" if is_access or caller.username is None else "aud": audience, **caller.claims}
        if caller.username is None:
            others = {"sub": audience, **others}
        issuer = SampleIssuer(settings.issuer, self._clock, self._random_bytes)
        token, keys = issuer.sign(issuer.issue_claims(caller, route.scopes, others, is_access=is_access))
        authorizer = JwtAuthorizer(settings, TrustedIssuer(settings.issuer, keys), self._clock)
        return await authorizer.authorize(
            AuthorizationRequest(_with_token(request, settings, token), route.scopes)
        )


def _add_caller(context: RequestContext, settings: HttpAuthorizerSettings, caller: SampleCaller) -> None:
    """Put into a context what a function or a signature says of a caller.

    `caller.claims` are a function's context, and its name the principal. Here a signer is the root user.
    """
    if isinstance(settings, IamAuthorizerSettings):
        context.identity = build_root(ACCOUNT_ID, ACCESS_KEY, SECRET_KEY).identity
        return
    context.authorizer_event = {"lambda": dict(caller.claims) or None}
    context.authorizer_variables = {} if caller.username is None else {"principalId": caller.username}


def _with_token(request: HttpRequest, settings: JwtAuthorizerSettings, token: str) -> HttpRequest:
    if settings.identity_source is None:
        query = f"{settings.token_source.name}={token.removeprefix('Bearer ')}"
        return replace(request, query="&".join([*filter(None, [request.query]), query]))
    return replace(request, headers=(*request.headers, (settings.identity_source, token)))
