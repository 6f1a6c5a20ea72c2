"""Who may call a method of a REST API: its authorizer, and the policies that the caller is judged by.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.authorizer import (
    Authorization,
    AuthorizationRequest,
    Authorizer,
    MethodCall,
)
from local_stage.api_gateway.authorizers.lambda_authorizer import LambdaAuthorizer, LambdaAuthorizerSettings
from local_stage.api_gateway.exchange import Outcome, RequestContext
from local_stage.api_gateway.gateway_error import GatewayError, access_denied, authorizer_configuration_error
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.policy.keys import Keys, find_request_keys
from local_stage.api_gateway.policy.policy import Decision, PolicyRequest, decide
from local_stage.api_gateway.rest.rest_api import Method, RestApi

_DENIED: Final = "User is not authorized to access this resource"
_BY_IDENTITY: Final[Mapping[Decision, str]] = {
    Decision.EXPLICIT_DENY: f"{_DENIED} with an explicit deny in an identity-based policy",
    Decision.IMPLICIT_DENY: (
        f"{_DENIED} because no identity-based policy allows the execute-api:Invoke action"
    ),
}
"""What a client learns whom the policy of a Lambda authorizer refuses (recorded in 2026)."""


class Admission:
    """Lets requests through to the methods of one API, in AWS's order of checks."""

    def __init__(
        self, rest_api: RestApi, authorizers: Mapping[str, Authorizer], surroundings: Surroundings
    ) -> None:
        """Ask these authorizers, by name."""
        self._rest_api = rest_api
        self._authorizers = authorizers
        self._surroundings = surroundings

    async def admit(self, method: Method, request: HttpRequest, context: RequestContext, path: str) -> None:
        """Let a request through, and put into its context what its authorizer says of the caller.

        `path` is the request's without the stage. Raises GatewayError for a request that is refused.
        """
        if method.authorizer is None:
            return
        call = self._describe_call(context, path)
        started = time.perf_counter()
        try:
            asked = AuthorizationRequest(request, method.scopes, call)
            allowed = await self._authorizers[method.authorizer].authorize(asked)
            self._judge(allowed, call, request)
        except GatewayError as error:
            latency = time.perf_counter() - started
            told = error.message or error.response_type.value
            context.authorizer = Outcome(error.status, latency, error=told)
            raise
        context.authorizer_event = allowed.event_context
        context.authorizer_variables = allowed.log_variables
        context.authorizer = Outcome(HTTPStatus.OK, time.perf_counter() - started)

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
        allowed = authorizer.find_kept(AuthorizationRequest(request, (), call))
        if allowed is not None:
            self._judge(allowed, call, request)
        return allowed is not None

    def _describe_call(self, context: RequestContext, path: str) -> MethodCall:
        here = self._surroundings
        api = f"{self._rest_api.api_id}/{self._rest_api.stage_name}/{context.http_method}"
        arn = f"arn:aws:execute-api:{here.region}:{here.account_id}:{api}"
        return MethodCall(
            context,
            path,
            arn + path,
            tuple(arn + other for other in _find_spellings(path)),
            self._rest_api.stage_variables,
            here.port,
        )

    @staticmethod
    def _judge(allowed: Authorization, call: MethodCall, request: HttpRequest) -> None:
        """Raise GatewayError unless a policy of the caller's allows the request, and none denies it."""
        if allowed.policies is None:
            return
        keys = Keys(find_request_keys(request, call.context))
        decision = decide(allowed.policies, PolicyRequest(call.method_arn, keys, call.spellings))
        if decision is not Decision.ALLOW:
            says = "denies" if decision is Decision.EXPLICIT_DENY else "does not allow"
            reason = f"{allowed.origin} {says} {call.method_arn}"
            if allowed.is_kept:
                everything = call.method_arn.partition("/")[0] + f"/{call.context.stage}/*"
                reason += (
                    "; it was made for another call: have the function allow every path of the stage,"
                    f" {everything}, or set ReauthorizeEvery: 0"
                )
            raise access_denied(_BY_IDENTITY[decision], reason)
        if not allowed.principal_id:
            raise authorizer_configuration_error(f"{allowed.origin} comes without a principalId")


def _find_spellings(path: str) -> tuple[str, ...]:
    """Return the other ways to write a path that the router and functions take for the same.

    Slashes at the end do not count for the router, and a function may decode what it gets.
    """
    decoded = unquote(path)
    others = {path.rstrip("/"), f"{path.rstrip('/')}/", decoded, decoded.rstrip("/")}
    return tuple(sorted(others - {path}))
