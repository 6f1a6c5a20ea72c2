"""The event that the function of an HTTP API's Lambda authorizer gets, in format 2.0 or 1.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html; keys and their
order as captured on AWS, or marked unverified.
"""

from __future__ import annotations

from typing import Any, Final

from local_stage.api_gateway.authorizers.authorizer import MethodCall
from local_stage.api_gateway.http.event import build_event, build_event_1
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.integrations.integration import StageEnvironment

_LEFT_OUT: Final = frozenset({"body", "isBase64Encoded", "version"})


def build_authorizer_event(
    request: HttpRequest, call: MethodCall, identity: tuple[str, ...], *, proto: str = "http"
) -> dict[str, Any]:
    """Return the event in format 2.0: the integration's without body, with what is asked for.

    Without identity sources it has no `identitySource` (unverified).
    """
    event = build_event(request, call.context, _describe_stage(call), proto=proto)
    return {
        "version": event["version"],
        "type": "REQUEST",
        "routeArn": call.method_arn,
        **({"identitySource": list(identity)} if identity else {}),
        **{name: value for name, value in event.items() if name not in _LEFT_OUT},
    }


def build_authorizer_event_1(
    request: HttpRequest, call: MethodCall, identity: tuple[str, ...], *, proto: str = "http"
) -> dict[str, Any]:
    """Return the event in format 1.0, whose identity stands twice, joined by commas (recorded).

    Without identity sources both are null (unverified).
    """
    event = build_event_1(request, call.context, _describe_stage(call), proto=proto)
    joined = ",".join(identity) if identity else None
    return {
        "version": event["version"],
        "type": "REQUEST",
        "methodArn": call.method_arn,
        "identitySource": joined,
        "authorizationToken": joined,
        **{name: value for name, value in event.items() if name not in _LEFT_OUT},
    }


def _describe_stage(call: MethodCall) -> StageEnvironment:
    return StageEnvironment({}, call.port, call.stage_variables)
