"""The Lambda proxy event, payload format 1.0: what the function gets of a request.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html;
the order of the keys and the header rules as recorded from REGIONAL APIs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.http_message import HttpRequest, is_binary, valid_unicode
from local_stage.api_gateway.integrations.event_values import (
    collect_headers,
    encode_body,
    group_query,
    last_values,
)

_DROPPED_HEADERS: Final = frozenset(
    {
        "connection",
        "content-length",
        "content-md5",
        "expect",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "www-authenticate",
    }
)
_CANONICAL_NAMES: Final = {
    "authorization": "Authorization",
    "host": "Host",
    "user-agent": "User-Agent",
    "x-amzn-trace-id": "X-Amzn-Trace-Id",
    "x-forwarded-for": "X-Forwarded-For",
    "x-forwarded-port": "X-Forwarded-Port",
    "x-forwarded-proto": "X-Forwarded-Proto",
}


def build_proxy_event(
    request: HttpRequest,
    context: RequestContext,
    *,
    path: str,
    stage_variables: Mapping[str, str],
    binary_media_types: Sequence[str],
    forwarded_port: int | str,
    forwarded_proto: str,
    has_content_length: bool = False,
) -> dict[str, Any]:
    """Return the event of a request that may pass; `path` is the request's path without the stage.

    Every value is a string, a boolean, None, or a list or mapping of these, and `requestTimeEpoch` an
    integer, so that `json.dumps` always succeeds. A list of nothing is None, as AWS has it: query, path
    parameters, stage variables and body. Content-Length goes on to authorizers alone.
    """
    dropped = _DROPPED_HEADERS - {"content-length"} if has_content_length else _DROPPED_HEADERS
    if context.identity is not None:
        # Recorded: the function sees the other headers of a signature, and not this one.
        dropped |= {"authorization"}
    added = {"x-forwarded-port": str(forwarded_port), "x-forwarded-proto": forwarded_proto}
    collected = collect_headers(request, context, dropped=dropped, names=_CANONICAL_NAMES, added=added)
    headers = dict(collected.values())
    query = group_query(request.query)
    binary = bool(binary_media_types) and is_binary(request.header("Content-Type"), binary_media_types)
    return {
        "resource": context.resource_path,
        "path": valid_unicode(path),
        "httpMethod": context.http_method,
        "headers": last_values(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": last_values(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(context.path_parameters) or None,
        "stageVariables": dict(stage_variables) or None,
        "requestContext": _build_request_context(context),
        "body": encode_body(request.body, is_base64=binary),
        "isBase64Encoded": binary and bool(request.body),
    }


def _build_request_context(context: RequestContext) -> dict[str, Any]:
    authorizer = {} if context.authorizer_event is None else {"authorizer": dict(context.authorizer_event)}
    return {
        "resourceId": context.resource_id,
        **authorizer,
        "resourcePath": context.resource_path,
        "httpMethod": context.http_method,
        "extendedRequestId": context.extended_request_id,
        "requestTime": context.request_time,
        "path": context.path,
        "accountId": context.account_id,
        "protocol": context.protocol,
        "stage": context.stage,
        "domainPrefix": context.domain_prefix,
        "requestTimeEpoch": context.time_epoch,
        "requestId": context.request_id,
        "identity": {
            "cognitoIdentityPoolId": None,
            "accountId": None,
            "cognitoIdentityId": None,
            "caller": None,
            **_describe_key(context),
            "sourceIp": context.source_ip,
            "principalOrgId": None,
            "accessKey": None,
            "cognitoAuthenticationType": None,
            "cognitoAuthenticationProvider": None,
            "userArn": None,
            "userAgent": context.user_agent,
            "user": None,
            **_describe_signer(context),
        },
        "domainName": context.domain_name,
        "deploymentId": context.deployment_id,
        "apiId": context.api_id,
    }


def _describe_signer(context: RequestContext) -> dict[str, Any]:
    """Return who has signed a request; how they signed in at an identity pool is told by HTTP APIs alone."""
    return {name: value for name, value in (context.identity or {}).items() if name != "cognitoAmr"}


def _describe_key(context: RequestContext) -> dict[str, str]:
    """Return the API key, which is there only where a method asks for one; its place is unverified."""
    members = {"apiKey": context.api_key, "apiKeyId": context.api_key_id}
    return {name: value for name, value in members.items() if value is not None}
