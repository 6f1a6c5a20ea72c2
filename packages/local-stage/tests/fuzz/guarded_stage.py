"""A stage with methods of every kind, without sockets, that keeps what its functions and logs were told."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local_stage.api_gateway.access_log import AccessLog
from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.rest.rest_api import Method, Resource, RestApi
from local_stage.api_gateway.rest.stage import Stage
from local_stage.cognito.user_pool import UserPool
from local_stage.log.request_log import log_exchange
from tests.figures import FIGURES, HANDLED
from tests.forged_tokens import SCOPE
from tests.key_server import KeyServer
from tests.manual_clock import ManualClock
from tests.tokens import POOL_ARN, TokenSigner

AUTHORIZER = "PoolAuthorizer"
GOOD_ANSWER = b'{"statusCode": 200, "body": "hello"}'
ACCESS_LOG_FORMAT = (
    '{"path":"$context.path","agent":"$context.identity.userAgent","method":"$context.httpMethod",'
    '"error":$context.error.messageString,"name":"$context.authorizer.claims.name"}'
)

OPEN, HELLO, ITEM, FILES, MACHINE = "/open/{proxy+}", "/hello", "/items/{id}", "/files/{proxy+}", "/machine"


class RecordingFunction:
    """Keeps the events that it was invoked with, and answers what it is told to."""

    def __init__(self) -> None:
        self.answer = GOOD_ANSWER
        self.events: list[dict[str, Any]] = []

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:  # noqa: ARG002 - Function's
        self.events.append(json.loads(event))
        return self.answer


class GuardedStage:
    """`/open` for everybody, `/machine` for a scope, the rest for ID tokens, each with its own function."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.signer = TokenSigner(clock=self.clock)
        self.functions = {path: RecordingFunction() for path in (OPEN, HELLO, ITEM, FILES, MACHINE)}
        self.access_log: list[str] = []
        self.log = io.StringIO()
        self._runner = asyncio.Runner()
        self._access_log = AccessLog(ACCESS_LOG_FORMAT, self.access_log.append)
        self._handler = logging.StreamHandler(self.log)
        self._stage = self._build()

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return the answer; what came before is forgotten, and with it every event and line."""
        FIGURES[HANDLED] += 1
        for function in self.functions.values():
            function.events.clear()
        self.access_log.clear()
        self.log.seek(0)
        self.log.truncate()
        with self._logging():
            return self._runner.run(self._stage.handle(request))

    def close(self) -> None:
        """End the event loop."""
        self._runner.close()

    def called(self) -> Mapping[str, Sequence[dict[str, Any]]]:
        """Return the events of the last request, by the resource whose function got them."""
        return {path: function.events for path, function in self.functions.items() if function.events}

    @contextlib.contextmanager
    def _logging(self) -> Iterator[None]:
        logger = logging.getLogger("local_stage.request")
        level, propagate = logger.level, logger.propagate
        logger.setLevel(logging.INFO)
        logger.propagate = False  # what hypothesis sends would fill the report of a failed test
        logger.addHandler(self._handler)
        yield
        logger.removeHandler(self._handler)
        logger.setLevel(level)
        logger.propagate = propagate

    def _build(self) -> Stage:
        resources = (
            self._resource(OPEN, "ANY", authorizer=None),
            self._resource(HELLO, "GET", "POST"),
            self._resource(ITEM, "GET"),
            self._resource(FILES, "ANY"),
            self._resource(MACHINE, "GET", scopes=(SCOPE,)),
        )
        rest_api = RestApi(
            logical_id="HelloApi",
            api_id="a1b2c3d4e5",
            name="hello",
            stage_name="dev",
            deployment_id="dep123",
            resources=resources,
        )
        return Stage(
            rest_api,
            {AUTHORIZER: self._build_authorizer()},
            dict(self.functions.items()),
            Surroundings(
                "123456789012", "ap-northeast-1", "a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com", 3000
            ),
            record=self._record,
            clock=self.clock,
        )

    def _resource(
        self, path: str, *verbs: str, authorizer: str | None = AUTHORIZER, scopes: tuple[str, ...] = ()
    ) -> Resource:
        methods = {
            verb: Method(verb, LambdaProxyIntegration(path), authorizer=authorizer, scopes=scopes)
            for verb in verbs
        }
        return Resource(f"res{path}", path, methods)

    def _build_authorizer(self) -> CognitoAuthorizer:
        settings = CognitoAuthorizerSettings(AUTHORIZER, user_pool_arns=(POOL_ARN,))
        pool = UserPool.on_aws(POOL_ARN, KeyServer(self.signer.jwks()), self.clock)
        return CognitoAuthorizer(settings, [pool], self.clock)

    def _record(self, answered: Exchange) -> None:
        log_exchange(answered)
        self._access_log.record(answered)
