"""A stage whose callers are judged by the test's own function; no socket, and SAM's own translation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.authorizers.registry import build_lambda_authorizers
from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.http_message import HttpResponse
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.rest.stage import Stage
from local_stage.api_gateway.usage_plan import ApiKey, UsagePlan, UsagePlans
from local_stage.lambda_runtime.function_error import HandlerError
from tests.gateway_request import build_request
from tests.manual_clock import ManualClock
from tests.unit.api_gateway.sam_api import FUNCTION_ARN, REGION, auth, read
from tests.unit.api_gateway.served_stage import API_ID, DOMAIN_NAME, GivenFunction

ACCOUNT: Final = "123456789012"
ARN: Final = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API_ID}/dev"
AUTHORIZER_ARN: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:authorizer"
BEARER: Final = (("Authorization", "Bearer alice"),)

type Headers = tuple[tuple[str, str], ...]


def grant(*resources: str, effect: str = "Allow", principal: Any = "alice", **more: Any) -> dict[str, Any]:
    """Return an authorizer's result, for the whole stage unless `resources` say otherwise."""
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": [*resources] or f"{ARN}/*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    result = {"principalId": principal, "policyDocument": policy, **more}
    return {name: value for name, value in result.items() if value is not None}


def failure(text: str) -> HandlerError:
    """Return what a handler ends in that raises an error with this text."""
    return HandlerError("Authorizer", json.dumps({"errorType": "Exception", "errorMessage": text}).encode())


@cache
def _read(written: str) -> RestApi:
    api, events = json.loads(written)
    return read(api, events=events)[0]


def read_api(api: Mapping[str, Any], events: Mapping[str, Any]) -> RestApi:
    """Return an API as `sam_api.read` does, translated once however often it is asked for."""
    return _read(json.dumps([api, events]))


class AuthorizedStage:
    """Serves an API, and keeps what its authorizers' function and its own function were asked.

    `result` is what the authorizers' function returns or, where it is an exception, raises.
    """

    def __init__(
        self,
        rest_api: RestApi,
        result: Any = None,
        *,
        source_ip: str = "203.0.113.7",
        plans: Sequence[UsagePlan] = (),
        keys: Sequence[ApiKey] = (),
        authorizers: Mapping[str, Authorizer] | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.recorded: list[Exchange] = []
        self.asked = GivenFunction()
        self.integration = GivenFunction()
        self.source_ip = source_ip
        self.result = grant() if result is None else result
        functions = {AUTHORIZER_ARN: self.asked, FUNCTION_ARN: self.integration}
        self.authorizers: dict[str, Authorizer] = {
            **build_lambda_authorizers(rest_api.lambda_authorizers, functions, self.clock),
            **(authorizers or {}),
        }
        self.stage = Stage(
            rest_api,
            self.authorizers,
            functions,
            Surroundings(ACCOUNT, REGION, DOMAIN_NAME, 3000),
            record=self.recorded.append,
            clock=self.clock,
            usage_plans=UsagePlans(plans, keys, self.clock),
        )

    def call(
        self,
        headers: Headers = BEARER,
        *,
        path: str = "/hello",
        verb: str = "GET",
        query: str = "",
        body: bytes = b"",
    ) -> HttpResponse:
        result = self.result
        self.asked.answer = (
            result if isinstance(result, BaseException | bytes) else json.dumps(result).encode()
        )
        request = build_request(
            verb, f"/dev{path}", query, (("Host", "localhost"), *headers), body, source_ip=self.source_ip
        )
        return asyncio.run(self.stage.handle(request))

    def status(self, headers: Headers = BEARER, **call: Any) -> int:
        return self.call(headers, **call).status

    @property
    def reason(self) -> str:
        """What the log says of the last refusal."""
        error = self.recorded[-1].error
        return "" if error is None else error.reason

    @property
    def authorizer_event(self) -> dict[str, Any]:
        """The last event of the authorizers' function."""
        event: dict[str, Any] = json.loads(self.asked.events[-1])
        return event

    @property
    def integration_event(self) -> dict[str, Any]:
        """The last event of the integration."""
        event: dict[str, Any] = json.loads(self.integration.events[-1])
        return event

    @property
    def caller(self) -> Mapping[str, Any]:
        """What the integration's last event says of the caller."""
        caller: Mapping[str, Any] = json.loads(self.integration.events[-1])["requestContext"]["authorizer"]
        return caller


def answer_of(response: HttpResponse) -> tuple[int, str | None, str]:
    """Return status, error type and body."""
    return response.status, response.header("x-amzn-ErrorType"), response.body.decode()


EVENTS = {
    "Hello": {"Path": "/hello", "Method": "get"},
    "Item": {"Path": "/items/{id}", "Method": "any"},
    "Root": {"Path": "/", "Method": "get"},
    "Open": {"Path": "/open", "Method": "get", "Auth": {"Authorizer": "NONE"}},
}
"""Of every API here that has no others."""


def token_stage(result: Any = None, *, api: dict[str, Any] | None = None, **identity: Any) -> AuthorizedStage:
    """Return a stage whose default authorizer is of the type TOKEN."""
    authorizer = {"FunctionArn": AUTHORIZER_ARN, **({"Identity": identity} if identity else {})}
    return AuthorizedStage(read_api({**auth({"Tok": authorizer}, "Tok"), **(api or {})}, EVENTS), result)


def request_stage(
    result: Any = None, *, api: dict[str, Any] | None = None, **identity: Any
) -> AuthorizedStage:
    """Return a stage whose default authorizer is of the type REQUEST."""
    authorizer = {"FunctionArn": AUTHORIZER_ARN, "FunctionPayloadType": "REQUEST", "Identity": identity}
    return AuthorizedStage(read_api({**auth({"Req": authorizer}, "Req"), **(api or {})}, EVENTS), result)
