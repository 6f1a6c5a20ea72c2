"""API Gateway's own refusals, as a page in a browser sees them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pack.found import find_messages, find_paths, read
from tests.pack.sam_api import ORIGIN, auth, gateway_response, sam_api

CORS = {"AllowOrigin": ORIGIN}
READABLE = gateway_response(Access_Control_Allow_Origin=ORIGIN)
HIDDEN = gateway_response(X_Reason="'none'")

RESOURCES = """
Resources:
  Api: {Type: AWS::ApiGateway::RestApi}
  Authorizer:
    Type: AWS::ApiGateway::Authorizer
    Properties: {RestApiId: !Ref Api, Type: COGNITO_USER_POOLS}
  Preflight:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, HttpMethod: OPTIONS, AuthorizationType: NONE}
"""


def with_resource(kind: str, header: str) -> dict[str, Any]:
    source = read(RESOURCES)
    properties = {
        "RestApiId": {"Ref": "Api"},
        "ResponseType": kind,
        "ResponseParameters": {f"gatewayresponse.header.{header}": ORIGIN},
    }
    source["Resources"]["Refusal"] = {"Type": "AWS::ApiGateway::GatewayResponse", "Properties": properties}
    return source


def hidden_types(responses: dict[str, Any]) -> str:
    (message,) = find_messages("W9533", sam_api(Cors=CORS, GatewayResponses=responses))
    return message.split("gateway responses ")[1].split(" (")[0]


def test_an_api_that_sets_no_header_hides_both_refusals() -> None:
    assert hidden_types({}) == "UNAUTHORIZED, ACCESS_DENIED"


def test_the_finding_is_at_cors() -> None:
    assert find_paths("W9533", sam_api(Cors=CORS)) == [("Resources", "Api", "Properties", "Cors")]


@pytest.mark.parametrize(
    "responses",
    [
        {"DEFAULT_4XX": READABLE},
        {"UNAUTHORIZED": READABLE, "ACCESS_DENIED": READABLE},
        {"DEFAULT_4XX": READABLE, "UNAUTHORIZED": READABLE},
        {"Ref": "FromOutside"},
        {"Fn::If": ["IsLeft", {}, {"Ref": "FromOutside"}]},
        {"UNAUTHORIZED": {"ResponseParameters": {"Ref": "FromOutside"}}},
        {"UNAUTHORIZED": {"ResponseParameters": {"Headers": {"Ref": "FromOutside"}}}},
    ],
)
def test_refusals_with_the_header_or_with_unknown_ones_are_right(responses: dict[str, Any]) -> None:
    assert find_paths("W9533", sam_api(Cors=CORS, GatewayResponses=responses)) == []


def test_headers_go_by_any_case() -> None:
    responses = {"DEFAULT_4XX": gateway_response(access_control_allow_origin=ORIGIN)}
    assert find_paths("W9533", sam_api(Cors=CORS, GatewayResponses=responses)) == []


def test_a_type_of_its_own_loses_the_defaults_headers() -> None:
    assert hidden_types({"DEFAULT_4XX": READABLE, "UNAUTHORIZED": HIDDEN}) == "UNAUTHORIZED"


def test_every_refusal_that_is_defined_is_looked_at() -> None:
    responses = {
        "DEFAULT_4XX": READABLE,
        "WAF_FILTERED": HIDDEN,
        "EXPIRED_TOKEN": HIDDEN,
        "THROTTLED": HIDDEN,
    }
    assert hidden_types(responses) == "EXPIRED_TOKEN, WAF_FILTERED"


def test_an_api_without_cors_is_not_for_browsers() -> None:
    assert find_paths("W9533", sam_api()) == []


def test_an_api_whose_methods_are_all_open_refuses_no_page() -> None:
    assert find_paths("W9533", sam_api(Cors=CORS, Auth=auth(DefaultAuthorizer=None))) == []


def test_an_api_with_a_preflight_of_its_own_is_for_browsers() -> None:
    assert len(find_paths("W9533", read(RESOURCES))) == 1


def test_a_gateway_response_that_is_a_resource_counts() -> None:
    assert find_paths("W9533", with_resource("DEFAULT_4XX", "Access-Control-Allow-Origin")) == []


def test_a_resource_without_the_header_does_not_help() -> None:
    assert len(find_paths("W9533", with_resource("DEFAULT_4XX", "X-Reason"))) == 1


def test_a_gateway_response_of_the_definition_counts() -> None:
    parameters = {"gatewayresponse.header.Access-Control-Allow-Origin": ORIGIN}
    definition = {
        "x-amazon-apigateway-gateway-responses": {"DEFAULT_4XX": {"responseParameters": parameters}}
    }
    assert find_paths("W9533", sam_api(Cors=CORS, DefinitionBody=definition)) == []
