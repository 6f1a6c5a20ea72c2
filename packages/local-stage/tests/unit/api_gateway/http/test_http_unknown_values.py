"""What is not known of who may call an HTTP API closes its routes, and opens none that would hide others."""

from __future__ import annotations

import pytest

from local_stage.api_gateway.template_part import ApiResource
from tests.http_api import FUNCTION_ARN, URI
from tests.tokens import ISSUER
from tests.unit.api_gateway.http.api_of_resources import (
    OVERRIDES,
    PROTECTED,
    UNKNOWN,
    authorizer,
    integration,
    issuer_of,
    read,
    route,
)


@pytest.mark.parametrize(
    "resources",
    [
        (authorizer(), route(AuthorizationType=UNKNOWN)),
        (authorizer(), route(AuthorizationType="JWT", AuthorizerId=UNKNOWN)),
        (authorizer(), route(**PROTECTED, AuthorizationScopes=[UNKNOWN])),
        (authorizer(), route(ApiKeyRequired=UNKNOWN)),
        (authorizer(AuthorizerType=UNKNOWN), route(**PROTECTED)),
        (authorizer(IdentitySource=[UNKNOWN]), route(**PROTECTED)),
        (authorizer(JwtConfiguration={"Issuer": UNKNOWN, "Audience": ["x"]}), route(**PROTECTED)),
        (authorizer(JwtConfiguration=UNKNOWN), route(**PROTECTED)),
    ],
)
def test_what_is_not_known_of_who_may_call_closes_the_route(resources: tuple[ApiResource, ...]) -> None:
    issuer = issuer_of(*resources, integration())
    assert issuer is not None
    assert issuer.startswith("<")


@pytest.mark.parametrize(
    "name", ["authorizerResultTtlInSeconds", "authorizerUri", "enableSimpleResponses", "identitySource"]
)
def test_what_is_not_known_of_a_documents_function_lets_nobody_in(name: str) -> None:
    settings = {"type": "request", "authorizerUri": URI, "authorizerPayloadFormatVersion": "2.0"}
    scheme = {"type": "apiKey", "name": "Unused", "in": "header"}
    document = {
        "openapi": "3.0.1",
        "paths": {"/": {"get": {"security": [{"Mine": []}]}}},
        "components": {
            "securitySchemes": {
                "Mine": {**scheme, "x-amazon-apigateway-authorizer": {**settings, name: UNKNOWN}}
            }
        },
    }
    http_api, _ = read(Body=document)
    assert [one.function_arn for one in http_api.lambda_authorizers] == [f"<{UNKNOWN.reason}>"]


OPEN = (
    route("Rest", RouteKey="$default"),
    route("Item", RouteKey="GET /items/{id}"),
    route("All", RouteKey="ANY /all"),
    route("One", RouteKey="GET /one"),
)


@pytest.mark.parametrize(
    ("unknown", "open_routes"),
    [
        (route(RouteKey=UNKNOWN, **PROTECTED), ["One"]),
        (route(RouteKey=UNKNOWN, AuthorizationType=UNKNOWN), ["One"]),
        (route(RouteKey=UNKNOWN), ["Rest", "Item", "All", "One"]),
    ],
)
def test_no_open_route_takes_the_requests_of_one_whose_key_is_not_known(
    unknown: ApiResource, open_routes: list[str]
) -> None:
    http_api, _ = read(authorizer(), integration(), unknown, *OPEN)
    names = {str(one.properties["RouteKey"]): one.logical_id for one in OPEN}
    assert [names[one.key] for one in http_api.http_routes if one.authorizer is None] == open_routes


def test_no_open_route_takes_the_requests_of_a_document_that_is_not_here() -> None:
    elsewhere = {"openapi": "3.0.1", "paths": {}, "x-document-elsewhere": "s3://bucket/api.yaml"}
    http_api, _ = read(integration(), *OPEN, Body=elsewhere)
    assert [one.key for one in http_api.http_routes if one.authorizer is None] == ["GET /one"]


def test_a_route_that_may_be_of_another_api_is_closed() -> None:
    maybe = route("Maybe", RouteKey="GET /b", ApiId=UNKNOWN, AuthorizationType="JWT", AuthorizerId="else")
    assert issuer_of(integration(), maybe, route()) is None
    assert issuer_of(integration(), maybe) == "<Parameters.Kind: has no default>"
    assert issuer_of(integration(), route("Maybe", ApiId=UNKNOWN), authorizer(), route(**PROTECTED)) == ISSUER


def test_overrides_that_may_be_of_another_api_close_the_route() -> None:
    maybe = ApiResource("Own", OVERRIDES.type, "x", {"ApiId": UNKNOWN, "Route": PROTECTED})
    assert issuer_of(authorizer(), maybe, Target=FUNCTION_ARN) == "<Parameters.Kind: has no default>"
    assert issuer_of(authorizer(), maybe, route()) is None


def test_an_open_route_that_may_not_be_there_is_closed() -> None:
    maybe = ApiResource("Maybe", "Route", "Maybe", {"RouteKey": "GET /"}, UNKNOWN)
    assert issuer_of(maybe) == "<Parameters.Kind: has no default>"
    protected = ApiResource("Maybe", "Route", "Maybe", {"RouteKey": "GET /", **PROTECTED}, UNKNOWN)
    assert issuer_of(authorizer(), protected) == ISSUER
