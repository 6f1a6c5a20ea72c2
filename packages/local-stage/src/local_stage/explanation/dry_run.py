"""A request that the stage decides on and sends nowhere: the real gateway, up to the function's door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer
from local_stage.api_gateway.exchange import Exchange
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.api_gateway.rest.stage import Stage

HOST: Final = ("Host", "127.0.0.1")
_REACHED: Final = b'{"statusCode": 200}'


class _Door:
    """Stands where a function would be: whoever comes here has been let in."""

    async def invoke(self, event: bytes, *, request_id: str, trace_id: str) -> bytes:  # noqa: ARG002 - Function's
        return _REACHED


async def rehearse(
    rest_api: RestApi, authorizers: Mapping[str, CognitoAuthorizer], request: HttpRequest, *, now: float
) -> Exchange:
    """Return what the stage decides on a request at `now`, in Unix seconds; no function is invoked.

    The request's path has the stage in it. Its Host is this machine's, whatever it says.
    """
    told: list[Exchange] = []
    stage = Stage(
        rest_api,
        authorizers,
        {arn: _Door() for arn in rest_api.function_arns},
        Surroundings("", "", 0),
        record=told.append,
        clock=lambda: now,
    )
    headers = (HOST, *(header for header in request.headers if header[0].lower() != "host"))
    sent = HttpRequest(request.method, request.path, request.query, headers, request.body)
    await stage.handle(sent)
    (answered,) = told
    if answered.fault is not None:
        raise answered.fault
    return answered
