"""A Lambda authorizer of a REST API: a function says who calls, and by which policy.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, override

from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest, MethodCall
from local_stage.api_gateway.authorizers.authorizer_event import build_request_event, build_token_event
from local_stage.api_gateway.authorizers.authorizer_result import AuthorizerResult, read_authorizer_result
from local_stage.api_gateway.authorizers.function_authorizer import FunctionAuthorizer
from local_stage.api_gateway.authorizers.identity_source import IdentitySource
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


class LambdaAuthorizer(FunctionAuthorizer[LambdaAuthorizerSettings]):
    """Asks a function by an event of type TOKEN or REQUEST; it answers with a policy."""

    def __init__(
        self,
        settings: LambdaAuthorizerSettings,
        function: Function | None,
        clock: Clock,
        *,
        has_time_limit: bool = True,
    ) -> None:
        """Ask this function; None stands for one that is not on this machine, so that nobody is let in."""
        super().__init__(settings, function, clock, longest_call=LONGEST_CALL, has_time_limit=has_time_limit)

    @override
    def read_identity(self, asked: AuthorizationRequest) -> tuple[str, ...]:
        """Return the values of the identity sources.

        Raises GatewayError (401) where one is missing, or the token does not match the whole expression.
        """
        values = super().read_identity(asked)
        expression = self.settings.validation_expression
        if expression is not None and not expression.fullmatch(values[0]):
            name = self.settings.name
            reason = f"the {self.settings.sources[0]} does not match the validation expression of {name}"
            raise unauthorized(f"{reason}, {expression.pattern!a}; its function was not called")
        return values

    @override
    def _build_event(
        self, asked: AuthorizationRequest, call: MethodCall, identity: tuple[str, ...]
    ) -> Mapping[str, object]:
        if self.settings.kind == "TOKEN":
            return build_token_event(identity[0], call.method_arn)
        return build_request_event(asked.request, call)

    @override
    def _read_result(self, payload: bytes) -> AuthorizerResult:
        return read_authorizer_result(payload)

    @override
    def _refuse(self, error: FunctionError) -> GatewayError:
        reason = f"the authorizer {self.settings.name}: {error.reason}"
        if isinstance(error, HandlerError) and error.message == _UNAUTHORIZED:
            return unauthorized(reason)
        if _UNAUTHORIZED.lower() in error.message.lower():
            reason += f"; only an error whose whole text is {_UNAUTHORIZED} is answered with 401"
        return authorizer_configuration_error(reason)

    @override
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
