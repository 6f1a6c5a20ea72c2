"""A stage on a real socket whose user pool's keys come from a key server of the test's own.

A stage that is started as a command has its keys from the local AWS or from AWS itself, so this one runs
here, in a thread: server, gateway, authorizer, key set and fetcher are the real ones; only the function
is no process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass

import requests

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.registry import AuthorizerDefinition, build_authorizers
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.rest.rest_api import Method, Resource, RestApi
from local_stage.api_gateway.rest.stage import Stage
from local_stage.console.clock import AdjustableClock
from local_stage.jwt.fetcher import Fetcher
from local_stage.serving.server import Server
from local_stage.serving.sockets import bind
from tests.http_session import new_http_session
from tests.tokens import POOL_ARN

API_ID = "a1b2c3d4e5"
FUNCTION_ARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:echo"
AUTHORIZER = "PoolAuthorizer"


class EchoFunction:
    """Repeats the marker of each request, and whom its token names."""

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:  # noqa: ARG002 - Function's
        request = json.loads(event)
        answer = {
            "query": request["queryStringParameters"]["marker"],
            "body": json.loads(request["body"])["marker"],
            "username": request["requestContext"]["authorizer"]["claims"]["cognito:username"],
        }
        return json.dumps({"statusCode": 200, "body": json.dumps(answer)}).encode()


@dataclass(frozen=True, slots=True)
class ServedApi:
    """Where the stage is, and the clock that its authorizer and key set go by."""

    url: str
    clock: AdjustableClock

    def ask(self, token: str) -> requests.Response:
        """Call the protected method."""
        url = f"{self.url}/echo?marker=own"
        headers = {"Authorization": token}
        return new_http_session(url).post(url, json={"marker": "own"}, headers=headers, timeout=30)


@contextlib.contextmanager
def stage_with_key_server(key_server_url: str) -> Iterator[ServedApi]:
    """Serve meanwhile. Raises StartError where the keys cannot be had at the start."""
    clock = AdjustableClock()
    up: Future[str] = Future()
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()
    thread = threading.Thread(
        target=loop.run_until_complete, args=(_serve(key_server_url, clock, up, stopping),), daemon=True
    )
    thread.start()
    try:
        yield ServedApi(up.result(60), clock)
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()


async def _serve(
    key_server_url: str, clock: AdjustableClock, up: Future[str], stopping: asyncio.Event
) -> None:
    definition = AuthorizerDefinition(AUTHORIZER, "Authorization", None, [POOL_ARN], [POOL_ARN])
    async with Fetcher() as fetcher:
        try:
            authorizers = await build_authorizers([definition], key_server_url, fetcher.fetch, clock)
        except Exception as error:  # noqa: BLE001 - the test's own thread raises it
            up.set_exception(error)
            return
        with bind(0) as sock:
            port = sock.getsockname()[1]
            surroundings = Surroundings(
                "123456789012", "ap-northeast-1", f"{API_ID}.execute-api.example", port
            )
            functions = {FUNCTION_ARN: EchoFunction()}
            stage = Stage(_rest_api(), authorizers, functions, surroundings, record=lambda _: None)
            server = Server(stage.handle)
            await server.start(sock)
            up.set_result(f"http://127.0.0.1:{port}/dev")
            await stopping.wait()
            await server.stop()


def _rest_api() -> RestApi:
    method = Method("POST", LambdaProxyIntegration(FUNCTION_ARN, 29.0), authorizer=AUTHORIZER)
    return RestApi(
        logical_id="Api",
        api_id=API_ID,
        name="echo",
        stage_name="dev",
        deployment_id="dep123",
        resources=(Resource("res123", "/echo", {"POST": method}),),
        authorizers={AUTHORIZER: CognitoAuthorizerSettings(AUTHORIZER, (POOL_ARN,))},
    )
