"""The event that a Lambda authorizer's function gets.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html; the
order of the keys, and what is empty, as recorded from AWS.
"""

from __future__ import annotations

from typing import Any, Final

from local_stage.api_gateway.authorizers.authorizer import MethodCall
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.integrations.proxy_event import build_proxy_event

_EMPTY_MAPS: Final = frozenset(
    {"queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables"}
)
_LEFT_OUT: Final = frozenset({"body", "isBase64Encoded"})


def build_token_event(token: str, method_arn: str) -> dict[str, Any]:
    """Return the event of a TOKEN authorizer; the token is the whole value of its header."""
    return {"type": "TOKEN", "methodArn": method_arn, "authorizationToken": token}


def build_request_event(request: HttpRequest, call: MethodCall) -> dict[str, Any]:
    """Return the event of a REQUEST authorizer.

    It is a proxy event without its body, with `{}` where that has null, and with `Content-Length`.
    """
    proxy_event = build_proxy_event(
        request,
        call.context,
        path=call.path,
        stage_variables=call.stage_variables,
        binary_media_types=(),
        forwarded_port=call.port,
        forwarded_proto="http",
        has_content_length=True,
    )
    parts = {name: part for name, part in proxy_event.items() if name not in _LEFT_OUT}
    empty: dict[str, Any] = {name: {} for name in _EMPTY_MAPS if parts[name] is None}
    return {"type": "REQUEST", "methodArn": call.method_arn, **parts, **empty}
