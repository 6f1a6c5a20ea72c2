"""An HTTP API of a SAM template, read as the stage reads it, whose function is the test's own; no socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.authorizers.iam import IamAuthorizer
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizer, TrustedIssuer
from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http.http_api_reader import read_http_api
from local_stage.api_gateway.http.lambda_authorizer import build_http_lambda_authorizers
from local_stage.api_gateway.http.stage import HttpStage
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.cloudformation.boto3_clients import new_session
from local_stage.errors import NotRun
from local_stage.jwt.jwks import JsonWebKeySet
from tests.key_server import KeyServer
from tests.manual_clock import ManualClock
from tests.signed_request import find_root
from tests.tokens import CLIENT_ID, ISSUER, REGION, TokenSigner

FUNCTION_ARN: Final = f"arn:aws:lambda:{REGION}:123456789012:function:HelloFunction"
AUTHORIZER_ARN: Final = f"arn:aws:lambda:{REGION}:123456789012:function:authorizer"
API_ID: Final = "a1b2c3d4e5"
DOMAIN_NAME: Final = f"{API_ID}.execute-api.{REGION}.amazonaws.com"
URI: Final = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION_ARN}/invocations"

JWT: Final[Mapping[str, Any]] = {
    "Auth": {
        "Authorizers": {
            "Pool": {
                "IdentitySource": "$request.header.Authorization",
                "JwtConfiguration": {"issuer": ISSUER, "audience": [CLIENT_ID]},
            }
        },
        "DefaultAuthorizer": "Pool",
    }
}
"""Properties of an API whose routes ask for a token of the tests' pool."""

type Events = Mapping[str, Mapping[str, Any]]


def event(key: str, **properties: Any) -> dict[str, Any]:
    """Return the event of a route key, `GET /hello` or `$default`."""
    verb, _, path = key.rpartition(" ")
    route = {"Path": path, "Method": verb or "ANY"}
    return {"Type": "HttpApi", "Properties": {"ApiId": {"Ref": "HelloApi"}, **route, **properties}}


def events(*keys: str, **properties: Any) -> dict[str, dict[str, Any]]:
    """Return an event for each route key, all of them with these properties."""
    return {f"Event{number}": event(key, **properties) for number, key in enumerate(keys)}


def read_api(api: Mapping[str, Any], routes: Events) -> tuple[HttpApi, list[NotRun]]:
    """Read an API given by the properties of its `AWS::Serverless::HttpApi`, and by its events."""
    function = {"Runtime": "python3.13", "Handler": "app.handler", "CodeUri": "s3://bucket/key"}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "HelloApi": {"Type": "AWS::Serverless::HttpApi", "Properties": dict(api)},
            "HelloFunction": {
                "Type": "AWS::Serverless::Function",
                "Properties": {**function, "Events": dict(routes)},
            },
        },
    }
    properties = _translate(json.dumps(template))
    return read_http_api(
        file="template.yaml",
        logical_id="HelloApi",
        api_properties=properties["AWS::ApiGatewayV2::Api"],
        stage_properties=properties["AWS::ApiGatewayV2::Stage"],
        api_id=API_ID,
        written_properties=api,
    )


class EchoFunction:
    """Returns what it is given, or raises it, and keeps the events."""

    def __init__(self, result: Any, seconds: float = 0.0) -> None:
        self.result = result
        self.seconds = seconds
        self.events: list[dict[str, Any]] = []

    async def invoke(self, event: bytes, *, request_id: str, trace_header: str) -> bytes:  # noqa: ARG002 - Function's
        self.events.append(json.loads(event))
        await asyncio.sleep(self.seconds)
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result if isinstance(self.result, bytes) else json.dumps(self.result).encode()


class ServedHttpApi:
    """An API that responds to requests, and keeps what is recorded of them.

    Its authorizers accept the tokens of `signer` under their own issuer, or the signatures of the root user,
    or ask a function that returns or raises `asked`.
    """

    def __init__(
        self,
        api: Mapping[str, Any],
        routes: Events,
        result: Any = "hello",
        *,
        signer: TokenSigner | None = None,
        seconds: float = 0.0,
        asked: Any = None,
    ) -> None:
        self.asked = EchoFunction(asked)
        self.http_api, self.not_run = read_api(api, routes)
        self.function = EchoFunction(result, seconds)
        self.recorded: list[Exchange] = []
        self.clock = ManualClock()
        self.signer = signer or TokenSigner(clock=self.clock)
        self.key_server = KeyServer(self.signer.jwks())
        keys = JsonWebKeySet("https://keys", self.key_server, self.clock)
        self.authorizers: dict[str, Authorizer] = {
            settings.name: JwtAuthorizer(settings, TrustedIssuer(settings.issuer, keys), self.clock)
            for settings in self.http_api.jwt_authorizers
        }
        self.authorizers |= self._build_others(self.http_api)
        self.stage = HttpStage(
            self.http_api,
            self.authorizers,
            {FUNCTION_ARN: self.function},
            Surroundings(account_id="123456789012", region=REGION, domain_name=DOMAIN_NAME, port=3000),
            record=self.recorded.append,
            clock=self.clock,
        )

    def _build_others(self, http_api: HttpApi) -> dict[str, Authorizer]:
        functions = {AUTHORIZER_ARN: self.asked}
        return {
            **build_http_lambda_authorizers(http_api.lambda_authorizers, functions, self.clock),
            **{one.name: IamAuthorizer(find_root, REGION, self.clock) for one in http_api.iam_authorizers},
        }

    def call(
        self,
        line: str = "GET /hello",
        *,
        token: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> HttpResponse:
        """Return the response to a request line, with a token in Authorization if there is one."""
        verb, target = line.split(" ", 1)
        path, _, query = target.partition("?")
        sent = (*headers, *([("Authorization", token)] if token is not None else ()))
        return asyncio.run(
            self.stage.handle(HttpRequest(verb, path, query, tuple(sent), body, "203.0.113.7"))
        )

    def event_of(self, line: str = "GET /hello", **request: Any) -> dict[str, Any]:
        """Return the event that the function gets of a request."""
        self.call(line, **request)
        return self.function.events[-1]


@cache
def _translate(template: str) -> dict[str, Any]:
    """Return the resolved properties of each type of resource that SAM makes of a template."""
    translator = Translator({}, Parser(), boto_session=new_session(REGION))
    translated = translator.translate(json.loads(template), {})
    return {
        resource["Type"]: _resolve(resource["Properties"]) for resource in translated["Resources"].values()
    }


def _resolve(value: Any) -> Any:
    """Resolve the intrinsic functions that SAM itself writes; the test templates have none."""
    match value:
        case {"Fn::Sub": str(text)} if text.endswith("/invocations"):
            return URI
        case {"Fn::Sub": [str(text), {"__FunctionArn__": str(arn)}]}:
            return text.replace("${__FunctionArn__}", arn).replace("${AWS::Region}", REGION)
        case {"Ref": str(name)} | {"Fn::Sub": str(name)}:
            return name
        case dict():
            return {key: _resolve(member) for key, member in value.items()}
        case list():
            return [_resolve(member) for member in value]
    return value
