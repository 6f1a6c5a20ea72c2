"""TestInvokeAuthorizer: what an authorizer says to a token, without a call to the API.

https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeAuthorizer.html
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.console.console_client import read_clock
from local_stage.errors import UsageError
from local_stage.jwt.fetcher import Fetcher
from local_stage.jwt.jwks import Clock
from local_stage.serving.authorizers import AuthorizerDefinition, build_authorizers
from local_stage.state import RunningStage

SUCCESS: Final = 0
"""`clientStatus` of a token that passes; of any other it is the status code that its sender would get."""

REQUEST_ID: Final = "test-request"
_SHOWN: Final = 6


async def invoke_running_authorizer(running: RunningStage, name: str | None, token: str) -> dict[str, Any]:
    """Return the answer of an authorizer of the stage that runs, by default its only one.

    The token goes nowhere: the pool's public keys are fetched, and the decision is made here, by the stage's
    clock. Raises StartError where there is no such authorizer, or the stage does not answer.
    """
    definitions = [AuthorizerDefinition(**definition) for definition in running.authorizers]
    chosen = [definition for definition in definitions if name in {None, definition.name}]
    if len(chosen) != 1:
        names = ", ".join(definition.name for definition in definitions) or "none"
        raise UsageError(f"name one authorizer with --authorizer; the API has {names}", file=running.template)
    now = read_clock(running)
    async with Fetcher() as fetcher:
        built = await build_authorizers(chosen, running.aws_endpoint_url, fetcher.fetch, lambda: now)
    return await invoke_authorizer(built[chosen[0].name], chosen[0], token, lambda: now)


async def invoke_authorizer(
    authorizer: CognitoAuthorizer, definition: AuthorizerDefinition, token: str, clock: Clock
) -> dict[str, Any]:
    """Return AWS's answer: `clientStatus`, `log`, `latency` in milliseconds, and `claims` if there are any.

    As on AWS only ID tokens pass: the test knows no method, and so no scopes. A Cognito authorizer answers no
    `principalId`, `policy` or `authorization`. The lines of the log have the form recorded from AWS; that
    which says why a token is refused is ours.
    """
    log = [
        f"Starting authorizer: {definition.name} for request: {REQUEST_ID}",
        f"Incoming identity: {_mask(token)}",
    ]
    started = time.perf_counter()
    request = HttpRequest("GET", "/", headers=((definition.identity_source, token),))
    answer: dict[str, Any]
    try:
        claims = (await authorizer.authorize(AuthorizationRequest(request))).event_context["claims"]
    except GatewayError as error:
        answer = {"clientStatus": error.status}
        log += [f"Unauthorized request: {REQUEST_ID}", error.reason]
    else:
        answer = {"clientStatus": SUCCESS, "claims": claims}
        log += [f"Claims of user {claims.get('sub', '-')}", f"Successfully authorized request: {REQUEST_ID}"]
    latency = round((time.perf_counter() - started) * 1000)
    return {**answer, "log": _write_log(log, clock), "latency": latency}


def _mask(token: str) -> str:
    """Return the token as AWS's log shows it: stars, and its last six characters."""
    return "*" * max(len(token) - _SHOWN, 0) + (ascii(token[-_SHOWN:])[1:-1] if len(token) > _SHOWN else "")


def _write_log(lines: Sequence[str], clock: Clock) -> str:
    at = time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(clock()))
    return "\n".join([f"Execution log for request {REQUEST_ID}", *(f"{at} : {line}" for line in lines)])
