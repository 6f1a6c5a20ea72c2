"""The proxy event of a request that nobody has sent: what the function would get, by the stage's own code."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from local_stage.api_gateway.api import check_target
from local_stage.api_gateway.authorizers.authorizer import Authorization, AuthorizationRequest
from local_stage.api_gateway.authorizers.authorizer_result import (
    AuthorizerResultError,
    read_authorizer_result,
)
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.iam_callers import build_root
from local_stage.api_gateway.exchange import (
    Clock,
    RandomBytes,
    RequestContext,
    new_request_context,
)
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.integrations.mock import MockIntegration
from local_stage.api_gateway.integrations.proxy_event import build_proxy_event
from local_stage.api_gateway.rest.request_validator import validate_request
from local_stage.api_gateway.rest.rest_api import AuthorizerSettings, RestApi
from local_stage.api_gateway.rest.router import Match, Router
from local_stage.cloudformation.boto3_clients import ACCESS_KEY, SECRET_KEY
from local_stage.cognito.user_pool import UserPool, UserPoolArn
from local_stage.deployment.target import ACCOUNT_ID
from local_stage.errors import UsageError
from local_stage.explanation.route import describe_routes
from local_stage.explanation.sample_token import (
    EXAMPLE_TOKEN,
    SampleCaller,
    SampleIssuer,
    require_fitting,
)

SOURCE_IP: Final = "203.0.113.10"
"""Nobody's: RFC 5737 keeps it for documents."""

MACHINE: Final = "machine"
"""The principal where a program calls, and not a user."""

EXAMPLE_KEY: Final = "example-key-0123456789"

REPRODUCIBLE_TIME: Final = 1_718_636_426.104
"""17 June 2024, 15:00:26 UTC."""

REPRODUCIBLE_DEPLOYMENT: Final = "d3pl0y"
"""A deployment's own id is another one after each change of the template."""


class RequestRefusedError(UsageError):
    """API Gateway answers such a request itself, and the function never gets it."""


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """A request whose path is without the stage, and its caller.

    `ignores_authorizer` leaves out the claims, as `sam local start-api` does.
    """

    request: HttpRequest
    caller: SampleCaller | None = None
    ignores_authorizer: bool = False

    def signing_in_by(self, attribute: str | None) -> Self:
        """Return the request of a caller who signs in to the pool by this attribute, or by a name."""
        if self.caller is None:
            return self
        return replace(self, caller=replace(self.caller, signs_in_by=attribute))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read a JSON object of the texts `method`, `path`, `query` and `body`, and of three members more.

        `headers` is a list of pairs `[name, value]`, `caller` is null or has SampleCaller's members, and
        `ignores_authorizer` is true or false. Raises KeyError, TypeError or ValueError for any other form.
        """
        method, path, query, body = (_read_text(value[name]) for name in ("method", "path", "query", "body"))
        headers = tuple((_read_text(name), _read_text(text)) for name, text in value["headers"])
        request = HttpRequest(method, path, query, headers, body.encode(), SOURCE_IP)
        caller = None if value["caller"] is None else _read_caller(**value["caller"])
        return cls(request, caller, bool(value["ignores_authorizer"]))


def _read_caller(
    username: str | None, groups: Sequence[str], scope: str | None, claims: Mapping[str, Any]
) -> SampleCaller:
    return SampleCaller(
        username if username is None else _read_text(username),
        tuple(map(_read_text, groups)),
        scope if scope is None else _read_text(scope),
        dict(claims),
    )


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!a} is not a text")
    value.encode()  # raises a ValueError for what no UTF-8 can hold
    return value


class ReproducibleBytes:
    """Bytes that look random and are the same for the same seed in each run."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._calls = 0

    def __call__(self, length: int) -> bytes:
        """Return the next bytes."""
        self._calls += 1
        return hashlib.shake_256(f"{self._seed}/{self._calls}".encode()).digest(length)


class SampleEvents:
    """Makes events of an API, as a stage in `region` would."""

    def __init__(
        self,
        rest_api: RestApi,
        region: str,
        *,
        clock: Clock = time.time,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> None:
        self._rest_api = rest_api
        self._region = region
        self._domain_name = f"{rest_api.api_id}.execute-api.{region}.amazonaws.com"
        self._clock = clock
        self._random_bytes = random_bytes

    def build(self, sample: SampleRequest) -> dict[str, Any]:
        """Return the event of a request. It must not be called by a coroutine: it runs a loop of its own.

        Raises:
            RequestRefusedError: API Gateway would refuse it; the reason is the one that the stage logs.
            StartError: the API has no such method, it invokes no function, or the caller does not fit it.
        """
        caller = sample.caller
        request = replace(sample.request, headers=(("Host", self._domain_name), *sample.request.headers))
        match = self._match(request)
        if sample.ignores_authorizer:
            match = replace(match, method=replace(match.method, authorizer=None))
        context = self._new_context(request, match)
        self._require_fitting(match, caller)
        settings = self._rest_api.find_authorizer(match.method)
        if match.method.api_key_required:
            request = _add_key(request, context)
        try:
            if isinstance(settings, CognitoAuthorizerSettings) and caller:
                request, allowed = asyncio.run(self._authorize(request, match, settings, caller))
                context.authorizer_event = allowed.event_context
            elif settings and caller:
                _add_caller(context, settings, caller)
            check_target(request)
            validate_request(match, request)
        except GatewayError as error:
            raise RequestRefusedError(f"API Gateway answers {error.status} itself: {error.reason}") from None
        return build_proxy_event(
            request,
            context,
            path=request.path,
            stage_variables=self._rest_api.stage_variables,
            binary_media_types=self._rest_api.binary_media_types,
            forwarded_port=443,
            forwarded_proto="https",
        )

    def _match(self, request: HttpRequest) -> Match:
        match = Router(self._rest_api.resources).match(request.method, request.path)
        if match is None:
            known = describe_routes(self._rest_api)
            raise UsageError(f"the API has no {request.method} {request.path}; it has {known}")
        if isinstance(match.method.integration, MockIntegration):
            raise UsageError(f"{request.method} {request.path} is a preflight, which no function answers")
        return match

    def _require_fitting(self, match: Match, caller: SampleCaller | None) -> None:
        route = f"{match.method.http_method} {match.resource.path}"
        require_fitting(route, asks=match.method.authorizer is not None, caller=caller)
        if caller and caller.username is not None and caller.scope is not None and not match.method.scopes:
            raise UsageError(f"{route} asks for an ID token, which has no scopes; leave out --scope")

    async def _authorize(
        self, request: HttpRequest, match: Match, settings: CognitoAuthorizerSettings, caller: SampleCaller
    ) -> tuple[HttpRequest, Authorization]:
        """Return the request as the function sees it, and what a token that opens the method gives."""
        arn, scopes = self._find_pool(settings), match.method.scopes
        issuer = SampleIssuer(arn.issuer, self._clock, self._random_bytes)
        claims = issuer.issue_claims(caller, scopes, caller.claims, is_access=bool(scopes))
        token, keys = issuer.sign(claims)
        asked = AuthorizationRequest(_with_header(request, settings.identity_source, token), scopes)
        known = replace(settings, closed_because=None)
        allowed = await CognitoAuthorizer(known, [UserPool(arn, keys)], self._clock).authorize(asked)
        return _with_header(request, settings.identity_source, f"Bearer {EXAMPLE_TOKEN}"), allowed

    def _find_pool(self, settings: CognitoAuthorizerSettings) -> UserPoolArn:
        """Return the authorizer's pool, or an example's where it is not known which one that is."""
        example = f"arn:aws:cognito-idp:{self._region}:{ACCOUNT_ID}:userpool/{self._region}_Example"
        return UserPoolArn.find(settings.user_pool_arns[0]) or UserPoolArn.parse(example)

    def _new_context(self, request: HttpRequest, match: Match) -> RequestContext:
        context = new_request_context(
            replace(request, path=f"/{self._rest_api.stage_name}{request.path}"),
            account_id=ACCOUNT_ID,
            api_id=self._rest_api.api_id,
            stage=self._rest_api.stage_name,
            deployment_id=self._rest_api.deployment_id,
            domain_name=self._domain_name,
            domain_prefix=self._rest_api.api_id,
            clock=self._clock,
            random_bytes=self._random_bytes,
        )
        context.resource_id = match.resource.resource_id
        context.resource_path = match.resource.path
        context.path_parameters = match.path_parameters
        return context


def _add_caller(context: RequestContext, settings: AuthorizerSettings, caller: SampleCaller) -> None:
    """Put into a context what a function or a signature says of a caller.

    `caller.claims` are a function's context, and its name the principal. Here a signer is the root user.
    Raises RequestRefusedError for a context that no function may return.
    """
    if isinstance(settings, IamAuthorizerSettings):
        context.identity = build_root(ACCOUNT_ID, ACCESS_KEY, SECRET_KEY).identity
        return
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    principal = {"principalId": caller.username or MACHINE}
    said = {**principal, "policyDocument": policy, "context": dict(caller.claims)}
    try:
        result = read_authorizer_result(json.dumps(said).encode())
    except AuthorizerResultError as error:
        raise RequestRefusedError(f"API Gateway answers 500 itself: {error}") from None
    context.authorizer_event = {**result.context, **principal, "integrationLatency": 0}


def _add_key(request: HttpRequest, context: RequestContext) -> HttpRequest:
    """Put the key of a request into its context; one that has none gets an example's."""
    sent = request.header("x-api-key")
    context.api_key, context.api_key_id = sent or EXAMPLE_KEY, "example"
    return request if sent else _with_header(request, "x-api-key", EXAMPLE_KEY)


def _with_header(request: HttpRequest, name: str, value: str) -> HttpRequest:
    return replace(request, headers=(*request.headers, (name, value)))
