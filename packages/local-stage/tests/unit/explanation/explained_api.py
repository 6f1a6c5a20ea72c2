"""An API with a route of every kind, a real stage that serves it, and explanations of the same requests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.integrations.mock import MockIntegration
from local_stage.api_gateway.rest.gateway_response import GatewayResponse, GatewayResponseType
from local_stage.api_gateway.rest.rest_api import Method, RequestValidator, Resource, RestApi
from local_stage.api_gateway.rest.stage import Stage
from local_stage.cognito.user_pool import UserPool
from local_stage.explanation.explain import explain_request
from local_stage.explanation.explained_api import ExplainedApi
from local_stage.explanation.explanation import Explanation, Outcome, Response, StepName
from tests.key_server import KeyServer
from tests.manual_clock import ManualClock
from tests.tokens import POOL_ARN, TokenSigner

ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:hello"
FUNCTION = LambdaProxyIntegration(ARN)
AUTHORIZER = "PoolAuthorizer"
SCOPE = "hello/read"
GROUPS: Mapping[tuple[str, str], Sequence[str]] = {("GET", "/admin"): ("admins",)}
GET_HELLO, GET_MACHINE, GET_ADMIN = "GET /dev/hello", "GET /dev/machine", "GET /dev/admin"


class Greeter:
    """A function that answers everything with hello."""

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:  # noqa: ARG002 - Function's
        return b'{"statusCode": 200, "body": "hello"}'


def build_rest_api(
    gateway_responses: Mapping[GatewayResponseType, GatewayResponse] | None = None,
    validation_expression: str | None = None,
) -> RestApi:
    """Return the API `dev`: ID tokens, access tokens, a group, no token at all, a mock, and a body."""
    whole = RequestValidator(body=True)
    schema = {"type": "object", "required": ["name"]}
    return RestApi(
        logical_id="HelloApi",
        api_id="a1b2c3d4e5",
        name="hello",
        stage_name="dev",
        deployment_id="dep123",
        resources=(
            Resource(
                "hello1",
                "/hello",
                {
                    "GET": Method("GET", FUNCTION, AUTHORIZER),
                    "POST": Method(
                        "POST",
                        FUNCTION,
                        AUTHORIZER,
                        validator=whole,
                        request_models={"application/json": schema},
                    ),
                    "OPTIONS": Method("OPTIONS", MockIntegration(200, body=b"{}\n")),
                },
            ),
            Resource("machine1", "/machine", {"GET": Method("GET", FUNCTION, AUTHORIZER, (SCOPE,))}),
            Resource("admin1", "/admin", {"GET": Method("GET", FUNCTION, AUTHORIZER)}),
            Resource("open1", "/open/{id}", {"ANY": Method("ANY", FUNCTION)}),
        ),
        authorizers={
            AUTHORIZER: CognitoAuthorizerSettings(
                AUTHORIZER, (POOL_ARN,), validation_expression=validation_expression
            )
        },
        gateway_responses=gateway_responses or {},
    )


@dataclass
class ExplainedStage:
    """Sends one request both ways: to a stage that serves the API, and to be explained."""

    signer: TokenSigner
    rest_api: RestApi = field(default_factory=build_rest_api)
    clock: ManualClock = field(default_factory=ManualClock)
    groups: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=lambda: GROUPS)

    def __post_init__(self) -> None:
        self.key_server = KeyServer(self.signer.jwks())
        pool = UserPool.on_aws(POOL_ARN, self.key_server, self.clock)
        authorizers = {
            settings.name: CognitoAuthorizer(settings, [pool], self.clock)
            for settings in self.rest_api.cognito_authorizers
        }
        self.authorizers = authorizers
        self.api = ExplainedApi(self.rest_api, authorizers, self.groups)

    def explain(self, route: str, *sent: str) -> Explanation:
        """Return the explanation of a request with these Authorization headers."""
        return asyncio.run(explain_request(self.api, build_request(route, *sent), now=self.clock()))

    def explain_without_pool(self, route: str, *sent: str) -> Explanation:
        """Return what can be told without the pool."""
        api = ExplainedApi(self.rest_api, None, self.groups)
        return asyncio.run(explain_request(api, build_request(route, *sent), now=self.clock()))

    def answer(self, route: str, *sent: str) -> Exchange:
        """Return what the stage has made of the request."""
        told: list[Exchange] = []
        stage = Stage(
            self.rest_api,
            self.authorizers,
            {ARN: Greeter()},
            Surroundings(
                "123456789012", "ap-northeast-1", "a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com", 3000
            ),
            record=told.append,
            clock=self.clock,
        )
        asyncio.run(stage.handle(build_request(route, *sent)))
        return told[0]


def build_request(route: str, *sent: str) -> HttpRequest:
    method, path = route.split(" ", 1)
    headers = (("Host", "localhost"), *(("Authorization", value) for value in sent))
    return HttpRequest(method, path, headers=headers)


def describe(answered: Exchange) -> Response:
    """Return the stage's own refusal as an explanation has it."""
    response = answered.response
    return Response(
        "API Gateway", response.status, response.header("x-amzn-ErrorType"), response.body.decode("utf-8")
    )


def outcomes(explanation: Explanation) -> dict[StepName, Outcome]:
    return {step.name: step.outcome for step in explanation.steps}


def assert_in_order(explanation: Explanation) -> None:
    """Everything before the failed step is passed, and nothing after it is reached."""
    order = [step.outcome for step in explanation.steps]
    place = order.index(Outcome.FAILED) if Outcome.FAILED in order else len(order)
    assert set(order[:place]) <= {Outcome.PASSED, Outcome.NOT_CHECKED}
    assert set(order[place + 1 :]) <= {Outcome.NOT_REACHED}
    names = [step.name for step in explanation.steps]
    assert names == sorted(names, key=list(StepName).index)
