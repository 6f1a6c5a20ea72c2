"""Lambda authorizers of the type REQUEST: their event, and the identity sources that have to be there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.api_gateway.authorized_stage import ARN, BEARER, answer_of, request_stage

UNAUTHORIZED = (401, "UnauthorizedException", '{"message":"Unauthorized"}')


@pytest.mark.rule("lambda-authorizer.request-event")
def test_the_event_is_a_proxy_event_without_its_body() -> None:
    stage = request_stage(Headers=["Authorization"])
    assert stage.status((*BEARER, ("Content-Length", "0")), path="/items/7", query="a=1&a=2") == 200
    event = stage.authorizer_event
    assert [*event] == [
        "type", "methodArn", "resource", "path", "httpMethod", "headers", "multiValueHeaders",
        "queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables",
        "requestContext",
    ]  # fmt: skip
    assert (event["type"], event["methodArn"]) == ("REQUEST", f"{ARN}/GET/items/7")
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/items/{id}", "/items/7", "GET")
    assert event["headers"]["Content-Length"] == "0"
    assert event["headers"]["Authorization"] == "Bearer alice"
    assert event["queryStringParameters"] == {"a": "2"}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["pathParameters"] == {"id": "7"}
    assert "authorizer" not in event["requestContext"]
    assert event["requestContext"]["path"] == "/dev/items/7"


@pytest.mark.rule("lambda-authorizer.empty-maps")
def test_nothing_there_is_an_empty_map() -> None:
    stage = request_stage(Headers=["Authorization"])
    assert stage.status() == 200
    names = (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
    )
    assert [stage.authorizer_event[name] for name in names] == [{}, {}, {}, {}]


@pytest.mark.rule("lambda-authorizer.all-sources")
def test_every_source_has_to_be_there() -> None:
    sources: dict[str, Any] = {
        "Headers": ["X-Tenant"],
        "QueryStrings": ["key"],
        "StageVariables": ["env"],
        "Context": ["identity.sourceIp"],
    }
    tenant = (("x-tenant", "t"),)
    stage = request_stage(api={"Variables": {"env": "test"}}, ReauthorizeEvery=0, **sources)
    assert stage.status(tenant, query="key=k") == 200
    for headers, query in [(tenant, ""), (tenant, "key="), (tenant, "Key=k"), ((), "key=k")]:
        assert answer_of(stage.call(headers, query=query)) == UNAUTHORIZED
    assert request_stage(api={}, **sources).status(tenant, query="key=k") == 401
    assert len(stage.asked.events) == 1


def test_without_sources_and_without_a_cache_the_function_is_always_asked() -> None:
    stage = request_stage(ReauthorizeEvery=0)
    assert [stage.status(()), stage.status(())] == [200, 200]
    assert len(stage.asked.events) == 2
