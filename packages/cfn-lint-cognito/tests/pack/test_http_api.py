"""Who may call the routes of an HTTP API, and whose tokens its JWT authorizers take."""

from __future__ import annotations

from typing import Any

import pytest

from cfn_lint_cognito.template import Template
from tests.pack.found import RULE_BY_ID, find_paths, read

JWT = {
    "IdentitySource": "$request.header.Authorization",
    "JwtConfiguration": {"issuer": "https://issuer.example", "audience": ["client"]},
}
ROUTE = ("Resources", "Function", "Properties", "Events", "Route", "Properties")
RAW = """
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}
  Authorizer:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties: {ApiId: !Ref Api, AuthorizerType: JWT, JwtConfiguration: {Issuer: x, Audience: [client]}}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: GET /me}
"""


def http_api(*, event: dict[str, Any] | None = None, **auth: Any) -> dict[str, Any]:
    """Return a template with the route `GET /me`; `auth` is the API's, which has a JWT authorizer."""
    route = {"ApiId": {"Ref": "Api"}, "Path": "/me", "Method": "get", **(event or {})}
    api = {"Type": "AWS::Serverless::HttpApi", "Properties": {"Auth": {"Authorizers": {"Pool": JWT}, **auth}}}
    events = {"Route": {"Type": "HttpApi", "Properties": route}}
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Events": events}}
    return {"Resources": {"Api": api, "Function": function}}


def raw_api(**route: Any) -> dict[str, Any]:
    source = read(RAW)
    source["Resources"]["Route"]["Properties"] |= route
    return source


def open_routes(source: dict[str, Any]) -> list[str]:
    return [finding.subject for finding in RULE_BY_ID["E9551"].find(Template.of(source))]


def test_a_route_without_authorizer_is_open() -> None:
    assert open_routes(http_api()) == ["GET /me"]
    assert find_paths("E9551", http_api()) == [ROUTE]


@pytest.mark.parametrize("authorizer", ["Pool", "AWS_IAM", {"Ref": "FromOutside"}])
def test_any_authorizer_covers_a_route(authorizer: Any) -> None:
    assert open_routes(http_api(event={"Auth": {"Authorizer": authorizer}})) == []


def test_the_default_covers_a_route_unless_it_opts_out() -> None:
    assert open_routes(http_api(DefaultAuthorizer="Pool")) == []
    opted_out = http_api(DefaultAuthorizer="Pool", event={"Auth": {"Authorizer": "NONE"}})
    assert find_paths("E9551", opted_out) == [(*ROUTE, "Auth", "Authorizer")]


def test_a_preflight_needs_no_authorizer() -> None:
    assert open_routes(http_api(event={"Method": "OPTIONS"})) == []


def test_an_api_without_authorizers_is_judged_beside_a_pool_alone() -> None:
    source = http_api(Authorizers={})
    assert open_routes(source) == []
    source["Resources"]["Pool"] = {"Type": "AWS::Cognito::UserPool"}
    assert open_routes(source) == ["GET /me"]


def test_the_implicit_api_and_its_default_route_are_judged() -> None:
    source = http_api()
    source["Globals"] = {"HttpApi": source["Resources"].pop("Api")["Properties"]}
    source["Resources"]["Function"]["Properties"]["Events"]["Route"] = {"Type": "HttpApi"}
    assert open_routes(source) == ["$default"]
    source["Globals"]["HttpApi"]["Auth"]["DefaultAuthorizer"] = "Pool"
    assert open_routes(source) == []


@pytest.mark.parametrize(
    ("route", "found"),
    [({}, ["GET /me"]), ({"AuthorizationType": "NONE"}, ["GET /me"]), ({"AuthorizationType": "JWT"}, [])],
)
def test_a_route_of_plain_cloudformation_is_judged(route: dict[str, str], found: list[str]) -> None:
    assert open_routes(raw_api(**route)) == found


def test_a_web_sockets_route_is_none_of_the_rules_business() -> None:
    source = raw_api()
    source["Resources"]["Api"]["Properties"]["ProtocolType"] = "WEBSOCKET"
    assert open_routes(source) == []


@pytest.mark.parametrize("settings", [{"issuer": "x"}, {"issuer": "x", "audience": []}])
def test_a_jwt_authorizer_without_audience_is_found(settings: dict[str, Any]) -> None:
    authorizers = {"Pool": JWT | {"JwtConfiguration": settings}}
    (path,) = find_paths("E9552", http_api(Authorizers=authorizers))
    assert path[:7] == ("Resources", "Api", "Properties", "Auth", "Authorizers", "Pool", "JwtConfiguration")


@pytest.mark.parametrize("settings", [{"Audience": ["a"]}, {"audience": "a"}, {"audience": [{"Ref": "A"}]}])
def test_an_audience_is_one_however_it_is_written(settings: dict[str, Any]) -> None:
    assert find_paths("E9552", http_api(Authorizers={"Pool": {"JwtConfiguration": settings}})) == []


def test_an_authorizer_of_plain_cloudformation_needs_an_audience_too() -> None:
    source = raw_api()
    assert find_paths("E9552", source) == []
    del source["Resources"]["Authorizer"]["Properties"]["JwtConfiguration"]["Audience"]
    assert len(find_paths("E9552", source)) == 1
    source["Resources"]["Authorizer"]["Properties"]["AuthorizerType"] = "REQUEST"
    assert find_paths("E9552", source) == []
