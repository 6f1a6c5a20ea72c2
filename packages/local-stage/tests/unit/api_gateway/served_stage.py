"""A stage `dev` with `GET /hello`, open to all, whose function is the test's own; no socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.integrations.integration import Integration
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.rest.gateway_response import GatewayResponse, GatewayResponseType
from local_stage.api_gateway.rest.rest_api import Method, Resource, RestApi
from local_stage.api_gateway.rest.stage import Stage
from tests.gateway_request import build_request

API_ID = "a1b2c3d4e5"
DOMAIN_NAME = f"{API_ID}.execute-api.ap-northeast-1.amazonaws.com"
FUNCTION_ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:hello"
GREETING = b'{"statusCode": 200, "body": "hello"}'


class GivenFunction:
    """Answers after so many seconds with what it is given, or raises it, and keeps the events."""

    def __init__(self, answer: bytes | BaseException = GREETING, duration: float = 0.0) -> None:
        self.answer = answer
        self.duration = duration
        self.events: list[bytes] = []
        self.trace_headers: list[str] = []

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:  # noqa: ARG002 - Function's
        self.events.append(event)
        self.trace_headers.append(trace_header)
        await asyncio.sleep(self.duration)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class ServedStage:
    """Answers requests, and keeps what the stage recorded of them."""

    def __init__(
        self,
        answer: bytes | BaseException = GREETING,
        *,
        gateway_responses: Mapping[GatewayResponseType, GatewayResponse] | None = None,
        record: Callable[[Exchange], None] | None = None,
        duration: float = 0.0,
        timeout: float = 29.0,
        limits_integrations: bool = True,
        is_traced: bool = False,
        integration: Integration | None = None,
    ) -> None:
        self.recorded: list[Exchange] = []
        self.function = GivenFunction(answer, duration)
        method = Method("GET", integration or LambdaProxyIntegration(FUNCTION_ARN, timeout))
        self.stage = Stage(
            RestApi(
                logical_id="HelloApi",
                api_id=API_ID,
                name="hello",
                stage_name="dev",
                deployment_id="dep123",
                resources=(Resource("res123", "/hello", {"GET": method}),),
                gateway_responses=gateway_responses or {},
                is_traced=is_traced,
            ),
            {},
            {FUNCTION_ARN: self.function},
            Surroundings("123456789012", "ap-northeast-1", DOMAIN_NAME, 3000),
            record=record or self.recorded.append,
            limits_integrations=limits_integrations,
        )

    def answer(self, request: HttpRequest | None = None) -> HttpResponse:
        return asyncio.run(self.stage.handle(request or build_request()))
