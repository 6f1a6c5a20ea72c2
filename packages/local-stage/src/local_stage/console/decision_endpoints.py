"""What the stage decides, over HTTP: why it lets a token in, what its authorizer says, which event it makes.

Each endpoint first loads a template that has been saved, as a request to the API does. None of them invokes a
function, and none keeps the token.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

from local_stage.api_gateway.api import Surroundings, choose_api, name_api
from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest, Authorizer
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.console import ConsoleError, Endpoints, Served, json_response, read_json
from local_stage.console.console_client import EVENT, EXPLAIN, TEST_AUTHORIZER
from local_stage.deployment.served_api import ServedApi
from local_stage.deployment.target import ACCOUNT_ID
from local_stage.errors import StartError
from local_stage.explanation.any_api import explain_call, has_route, matches, name_calls, sample_events
from local_stage.explanation.pasted import Pasted, read_pasted
from local_stage.explanation.sample_event import RequestRefusedError, SampleRequest

SUCCESS: Final = 0
"""`clientStatus` of a token that passes; of any other it is the status code that its sender would get."""

REQUEST_ID: Final = "test-request"
_SHOWN: Final = 6

type CatchUp = Callable[[], Awaitable[Served]]
"""Returns the stage of the template as it is saved. Raises StartError where that cannot be served."""

type Clock = Callable[[], float]
"""Returns Unix seconds."""


def decision_endpoints(catch_up: CatchUp, clock: Clock) -> Endpoints:
    """Return the endpoints of `local-stage explain`, `test-authorizer` and `event`.

    They take `{"token": "eyJ…", "route": "GET /hello"}`, where the token may be null for none, and the route
    null for every route;
    `{"token": "eyJ…", "authorizer": "NAME"}`, where the name may be null if the API has one authorizer; and
    a `SampleRequest` as its `to_json` writes it. Each takes `"api": "NAME"` as well, where several would do.
    """

    async def explain(request: HttpRequest) -> HttpResponse:
        body = read_json(request)
        token, route, name = body.get("token"), body.get("route"), _read_api_name(body)
        if not isinstance(route, str | None) or not isinstance(token, str | None):
            raise ConsoleError(HTTPStatus.BAD_REQUEST, "send a route as GET /hello, and a token or null")
        served = await _find_served(catch_up)
        pasted = None if token is None else read_pasted(token)
        return json_response(await _explain(served, name, route, pasted, clock()))

    async def test_authorizer(request: HttpRequest) -> HttpResponse:
        body = read_json(request)
        token, name, api_name = body.get("token"), body.get("authorizer"), _read_api_name(body)
        if not isinstance(token, str) or not isinstance(name, str | None):
            raise ConsoleError(HTTPStatus.BAD_REQUEST, "send a token, and the name of an authorizer or null")
        served = await _find_served(catch_up)
        with _status(HTTPStatus.BAD_REQUEST):
            api = choose_api(served.apis, api_name, lambda api: bool(_find_authorizers(api, name)))
        chosen = _find_authorizers(api, name)
        if len(chosen) != 1:
            names = ", ".join(one.name for one in _list_authorizers(api)) or "none"
            raise ConsoleError(
                HTTPStatus.BAD_REQUEST,
                f"name one authorizer of tokens with --authorizer; the API has {names}",
            )
        (settings,) = chosen
        authorizer, header = api.authorizers[settings.name], settings.identity_source
        if header is None:
            why = "the token of this authorizer stands in the query; try it with explain"
            raise ConsoleError(HTTPStatus.BAD_REQUEST, why)
        return json_response(await invoke_authorizer(settings.name, authorizer, header, token, clock))

    async def build_event(request: HttpRequest) -> HttpResponse:
        body = read_json(request)
        name = _read_api_name(body)
        try:
            sample = SampleRequest.from_json(body)
        except (TypeError, ValueError, LookupError):
            raise ConsoleError(
                HTTPStatus.BAD_REQUEST, "this is not a request of which an event can be made"
            ) from None
        served = await _find_served(catch_up)
        try:
            with _status(HTTPStatus.BAD_REQUEST):
                api = choose_api(served.apis, name, lambda api: matches(api.definition, sample.request))
                events = sample_events(api.definition, served.running.region, clock=clock)
                sample = sample.signing_in_by(api.sign_in.signs_in_by if api.sign_in else None)
                event = await asyncio.to_thread(events.build, sample)
        except RequestRefusedError as error:
            return json_response({"refusal": str(error)})
        return json_response({"event": event})

    return {
        ("POST", EXPLAIN): explain,
        ("POST", TEST_AUTHORIZER): test_authorizer,
        ("POST", EVENT): build_event,
    }


async def _explain(
    served: Served, name: str | None, route: str | None, pasted: Pasted | None, now: float
) -> dict[str, Any]:
    """Return the explanation of a call, or those of a call of every route where none is named.

    Of several each has its API's name.
    """
    with _status(HTTPStatus.BAD_REQUEST):
        if route is not None:
            api = choose_api(served.apis, name, lambda api: has_route(api.definition, route, port=api.port))
            return await _explain_call(served, api, route, pasted, now)
        chosen = served.apis if name is None else [choose_api(served.apis, name)]
        routes = [
            {"api": name_api(api, served.apis), **await _explain_call(served, api, named, pasted, now)}
            for api in chosen
            for named in name_calls(api.definition)
        ]
        return {"routes": routes}


async def _explain_call(
    served: Served, api: ServedApi, route: str, pasted: Pasted | None, now: float
) -> dict[str, Any]:
    around = Surroundings(ACCOUNT_ID, served.running.region, domain_name="", port=api.port)
    groups = served.deployment.required_groups
    explanation = await explain_call(
        api.definition, api.authorizers, groups, route, pasted, now=now, around=around
    )
    return explanation.to_json()


def _read_api_name(body: Mapping[str, Any]) -> str | None:
    """Return the name of the API that is meant, None where the question itself says which one."""
    name = body.get("api")
    if not isinstance(name, str | None):
        raise ConsoleError(HTTPStatus.BAD_REQUEST, "send the name of an API or null")
    return name


def _find_authorizers(
    api: ServedApi, name: str | None
) -> list[CognitoAuthorizerSettings | JwtAuthorizerSettings]:
    return [known for known in _list_authorizers(api) if name in {None, known.name}]


def _list_authorizers(api: ServedApi) -> Iterator[CognitoAuthorizerSettings | JwtAuthorizerSettings]:
    """Yield the authorizers that judge a token by themselves."""
    yield from api.definition.cognito_authorizers
    yield from api.definition.jwt_authorizers


async def invoke_authorizer(
    name: str, authorizer: Authorizer, header: str, token: str, clock: Clock
) -> dict[str, Any]:
    """Return what AWS's TestInvokeAuthorizer returns for a token that is sent in the header.

    The members are `clientStatus`, `log`, `latency` in milliseconds, and `claims` if there are any. As on AWS
    only ID tokens pass: the test knows no method, and so no scopes. A Cognito authorizer returns no
    `principalId`, `policy` or `authorization`. The lines of the log have the form recorded from AWS; the
    line that says why a token is refused is ours.
    https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeAuthorizer.html
    """
    log = [f"Starting authorizer: {name} for request: {REQUEST_ID}", f"Incoming identity: {_mask(token)}"]
    started = time.perf_counter()
    request = HttpRequest("GET", "/", headers=((header, token),) if token else ())
    result: dict[str, Any]
    try:
        context = (await authorizer.authorize(AuthorizationRequest(request))).event_context
        claims = context.get("jwt", context)["claims"]
    except GatewayError as error:
        result = {"clientStatus": error.status}
        log += [f"Unauthorized request: {REQUEST_ID}", error.reason]
    else:
        result = {"clientStatus": SUCCESS, "claims": claims}
        log += [f"Claims of user {claims.get('sub', '-')}", f"Successfully authorized request: {REQUEST_ID}"]
    latency = round((time.perf_counter() - started) * 1000)
    return {**result, "log": _write_log(log, clock), "latency": latency}


async def _find_served(catch_up: CatchUp) -> Served:
    with _status(HTTPStatus.CONFLICT):
        return await catch_up()


@contextmanager
def _status(status: HTTPStatus) -> Iterator[None]:
    """Raise ConsoleError with this status for a StartError, other than for a request that is refused."""
    try:
        yield
    except RequestRefusedError:
        raise
    except StartError as error:
        raise ConsoleError(status, str(error)) from None


def _mask(token: str) -> str:
    """Return the token as AWS's log shows it: stars, and its last six characters."""
    return "*" * max(len(token) - _SHOWN, 0) + (ascii(token[-_SHOWN:])[1:-1] if len(token) > _SHOWN else "")


def _write_log(lines: Sequence[str], clock: Clock) -> str:
    at = time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(clock()))
    return "\n".join([f"Execution log for request {REQUEST_ID}", *(f"{at} : {line}" for line in lines)])
