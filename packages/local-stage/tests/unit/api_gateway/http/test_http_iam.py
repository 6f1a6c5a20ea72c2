"""IAM authorization of an HTTP API: a request signed by botocore gets in, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http_api import ServedHttpApi, event, events
from tests.manual_clock import NOW
from tests.signed_request import sign

IAM = {"Auth": {"EnableIamAuthorizer": True, "DefaultAuthorizer": "AWS_IAM"}}
ROUTES = {**events("ANY /hello", "GET /items/{id}"), "One": event("GET /one", PayloadFormatVersion="1.0")}
FORBIDDEN = (403, b'{"message":"Forbidden"}')
NO_SIGNATURE = "The request for the IAM Authorizer doesn't match the format that API Gateway expects."


def signed(path: str = "/hello", **how: Any) -> tuple[tuple[str, str], ...]:
    """Return the headers of a request that is signed for the stage `$default`, Host among them."""
    return (("Host", "localhost"), *sign(path=path, stage="", **how))


def answer(api: ServedHttpApi, line: str, headers: Any, **sent: Any) -> tuple[int, bytes]:
    """Return status and body; nothing of the gateway's own has a fault or a challenge."""
    response = api.call(line, headers=headers, **sent)
    assert api.recorded[-1].fault is None
    assert response.header("www-authenticate") is None
    return response.status, response.body


@pytest.fixture(scope="module")
def api() -> ServedHttpApi:
    return ServedHttpApi(IAM, ROUTES, {"statusCode": 200})


@pytest.mark.rule("http-iam.event-2")
def test_the_event_tells_who_has_signed(api: ServedHttpApi) -> None:
    assert answer(api, "GET /hello", signed())[0] == 200
    given = api.function.events[-1]
    assert list(given["requestContext"]["authorizer"].items()) == [
        (
            "iam",
            {
                "accessKey": "test",
                "accountId": "123456789012",
                "callerId": "123456789012",
                "cognitoIdentity": None,
                "principalOrgId": None,
                "userArn": "arn:aws:iam::123456789012:root",
                "userId": "123456789012",
            },
        )
    ]
    assert given["headers"].keys() >= {"authorization", "x-amz-date"}


@pytest.mark.rule("http-iam.event-1")
def test_format_1_has_the_identity_of_a_rest_api(api: ServedHttpApi) -> None:
    assert answer(api, "GET /one", signed("/one"))[0] == 200
    context = api.function.events[-1]["requestContext"]
    assert "authorizer" not in context
    assert context["identity"]["userArn"] == "arn:aws:iam::123456789012:root"
    assert context["identity"]["accessKey"] == "test"


@pytest.mark.parametrize(
    "path", ["/items/a%20b", "/items/%E3%81%82", "/items/~-_."], ids=["blank", "kana", "plain"]
)
def test_path_query_and_body_are_signed(api: ServedHttpApi, path: str) -> None:
    assert answer(api, f"GET {path}", signed(path))[0] == 200
    params = {"b": "2 3", "a": "1+1"}
    headers = signed(verb="POST", params=params, body=b"{}")
    assert answer(api, "POST /hello?b=2%203&a=1%2B1", headers, body=b"{}")[0] == 200
    assert answer(api, "POST /hello?b=2%203&a=1%2B1", headers, body=b"[]") == FORBIDDEN


@pytest.mark.rule("http-iam.unsigned")
@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "Bearer x",
        "Basic x=",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 a=b",
        "AWS4-HMAC-SHA256 Credential=",
    ],
)
def test_what_is_not_signed_is_forbidden(api: ServedHttpApi, value: str | None) -> None:
    called = len(api.function.events)
    assert answer(api, "GET /hello", () if value is None else (("Authorization", value),)) == FORBIDDEN
    assert len(api.function.events) == called
    outcome = api.recorded[-1].context.authorizer
    assert outcome is not None
    assert outcome.error == NO_SIGNATURE


@pytest.mark.rule("http-iam.bad-signature")
@pytest.mark.parametrize(
    "how",
    [
        {"secret": "wrong"},
        {"key": "AKIAFOREIGN"},
        {"token": "session"},
        {"at": NOW - 301},
        {"at": NOW + 301},
        {"region": "us-east-1"},
        {"service": "lambda"},
        {"verb": "POST"},
        {"path": "/one"},
        {"params": {"a": "b"}},
    ],
    ids=lambda how: next(iter(how)),
)
def test_another_signature_is_forbidden(api: ServedHttpApi, how: dict[str, Any]) -> None:
    called = len(api.function.events)
    assert answer(api, "GET /hello", signed(**how)) == FORBIDDEN
    assert len(api.function.events) == called


def test_two_signatures_and_an_unsigned_host_are_none(api: ServedHttpApi) -> None:
    headers = signed()
    assert answer(api, "GET /hello", (*headers, *headers)) == FORBIDDEN
    unsigned = tuple((name, value.replace("host;", "")) for name, value in headers)
    assert answer(api, "GET /hello", unsigned) == FORBIDDEN


def test_a_routes_own_auth_asks_for_it_in_a_definition() -> None:
    uri = "arn:aws:apigateway:ap-northeast-1:lambda:path/2015-03-31/functions/arn:x/invocations"
    operation = {
        "x-amazon-apigateway-auth": {"type": "AWS_IAM"},
        "x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": uri, "payloadFormatVersion": "2.0"},
    }
    api = ServedHttpApi({"DefinitionBody": {"openapi": "3.0.1", "paths": {"/a": {"get": operation}}}}, {})
    assert answer(api, "GET /a", ()) == FORBIDDEN
    assert [route.authorizer_kind for route in api.http_api.routes] == ["iam"]
