"""A Lambda authorizer of an HTTP API: a function says who calls, by a policy or by true or false.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, override

from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest, MethodCall
from local_stage.api_gateway.authorizers.authorizer_result import (
    EVERYTHING,
    AuthorizerResult,
    AuthorizerResultError,
    read_authorizer_result,
    read_simple_response,
)
from local_stage.api_gateway.authorizers.function_authorizer import FunctionAuthorizer
from local_stage.api_gateway.exchange import Clock
from local_stage.api_gateway.gateway_error import GatewayError, authorizer_configuration_error
from local_stage.api_gateway.http.authorizer_event import build_authorizer_event, build_authorizer_event_1
from local_stage.api_gateway.http.event import FORMAT_1, FORMAT_2, write_texts
from local_stage.api_gateway.http.identity_source import HttpIdentitySource
from local_stage.api_gateway.http_error import forbidden
from local_stage.api_gateway.integrations.integration import Function
from local_stage.lambda_runtime.function_error import FunctionError

LONGEST_CALL: Final = 10.0
"""Seconds: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""


@dataclass(frozen=True, slots=True)
class HttpLambdaAuthorizerSettings:
    """What the template says of a Lambda authorizer of an HTTP API.

    `function_arn` is the ARN by which the function is invoked. `lifetime` is in seconds, 0 for results that
    are not kept. With `has_simple_responses` the function says true or false, else it returns a policy.
    With `has_invoke_role` API Gateway invokes it by a role of the template's, and needs no permission else.
    """

    name: str
    function_arn: str
    sources: tuple[HttpIdentitySource, ...] = ()
    lifetime: int = 0
    payload_format: str = FORMAT_2
    has_simple_responses: bool = False
    has_invoke_role: bool = False

    @property
    def identity_source(self) -> str | None:
        """The header that carries the credential, where it is the only source."""
        headers = [source.name for source in self.sources if source.place == "header"]
        return headers[0] if len(headers) == len(self.sources) == 1 else None

    @property
    def keeps_for_all_routes(self) -> bool:
        """Say whether a simple response that is kept for one route opens the authorizer's others as well."""
        by_route = any(
            source.place == "context" and source.name in {"routeKey", "path"} for source in self.sources
        )
        return self.has_simple_responses and self.lifetime > 0 and not by_route


class HttpLambdaAuthorizer(FunctionAuthorizer[HttpLambdaAuthorizerSettings]):
    """Asks a function by an event of format 2.0 or 1.0."""

    def __init__(
        self,
        settings: HttpLambdaAuthorizerSettings,
        function: Function | None,
        clock: Clock,
        *,
        has_time_limit: bool = True,
    ) -> None:
        """Ask this function; None stands for one that is not on this machine, so that nobody is let in."""
        super().__init__(settings, function, clock, longest_call=LONGEST_CALL, has_time_limit=has_time_limit)

    @override
    def _build_event(
        self, asked: AuthorizationRequest, call: MethodCall, identity: tuple[str, ...]
    ) -> Mapping[str, object]:
        is_1 = self.settings.payload_format == FORMAT_1
        return (build_authorizer_event_1 if is_1 else build_authorizer_event)(asked.request, call, identity)

    @override
    def _read_result(self, payload: bytes) -> AuthorizerResult:
        if self.settings.has_simple_responses:
            return read_simple_response(payload)
        result = read_authorizer_result(payload, has_types=self.settings.payload_format == FORMAT_2)
        if result.principal_id is None:
            # That a policy without one is of no use to an HTTP API either is unverified.
            raise AuthorizerResultError("it has no principalId")
        return result

    @override
    def _refuse(self, error: FunctionError) -> GatewayError:
        # An error `Unauthorized` is 401 for a REST API alone (unverified).
        return authorizer_configuration_error(f"the authorizer {self.settings.name}: {error.reason}")

    @override
    def _grant(
        self, result: AuthorizerResult, latency: int, origin: str, *, is_kept: bool = False
    ) -> Authorization:
        """Return what the stage is told of a result. Raises HttpApiError (403) for a simple no."""
        name = self.settings.name
        if self.settings.has_simple_responses and result.policy is not EVERYTHING:
            kept = ", in the response that was kept for this identity" if is_kept else ""
            raise forbidden(f"the function of {name} said isAuthorized: false{kept}")
        principal = {} if result.principal_id is None else {"principalId": result.principal_id}
        texts = {key: text for key, text in write_texts(result.context).items() if text is not None}
        return Authorization(
            result.principal_id or "",
            {"lambda": result.context or None},
            {**texts, **principal},
            policies=None if self.settings.has_simple_responses else (result.policy,),
            origin=f"the authorizer {name}: {origin}",
            is_kept=is_kept,
        )


def build_http_lambda_authorizers(
    authorizers: Iterable[HttpLambdaAuthorizerSettings],
    functions: Mapping[str, Function],
    clock: Clock,
    *,
    has_time_limits: bool = True,
) -> dict[str, HttpLambdaAuthorizer]:
    """Return the authorizers by name, each with nothing in its cache; `functions` are by ARN."""
    return {
        settings.name: HttpLambdaAuthorizer(
            settings, functions.get(settings.function_arn), clock, has_time_limit=has_time_limits
        )
        for settings in authorizers
    }
