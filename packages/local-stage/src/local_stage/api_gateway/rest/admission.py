"""Who may call a method of a REST API: resource policy, authorizer and API key, in AWS's order.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
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
from local_stage.api_gateway.authorizers.lambda_authorizer import LambdaAuthorizer, LambdaAuthorizerSettings
from local_stage.api_gateway.authorizers.policy_decision import ask_policies, explain_decision
from local_stage.api_gateway.exchange import Outcome, RequestContext
from local_stage.api_gateway.gateway_error import GatewayError, access_denied, authorizer_configuration_error
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.policy.policy import Decision, PolicyRequest, decide
from local_stage.api_gateway.rest.resource_policy import ResourcePolicy, describe_refused
from local_stage.api_gateway.rest.rest_api import Method, RestApi
from local_stage.api_gateway.usage_plan import UsagePlans

_API_KEY: Final = "x-api-key"
_DENIED: Final = "User is not authorized to access this resource"
_BY_IDENTITY: Final[Mapping[Decision, str]] = {
    Decision.EXPLICIT_DENY: "with an explicit deny in an identity-based policy",
    Decision.IMPLICIT_DENY: "because no identity-based policy allows the execute-api:Invoke action",
}
"""What a client learns whom the policy of a Lambda authorizer refuses, or their own (recorded in 2026)."""


class Admission:
    """Lets requests through to the methods of one API."""

    def __init__(
        self,
        rest_api: RestApi,
        authorizers: Mapping[str, Authorizer],
        surroundings: Surroundings,
        usage_plans: UsagePlans | None = None,
    ) -> None:
        """Ask these authorizers, by name, and these usage plans; without any no API key opens anything."""
        self._rest_api = rest_api
        self._authorizers = authorizers
        self._stage_arn = surroundings.name_stage(rest_api.api_id, rest_api.stage_name)
        self._port = surroundings.port
        self._usage_plans = usage_plans or UsagePlans((), (), time.time)
        self._policy = ResourcePolicy(rest_api.resource_policy)

    async def admit(self, method: Method, request: HttpRequest, context: RequestContext, path: str) -> None:
        """Let a request through, and put into its context what its authorizer says of the caller.

        `path` is the request's without the stage. Raises GatewayError for a request that is refused.
        """
        allowed = None
        if method.authorizer is not None or self._policy.is_there:
            call = self._describe_call(context, path)
            self._check_policy_first(method, request, call)
            if method.authorizer is not None:
                allowed = await self._authorize(method.authorizer, method, request, call)
        if method.api_key_required:
            self._verify_key(request, context, allowed)

    def count(self, method: Method, context: RequestContext) -> None:
        """Count a request with an API key. Raises GatewayError (429) beyond its usage plan's limits."""
        if method.api_key_required:
            stage = (self._rest_api.api_id, self._rest_api.stage_name)
            key = self._usage_plans.verify(context.api_key, *stage)
            self._usage_plans.take(key, *stage, (method.http_method, context.resource_path))

    def foresee(self, method: Method, request: HttpRequest, context: RequestContext, path: str) -> bool:
        """Say whether a call of a method with a Lambda authorizer passes, as far as its cache knows.

        No function is called: False means that it would have to be. Raises GatewayError as `admit`.
        """
        settings = self._rest_api.find_authorizer(method)
        if not isinstance(settings, LambdaAuthorizerSettings):
            raise TypeError(settings)
        authorizer = self._authorizers.get(settings.name)
        if not isinstance(authorizer, LambdaAuthorizer):
            authorizer = LambdaAuthorizer(settings, None, time.time)
        call = self._describe_call(context, path)
        self._check_policy_first(method, request, call)
        allowed = authorizer.find_kept(AuthorizationRequest(request, (), call))
        if allowed is not None:
            self._judge(allowed, call, request)
        return allowed is not None

    def foresee_policy(
        self, method: Method, request: HttpRequest, context: RequestContext, path: str
    ) -> None:
        """Raise GatewayError where the resource policy refuses a call that the authorizer has let through."""
        call = self._describe_call(context, path)
        self._check_policy_first(method, request, call)
        if method.authorizer is not None:
            self._policy.require(ask_policies(request, call), call)

    async def _authorize(
        self, name: str, method: Method, request: HttpRequest, call: MethodCall
    ) -> Authorization:
        context, started = call.context, time.perf_counter()
        try:
            asked = AuthorizationRequest(request, method.scopes, call)
            allowed = await self._authorizers[name].authorize(asked)
            if allowed.policies is not None:
                self._judge(allowed, call, request)
            elif self._policy.is_there:
                self._policy.require(ask_policies(request, call), call)
        except GatewayError as error:
            latency = time.perf_counter() - started
            told = error.message or error.response_type.value
            context.authorizer = Outcome(error.status, latency, error=told)
            raise
        allowed.note(context, time.perf_counter() - started)
        return allowed

    def _check_policy_first(self, method: Method, request: HttpRequest, call: MethodCall) -> None:
        """Ask the resource policy before a Lambda authorizer, and where there is no authorizer at all."""
        if not self._policy.is_there:
            return
        settings = self._rest_api.find_authorizer(method)
        if settings is None:
            self._policy.require(ask_policies(request, call), call)
        elif isinstance(settings, LambdaAuthorizerSettings):
            self._policy.check(ask_policies(request, call), call)

    def _judge(self, allowed: Authorization, call: MethodCall, request: HttpRequest) -> None:
        """Raise GatewayError unless the authorizer's policy or the API's allows the request."""
        asked = ask_policies(request, call, allowed)
        if allowed.identity is not None:
            self._policy.check(asked, call, allowed.identity["userArn"])
        decision = decide(allowed.policies or (), asked)
        if decision is Decision.IMPLICIT_DENY and self._policy.decide(asked) is Decision.ALLOW:
            decision = Decision.ALLOW
        if decision is not Decision.ALLOW:
            told = f"{_tell_who(allowed, asked)} {_BY_IDENTITY[decision]}"
            raise access_denied(told, explain_decision(allowed, call, decision))
        if not allowed.principal_id:
            raise authorizer_configuration_error(f"{allowed.origin} comes without a principalId")

    def _verify_key(
        self, request: HttpRequest, context: RequestContext, allowed: Authorization | None
    ) -> None:
        """Put the request's API key into its context. Raises GatewayError (403) if it opens nothing."""
        value = request.header(_API_KEY)
        if self._rest_api.api_key_source == "AUTHORIZER":
            value = allowed.usage_identifier if allowed else None
        key = self._usage_plans.verify(value, self._rest_api.api_id, self._rest_api.stage_name)
        context.api_key, context.api_key_id = key.value, key.id

    def _describe_call(self, context: RequestContext, path: str) -> MethodCall:
        arn = f"{self._stage_arn}/{context.http_method}{path}"
        return MethodCall(context, path, arn, self._rest_api.stage_variables, self._port)


def _tell_who(allowed: Authorization, asked: PolicyRequest) -> str:
    """Return the beginning of a denial; who has signed a request is named (agreed by clients)."""
    if allowed.identity is None:
        return _DENIED
    return describe_refused(asked, allowed.identity["userArn"])
