"""How an HTTP API is read: what decides who may call is enforced or refused, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt_checks import TokenSource
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http.http_api_reader import read_http_api
from local_stage.cloudformation.unknown import Unknown
from local_stage.errors import NotRun, TemplateError
from tests.http_api import JWT, URI, event, events, read_api
from tests.tokens import CLIENT_ID, ISSUER

UNKNOWN = Unknown("ignore", NotRun("Parameters", "has no default", "Kind"))
PROXY = {"type": "aws_proxy", "httpMethod": "POST", "uri": URI, "payloadFormatVersion": "2.0"}


def scheme(**authorizer: Any) -> dict[str, Any]:
    configuration = {"issuer": ISSUER, "audience": [CLIENT_ID]}
    members = {
        "type": "jwt",
        "jwtConfiguration": configuration,
        "identitySource": "$request.header.Authorization",
    }
    return {"type": "oauth2", "x-amazon-apigateway-authorizer": {**members, **authorizer}}


def body(operation: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    get = {"x-amazon-apigateway-integration": PROXY, **(operation or {})}
    return {"DefinitionBody": {"openapi": "3.0.1", "paths": {"/hello": {"get": get}}, **keys}}


def secured(security: Any, **schemes: Any) -> dict[str, Any]:
    return body({"security": security}, components={"securitySchemes": schemes})


def test_sams_authorizer_is_read() -> None:
    api, not_run = read_api(JWT, events("GET /hello"))
    source = TokenSource("header", "Authorization")
    assert api.authorizers == {"Pool": JwtAuthorizerSettings("Pool", ISSUER, (CLIENT_ID,), source)}
    assert [(route.authorizer, route.token_kind) for route in api.routes] == [("Pool", "any")]
    assert (api.stage_name, api.base_path, not_run) == ("$default", "", [])


def test_the_default_route_is_read_with_and_without_fail_on_warnings() -> None:
    for fails in (True, False):
        api, _ = read_api({"FailOnWarnings": fails}, events("$default"))
        assert [route.key for route in api.http_routes] == ["$default"]


def test_default_authorizers_leave_out_options_alone() -> None:
    api, _ = read_api(JWT, events("OPTIONS /hello", "ANY /any", "$default"))
    assert {route.key: route.authorizer for route in api.http_routes} == {
        "OPTIONS /hello": None,
        "ANY /any": "Pool",
        "$default": "Pool",
    }


def test_a_route_that_aws_drops_is_dropped_and_told() -> None:
    api, not_run = read_api({}, events("GET /hello", "GET /events/", "GET $default"))
    assert [route.key for route in api.http_routes] == ["GET /hello"]
    assert len(not_run) == 2
    assert "ends in a slash" in str(not_run[1])


def test_an_integration_that_is_not_run_keeps_no_api_from_starting() -> None:
    proxy = {"x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://example.com"}}
    api, not_run = read_api(body(proxy), {})
    assert len(api.http_routes) == 1
    assert "each request gets 500" in str(not_run[0])


@pytest.mark.parametrize(
    ("security", "schemes"),
    [
        ([{"Other": []}], {}),
        ([{"A": []}, {"B": []}], {"A": scheme(), "B": scheme()}),
        ([{"A": [], "B": []}], {"A": scheme(), "B": scheme()}),
        ([{}], {"A": scheme()}),
        (None, {"A": scheme()}),
        ([{"A": None}], {"A": scheme()}),
        ([{"A": ["two scopes"]}], {"A": scheme()}),
        ([{"NONE": []}], {"NONE": {"type": "apiKey", "name": "x", "in": "header"}}),
        ([{"A": []}], {"A": {"type": "oauth2"}}),
        ([{"A": []}], {"A": scheme(type="request")}),
        ([{"A": []}], {"A": scheme(identitySource="$request.body.token")}),
        ([{"A": []}], {"A": scheme(identitySource=["$request.header.A", "$request.header.B"])}),
        ([{"A": []}], {"A": scheme(identitySource=None)}),
        ([{"A": []}], {"A": scheme(jwtConfiguration={"issuer": ISSUER})}),
        ([{"A": []}], {"A": scheme(jwtConfiguration={"issuer": ISSUER, "audience": []})}),
        ([{"A": []}], {"A": scheme(jwtConfiguration={"audience": ["x"]})}),
        ([{"A": []}], {"A": scheme(jwtConfiguration={"issuer": {"Ref": "X"}, "audience": {"a": 1}})}),
        ([{"A": []}], {"A": scheme(authorizerResultTtlInSeconds=60)}),
        ([{"A": []}], {"A": {"type": "apiKey", "x-amazon-apigateway-authtype": "custom"}}),
    ],
)
def test_what_cannot_be_enforced_is_refused(security: Any, schemes: dict[str, Any]) -> None:
    with pytest.raises(TemplateError, match=r"^template\.yaml: HelloApi\."):
        read_api(secured(security, **schemes), {})


@pytest.mark.parametrize(
    "api",
    [
        body(security=[{"A": []}]),
        body({"x-amazon-apigateway-auth": {"type": "CUSTOM"}}),
        body({"x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "security": [{"A": []}]}),
        body(**{"x-amazon-apigateway-policy": {"Statement": []}}),
    ],
)
def test_what_would_stand_for_everything_is_refused(api: dict[str, Any]) -> None:
    with pytest.raises(TemplateError):
        read_api(api, {})


def test_security_of_the_whole_document_that_no_operation_relies_on_is_ignored() -> None:
    own = secured([{"A": []}], A=scheme())
    own["DefinitionBody"] |= {"security": [{"B": []}]}
    api, _ = read_api(own, {})
    assert [route.authorizer for route in api.routes] == ["A"]


@pytest.mark.parametrize("path", ["/a{b}", "/{a}/{a}", "/{a+}/b", "/{a b}"])
def test_paths_that_aws_does_not_take_are_refused(path: str) -> None:
    document = {"openapi": "3.0.1", "paths": {path: {"get": {"x-amazon-apigateway-integration": PROXY}}}}
    with pytest.raises(TemplateError):
        read_api({"DefinitionBody": document}, {})


def test_two_routes_that_are_one_are_refused() -> None:
    with pytest.raises(TemplateError, match="are one route"):
        read_api({}, events("GET /a/{x}", "GET /a/{y}"))


@pytest.mark.parametrize(
    ("authorizer", "named"),
    [
        ({"AuthorizerPayloadFormatVersion": "3.0"}, "AuthorizerPayloadFormatVersion"),
        ({"Identity": {"Headers": ["a b"]}}, "Identity"),
        ({"Identity": {"Headers": ["a"], "ReauthorizeEvery": 3601}}, "Identity.ReauthorizeEvery"),
        ({"Identity": {"Headers": ["a"], "ReauthorizeEvery": 0.5}}, "Identity.ReauthorizeEvery"),
    ],
)
def test_what_aws_does_not_take_of_a_lambda_authorizer_is_refused_by_name(
    authorizer: dict[str, Any], named: str
) -> None:
    mine = {"FunctionArn": "arn:x", "AuthorizerPayloadFormatVersion": "2.0", **authorizer}
    auth = {"Authorizers": {"Mine": mine}, "DefaultAuthorizer": "Mine"}
    with pytest.raises(
        TemplateError, match=rf"^template\.yaml: HelloApi\.Auth\.Authorizers\.Mine\.{named}: "
    ):
        read_api({"Auth": auth}, events("GET /hello"))


def test_an_authorizer_that_no_route_asks_for_decides_nothing() -> None:
    function = {"FunctionArn": "arn:x", "AuthorizerPayloadFormatVersion": "2.0"}
    api, _ = read_api({"Auth": {"Authorizers": {"Mine": function}}}, events("GET /hello"))
    assert [route.authorizer for route in api.http_routes] == [None]


def test_settings_of_routes_are_read() -> None:
    settings = {"ThrottlingBurstLimit": 5, "DetailedMetricsEnabled": True}
    api, not_run = read_api(
        {"DefaultRouteSettings": {"ThrottlingRateLimit": 2}, "StageVariables": {"a": 1}},
        {"Get": event("GET /hello", RouteSettings=settings)},
    )
    throttle = api.throttles[("GET", "/hello")]
    assert throttle is not None
    assert (throttle.rate, throttle.burst) == (2.0, 5)
    assert api.stage_variables == {"a": "1"}
    assert "CloudWatch" in str(not_run[0])


def test_a_disabled_endpoint_is_told() -> None:
    _, not_run = read_api({"DisableExecuteApiEndpoint": True}, events("GET /hello"))
    assert "custom domains are not served" in str(not_run[0])


@pytest.mark.parametrize("properties", [{"PayloadFormatVersion": "3.0"}, {"TimeoutInMillis": 99999}])
def test_values_that_aws_does_not_take_are_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(TemplateError):
        read_api({}, events("GET /hello", **properties))


def test_cors_that_sam_does_not_write_as_a_mapping_is_told() -> None:
    """SAM writes `AllowOrigins: !Ref Origins` in the place of the whole configuration."""
    cors: Any = {"x-amazon-apigateway-cors": ["https://app.example"]}
    api, not_run = read_api(body(**cors), {})
    assert api.cors is None
    assert "write the origins as a list" in str(not_run[0])


@pytest.mark.parametrize("base_path", ["prepend", "split", UNKNOWN])
def test_a_base_path_that_is_not_ignored_is_refused(base_path: str) -> None:
    document = {"openapi": "3.0.1", "paths": {"/": {"get": {}}}}

    def read(value: str) -> HttpApi:
        api = {"Body": document, "BasePath": value}
        return read_http_api(
            file="t", logical_id="Api", api_properties=api, stage_properties={}, api_id="api"
        )[0]

    assert [route.path for route in read("ignore").routes] == ["/"]
    with pytest.raises(TemplateError, match=r"Api\.BasePath: only `ignore` is served here"):
        read(base_path)
