"""The function gets the event that a REST API sends: every key, order, casing and null of it."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.exchange import RequestContext
from local_stage.api_gateway.http_message import HttpRequest, is_binary
from local_stage.api_gateway.integrations.proxy_event import build_proxy_event
from tests.gateway_request import build_context, build_request

Headers = tuple[tuple[str, str], ...]

WIRE_TEXT = st.text(st.characters(exclude_characters="\r\n\0"))


def build_event(
    request: HttpRequest | None = None,
    context: RequestContext | None = None,
    *,
    path: str = "/hello",
    stage_variables: Mapping[str, str] | None = None,
    binary_media_types: tuple[str, ...] = (),
) -> dict[str, Any]:
    request = request or build_request()
    return build_proxy_event(
        request,
        context or build_context(request),
        path=path,
        stage_variables=stage_variables or {},
        binary_media_types=binary_media_types,
        forwarded_port=3000,
        forwarded_proto="http",
    )


def test_an_event_of_a_signed_in_caller_is_the_recorded_one_to_the_letter() -> None:
    request = build_request(
        "POST",
        "/dev/users/7",
        "q=1&q=two+words",
        (
            ("Host", "127.0.0.1:3000"),
            ("user-agent", "curl/8.5.0"),
            ("accept", "*/*"),
            ("authorization", "Bearer ey"),
            ("Content-Type", "application/json"),
            ("Content-Length", "7"),
        ),
        b'{"a":1}',
    )
    context = build_context(request)
    context.resource_id, context.resource_path, context.path_parameters = "r1", "/users/{id}", {"id": "7"}
    context.authorizer_event = {"claims": {"sub": "s-1", "cognito:groups": "admins"}}
    event = build_event(request, context, path="/users/7", stage_variables={"audience": "staff"})
    assert json.dumps(event, indent=1) == RECORDED


RECORDED = """\
{
 "resource": "/users/{id}",
 "path": "/users/7",
 "httpMethod": "POST",
 "headers": {
  "accept": "*/*",
  "Authorization": "Bearer ey",
  "Content-Type": "application/json",
  "Host": "127.0.0.1:3000",
  "User-Agent": "curl/8.5.0",
  "X-Amzn-Trace-Id": "Root=1-66704f8a-1b1c1d1e1f20212223242526",
  "X-Forwarded-For": "203.0.113.7",
  "X-Forwarded-Port": "3000",
  "X-Forwarded-Proto": "http"
 },
 "multiValueHeaders": {
  "accept": [
   "*/*"
  ],
  "Authorization": [
   "Bearer ey"
  ],
  "Content-Type": [
   "application/json"
  ],
  "Host": [
   "127.0.0.1:3000"
  ],
  "User-Agent": [
   "curl/8.5.0"
  ],
  "X-Amzn-Trace-Id": [
   "Root=1-66704f8a-1b1c1d1e1f20212223242526"
  ],
  "X-Forwarded-For": [
   "203.0.113.7"
  ],
  "X-Forwarded-Port": [
   "3000"
  ],
  "X-Forwarded-Proto": [
   "http"
  ]
 },
 "queryStringParameters": {
  "q": "two words"
 },
 "multiValueQueryStringParameters": {
  "q": [
   "1",
   "two words"
  ]
 },
 "pathParameters": {
  "id": "7"
 },
 "stageVariables": {
  "audience": "staff"
 },
 "requestContext": {
  "resourceId": "r1",
  "authorizer": {
   "claims": {
    "sub": "s-1",
    "cognito:groups": "admins"
   }
  },
  "resourcePath": "/users/{id}",
  "httpMethod": "POST",
  "extendedRequestId": "EBESExQVFhcYGRo=",
  "requestTime": "17/Jun/2024:15:00:26 +0000",
  "path": "/dev/users/7",
  "accountId": "123456789012",
  "protocol": "HTTP/1.1",
  "stage": "dev",
  "domainPrefix": "a1b2c3d4e5",
  "requestTimeEpoch": 1718636426250,
  "requestId": "00010203-0405-4607-8809-0a0b0c0d0e0f",
  "identity": {
   "cognitoIdentityPoolId": null,
   "accountId": null,
   "cognitoIdentityId": null,
   "caller": null,
   "sourceIp": "203.0.113.7",
   "principalOrgId": null,
   "accessKey": null,
   "cognitoAuthenticationType": null,
   "cognitoAuthenticationProvider": null,
   "userArn": null,
   "userAgent": "curl/8.5.0",
   "user": null
  },
  "domainName": "a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com",
  "deploymentId": "dep123",
  "apiId": "a1b2c3d4e5"
 },
 "body": "{\\"a\\":1}",
 "isBase64Encoded": false
}"""


@pytest.mark.parametrize(
    "key",
    ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body"],
)
def test_what_is_not_there_is_null(key: str) -> None:
    event = build_event()
    assert key in event
    assert event[key] is None


def test_without_an_authorizer_the_context_has_no_authorizer() -> None:
    assert "authorizer" not in build_event()["requestContext"]


def test_an_authorizer_without_claims_still_holds_claims() -> None:
    context = build_context()
    context.authorizer_event = {"claims": {}}
    assert build_event(context=context)["requestContext"]["authorizer"] == {"claims": {}}


def test_headers_never_become_claims() -> None:
    names = ("claims", "authorizer", "x-amzn-oidc-data", "requestContext", "X-Amzn-Claims", "principalId")
    request = build_request(headers=tuple((name, '{"sub": "forged"}') for name in names))
    assert "forged" not in json.dumps(build_event(request)["requestContext"])


def test_without_a_user_agent_the_identity_has_null() -> None:
    assert build_event()["requestContext"]["identity"]["userAgent"] is None


@pytest.mark.parametrize("path", ["/hello/", "/a//b", "/a%20b", "/%E6%97%A5", "/a%2Fb", "/", "/a+b"])
def test_the_path_stays_as_it_was_sent(path: str) -> None:
    event = build_event(build_request(path=f"/dev{path}"), path=path)
    assert (event["path"], event["requestContext"]["path"]) == (path, f"/dev{path}")


def test_the_single_map_has_the_last_value_of_a_repeated_parameter() -> None:
    event = build_event(build_request(query="a=1&b=3&a=2"))
    assert event["queryStringParameters"] == {"a": "2", "b": "3"}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": ["3"]}


def test_a_text_body_is_passed_as_text() -> None:
    event = build_event(build_request(body="日本".encode()))
    assert (event["body"], event["isBase64Encoded"]) == ("日本", False)


def test_a_text_body_that_is_no_utf_8_has_replacement_characters() -> None:
    event = build_event(build_request(body=b"caf\xe9"))
    assert (event["body"], event["isBase64Encoded"]) == ("caf\ufffd", False)


@pytest.mark.parametrize(
    ("content_type", "binary_media_types"),
    [
        ("image/png", ("image/png",)),
        ("IMAGE/PNG", ("image/png",)),
        ("image/png", ("text/csv", "image/PNG")),
        ("image/png; q=1", ("image/png",)),
        ("image/png", ("image/*",)),
        ("image/png", ("*/*",)),
        ("multipart/form-data; boundary=x", ("multipart/form-data",)),
        (None, ("*/*",)),
    ],
)
def test_a_binary_body_is_base64(content_type: str | None, binary_media_types: tuple[str, ...]) -> None:
    headers: Headers = () if content_type is None else (("Content-Type", content_type),)
    request = build_request("POST", headers=headers, body=b"\x89PNG")
    event = build_event(request, binary_media_types=binary_media_types)
    assert (event["body"], event["isBase64Encoded"]) == ("iVBORw==", True)


@pytest.mark.parametrize(
    ("content_type", "binary_media_types"),
    [
        ("image/png", ()),
        ("image/png", ("image/gif",)),
        ("application/json", ("image/*",)),
        ("imagex/png", ("image/*",)),
        ("image/png", ("",)),
        (None, ("image/png",)),
        ("", ("image/*", "")),
    ],
)
def test_any_other_body_is_text(content_type: str | None, binary_media_types: tuple[str, ...]) -> None:
    assert not is_binary(content_type, binary_media_types)


def test_an_empty_body_is_null_even_where_everything_is_binary() -> None:
    event = build_event(binary_media_types=("*/*",))
    assert (event["body"], event["isBase64Encoded"]) == (None, False)


@given(st.binary(min_size=1))
def test_a_binary_body_comes_back_octet_for_octet(body: bytes) -> None:
    event = build_event(build_request(body=body), binary_media_types=("*/*",))
    assert b64decode(event["body"], validate=True) == body


@given(
    st.lists(st.tuples(WIRE_TEXT, WIRE_TEXT)),
    WIRE_TEXT,
    WIRE_TEXT,
    st.binary(),
    st.dictionaries(st.text(), st.text()),
)
def test_every_request_makes_an_event_of_strings(
    headers: list[tuple[str, str]], path: str, query: str, body: bytes, stage_variables: dict[str, str]
) -> None:
    request = build_request("POST", path, query, tuple(headers), body)
    event = build_event(request, path=path, stage_variables=stage_variables)
    assert list(event) == list(build_event())
    assert list(event["headers"]) == list(event["multiValueHeaders"])
    assert all(values[-1] == event["headers"][name] for name, values in event["multiValueHeaders"].items())
    assert json.loads(json.dumps(event).encode("ascii")) == event
