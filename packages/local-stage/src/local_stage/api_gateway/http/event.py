"""The event that a function gets from an HTTP API, in payload format 2.0 or 1.0.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html;
keys, their order and the header rules as captured on AWS, or marked unverified.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.http_message import HttpRequest, parse_media_type, valid_unicode
from local_stage.api_gateway.integrations.event_values import (
    CollectedHeaders,
    collect_headers,
    encode_body,
    group_query,
    last_values,
)
from local_stage.api_gateway.integrations.integration import StageEnvironment

FORMAT_1: Final = "1.0"
FORMAT_2: Final = "2.0"

_COMPACT_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

_PATH_END: Final = re.compile("[?#]|%3f", re.IGNORECASE)

_TEXT_TYPES: Final = frozenset({"application/json", "application/xml", "application/javascript"})
"""Beside text/*: every other body is base64, as is one without a content type (recorded)."""

_DROPPED_HEADERS: Final = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers of one connection (RFC 9110, 7.6.1), which go no further (unverified)."""

_CANONICAL_NAMES: Final = {
    "content-length": "Content-Length",
    "content-type": "Content-Type",
    "host": "Host",
    "user-agent": "User-Agent",
    "x-amzn-trace-id": "X-Amzn-Trace-Id",
    "x-forwarded-for": "X-Forwarded-For",
    "x-forwarded-port": "X-Forwarded-Port",
    "x-forwarded-proto": "X-Forwarded-Proto",
}
"""Format 1.0 has these names so, and all others as sent (recorded)."""


def build_event(
    request: HttpRequest, context: RequestContext, stage: StageEnvironment, *, proto: str = "http"
) -> dict[str, Any]:
    """Return the event in format 2.0; what the request has not is left out, and never null (recorded)."""
    collected = _collect_headers(request, context, stage, proto)
    headers = {name: ",".join(values) for name, (_, values) in collected.items()}
    cookies = _split_cookies(headers.pop("cookie", ""))
    query = group_query(request.query)
    is_base64 = bool(request.body) and not _is_text(request)
    optional: Mapping[str, Any] = {
        "cookies": cookies,
        "queryStringParameters": {name: ",".join(values) for name, values in query.items()},
        "body": encode_body(request.body, is_base64=is_base64),
        "pathParameters": dict(context.path_parameters),
        "stageVariables": dict(stage.stage_variables),
    }
    event: dict[str, Any] = {
        "version": FORMAT_2,
        "routeKey": context.resource_id,
        "rawPath": context.path,
        "rawQueryString": valid_unicode(request.query),
        "cookies": None,
        "headers": headers,
        "queryStringParameters": None,
        "requestContext": _build_request_context(context),
        "body": None,
        "pathParameters": None,
        "isBase64Encoded": is_base64,
        "stageVariables": None,
    }
    event |= optional
    return {name: value for name, value in event.items() if name not in optional or value}


def _build_request_context(context: RequestContext) -> dict[str, Any]:
    authorizer: Mapping[str, Any] | None = context.authorizer_event
    if context.identity is not None:
        authorizer = {"iam": _build_signer(context.identity)}
    return {
        "accountId": context.account_id,
        "apiId": context.api_id,
        **({} if authorizer is None else {"authorizer": dict(authorizer)}),
        "domainName": context.domain_name,
        "domainPrefix": context.domain_prefix,
        "http": {
            "method": context.http_method,
            "path": context.path,
            "protocol": context.protocol,
            "sourceIp": context.source_ip,
            "userAgent": context.user_agent or "",
        },
        "requestId": context.request_id,
        "routeKey": context.resource_id,
        "stage": context.stage,
        "time": context.request_time,
        "timeEpoch": context.time_epoch,
    }


def build_event_1(
    request: HttpRequest, context: RequestContext, stage: StageEnvironment, *, proto: str = "http"
) -> dict[str, Any]:
    """Return the event in format 1.0, which differs from a REST API's; what the request has not is null."""
    headers = dict(_collect_headers(request, context, stage, proto).values())
    query = group_query(request.query)
    is_base64 = bool(request.body) and not _is_text(request)
    return {
        "version": FORMAT_1,
        "resource": context.resource_path,
        "path": context.path,
        "httpMethod": context.http_method,
        "headers": last_values(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": last_values(query) or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": _build_request_context_1(context),
        "pathParameters": dict(context.path_parameters) or None,
        "stageVariables": dict(stage.stage_variables) or None,
        "body": encode_body(request.body, is_base64=is_base64),
        "isBase64Encoded": is_base64,
    }


def _build_signer(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return who has signed a request, as recorded of one without organization."""
    cognito = {
        "amr": identity.get("cognitoAmr"),
        "identityId": identity.get("cognitoIdentityId"),
        "identityPoolId": identity.get("cognitoIdentityPoolId"),
    }
    return {
        "accessKey": identity["accessKey"],
        "accountId": identity["accountId"],
        "callerId": identity["caller"],
        "cognitoIdentity": cognito if cognito["identityId"] else None,
        "principalOrgId": None,
        "userArn": identity["userArn"],
        "userId": identity["user"],
    }


def write_texts(context: Mapping[str, Any]) -> dict[str, str | None]:
    """Return what a Lambda authorizer says of the caller as texts; null stays null.

    So format 1.0 has it, as a REST API's function does; that lists and objects are JSON there is unverified.
    """
    return {
        name: value if value is None or isinstance(value, str) else _COMPACT_JSON.encode(value)
        for name, value in context.items()
    }


def _flatten_authorizer(context: RequestContext) -> dict[str, Any]:
    """Return `authorizer` of format 1.0, which has flat what stands below its kind in format 2.0 (recorded).

    That the principal stands beside a Lambda authorizer's context is unverified.
    """
    if context.authorizer_event is None:
        return {}
    ((kind, given),) = context.authorizer_event.items()
    if kind != "lambda":
        return {"authorizer": given}
    principal = context.authorizer_variables.get("principalId")
    return {
        "authorizer": {
            **write_texts(given or {}),
            **({} if principal is None else {"principalId": principal}),
        }
    }


def _build_request_context_1(context: RequestContext) -> dict[str, Any]:
    signer = context.identity or {}
    return {
        "accountId": context.account_id,
        "apiId": context.api_id,
        **_flatten_authorizer(context),
        "domainName": context.domain_name,
        "domainPrefix": context.domain_prefix,
        "extendedRequestId": context.extended_request_id,
        "httpMethod": context.http_method,
        "identity": {
            "accessKey": signer.get("accessKey"),
            "accountId": signer.get("accountId"),
            "caller": signer.get("caller"),
            "cognitoAmr": signer.get("cognitoAmr"),
            "cognitoAuthenticationProvider": signer.get("cognitoAuthenticationProvider"),
            "cognitoAuthenticationType": signer.get("cognitoAuthenticationType"),
            "cognitoIdentityId": signer.get("cognitoIdentityId"),
            "cognitoIdentityPoolId": signer.get("cognitoIdentityPoolId"),
            "principalOrgId": None,
            "sourceIp": context.source_ip,
            "user": signer.get("user"),
            "userAgent": context.user_agent or "",
            "userArn": signer.get("userArn"),
        },
        "path": context.path,
        "protocol": context.protocol,
        "requestId": context.request_id,
        "requestTime": context.request_time,
        "requestTimeEpoch": context.time_epoch,
        "resourceId": context.resource_id,
        "resourcePath": context.resource_path,
        "stage": context.stage,
    }


def decode_path(path: str) -> str:
    """Return a path decoded as functions see it; octets that are no UTF-8 become U+FFFD (unverified)."""
    return unquote(valid_unicode(path)) if "%" in path else valid_unicode(path)


def cut_path(path: str) -> str:
    """Return a path, percent-encoded as sent, up to a `?`, encoded or not, or a `#` that is not encoded."""
    return _PATH_END.split(path, maxsplit=1)[0]


def find_event_path(path: str) -> str:
    """Return a request's path as events have it: decoded, and cut where a decoded `?` stands (recorded).

    That a `#` cuts it as well is unverified; `%23` does not (recorded).
    """
    return decode_path(cut_path(path))


def _collect_headers(
    request: HttpRequest, context: RequestContext, stage: StageEnvironment, proto: str
) -> CollectedHeaders:
    """Return the headers that go on by their names in lower case, in order, with name and values for 1.0."""
    added = {
        "content-length": str(len(request.body)),
        "x-forwarded-port": str(stage.port),
        "x-forwarded-proto": proto,
    }
    return collect_headers(request, context, dropped=_DROPPED_HEADERS, names=_CANONICAL_NAMES, added=added)


def _split_cookies(header: str) -> list[str]:
    """Return the cookies of all Cookie headers in order, each as `name=value` (RFC 6265, 4.2.1)."""
    return [cookie for part in header.split(";") if (cookie := part.strip())]


def _is_text(request: HttpRequest) -> bool:
    media_type = parse_media_type(request.header("Content-Type") or "")
    return media_type.startswith("text/") or media_type in _TEXT_TYPES
