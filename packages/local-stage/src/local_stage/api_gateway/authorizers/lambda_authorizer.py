"""A Lambda authorizer of a REST API: a function says who calls, and by which policy.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest, MethodCall
from local_stage.api_gateway.authorizers.authorizer_event import build_request_event, build_token_event
from local_stage.api_gateway.authorizers.authorizer_result import (
    AuthorizerResult,
    AuthorizerResultError,
    read_authorizer_result,
)
from local_stage.api_gateway.authorizers.identity_source import IdentitySource
from local_stage.api_gateway.authorizers.result_cache import ResultCache
from local_stage.api_gateway.exchange import Clock
from local_stage.api_gateway.gateway_error import GatewayError, authorizer_configuration_error, unauthorized
from local_stage.api_gateway.integrations.integration import Function
from local_stage.lambda_runtime.function_error import FunctionError, HandlerError

DEFAULT_LIFETIME: Final = 300
"""Seconds for which a result is kept where the template does not say."""

LONGEST_CALL: Final = 30.0
"""Seconds; what AWS grants is not documented for REST APIs."""

_UNAUTHORIZED: Final = "Unauthorized"
"""The whole text of the error by which a function says 401."""

_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class LambdaAuthorizerSettings:
    """What the template says of a Lambda authorizer.

    `function_arn` is the ARN by which the function is invoked. `lifetime` is in seconds, 0 for results that
    are not kept. `validation_expression` is what the whole token of a TOKEN authorizer has to match.
    """

    name: str
    function_arn: str
    kind: Literal["TOKEN", "REQUEST"]
    sources: tuple[IdentitySource, ...]
    lifetime: int = DEFAULT_LIFETIME
    validation_expression: re.Pattern[str] | None = None

    @property
    def identity_source(self) -> str | None:
        """The header that carries the credential, where it is the only source."""
        headers = [source.name for source in self.sources if source.place == "header"]
        return headers[0] if len(headers) == len(self.sources) == 1 else None


class LambdaAuthorizer:
    """Asks a function who calls, or a result of it that is not too old.

    What is kept is the policy, by the values of the identity sources alone: every request is judged anew by
    it, also one for another method.
    """

    def __init__(
        self,
        settings: LambdaAuthorizerSettings,
        function: Function | None,
        clock: Clock,
        *,
        has_time_limit: bool = True,
    ) -> None:
        """Ask this function; None stands for one that is not on this machine, so that nobody is let in."""
        self.settings = settings
        self._function = function
        self._has_time_limit = has_time_limit
        self._results = ResultCache(settings.lifetime if settings.sources else 0, clock)

    async def authorize(self, asked: AuthorizationRequest) -> Authorization:
        """Return who calls, with the policy that the request has yet to be judged by.

        Raises GatewayError: 401 where an identity source is missing or the function says so, 500 where the
        function fails or returns what is no result.
        """
        identity = self.read_identity(asked)
        if asked.call is None:
            raise authorizer_configuration_error("a Lambda authorizer judges the call of a method alone")
        if (kept := self._find(identity)) is not None:
            return kept
        started = time.perf_counter()
        result = await self._ask(asked, asked.call)
        self._results.keep(identity, result)
        return self._grant(result, round((time.perf_counter() - started) * 1000), "its policy")

    def find_kept(self, asked: AuthorizationRequest) -> Authorization | None:
        """Return what is kept of a request's caller, or None. Raises GatewayError (401) as `authorize`."""
        return self._find(self.read_identity(asked))

    def read_identity(self, asked: AuthorizationRequest) -> tuple[str, ...]:
        """Return the values of the identity sources. Raises GatewayError (401) where one is missing."""
        settings = self.settings
        values = []
        for source in settings.sources:
            value = source.find(asked)
            if value is None or not value.strip():
                reason = f"the {source} is missing, which is an identity source of {settings.name}"
                raise unauthorized(f"{reason}; its function was not called")
            values.append(value)
        expression = settings.validation_expression
        if expression is not None and not expression.fullmatch(values[0]):
            reason = f"the {settings.sources[0]} does not match the validation expression of {settings.name}"
            raise unauthorized(f"{reason}, {expression.pattern!a}; its function was not called")
        return tuple(values)

    def _find(self, identity: tuple[str, ...]) -> Authorization | None:
        kept = self._results.find(identity)
        if kept is None:
            return None
        origin = f"the policy from its cache ({kept.remaining:.0f} s left)"
        return self._grant(kept.result, 0, origin, is_kept=True)

    async def _ask(self, asked: AuthorizationRequest, call: MethodCall) -> AuthorizerResult:
        name = self.settings.name
        if self._function is None:
            reason = f"the function of {name}, {self.settings.function_arn}, is not on this machine"
            raise authorizer_configuration_error(f"{reason}, so that nobody is let in")
        event = self._build_event(asked, call)
        try:
            async with asyncio.timeout(LONGEST_CALL if self._has_time_limit else None):
                payload = await self._function.invoke(
                    _encode(event).encode(),
                    request_id=str(uuid.uuid4()),
                    trace_header=call.context.invocation_trace_header(self.settings.function_arn),
                )
        except TimeoutError:
            reason = f"the function of {name} has not answered within {LONGEST_CALL:g} s"
            raise authorizer_configuration_error(reason) from None
        except FunctionError as error:
            raise self._refusal(error) from error
        try:
            return read_authorizer_result(payload)
        except AuthorizerResultError as error:
            raise authorizer_configuration_error(f"what the function of {name} returned: {error}") from None

    def _build_event(self, asked: AuthorizationRequest, call: MethodCall) -> Mapping[str, object]:
        if self.settings.kind == "TOKEN":
            return build_token_event(self.settings.sources[0].find(asked) or "", call.method_arn)
        return build_request_event(asked.request, call)

    def _refusal(self, error: FunctionError) -> GatewayError:
        reason = f"the authorizer {self.settings.name}: {error.reason}"
        if isinstance(error, HandlerError) and error.message == _UNAUTHORIZED:
            return unauthorized(reason)
        if _UNAUTHORIZED.lower() in error.message.lower():
            reason += f"; only an error whose whole text is {_UNAUTHORIZED} is answered with 401"
        return authorizer_configuration_error(reason)

    def _grant(
        self, result: AuthorizerResult, latency: int, origin: str, *, is_kept: bool = False
    ) -> Authorization:
        principal = {} if result.principal_id is None else {"principalId": result.principal_id}
        texts = {name: value for name, value in result.context.items() if value is not None}
        return Authorization(
            result.principal_id or "",
            {**result.context, **principal, "integrationLatency": latency},
            {**texts, **principal, "integrationLatency": str(latency), "integrationStatus": "200"},
            policies=(result.policy,),
            origin=f"the authorizer {self.settings.name}: {origin}",
            is_kept=is_kept,
            usage_identifier=result.usage_identifier,
        )
