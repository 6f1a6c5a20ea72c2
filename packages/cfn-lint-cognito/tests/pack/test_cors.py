"""What browsers are told before they send a token, and with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pack.found import find_messages, find_paths, read
from tests.pack.sam_api import AUTHORIZERS, ORIGIN, auth, gateway_response, sam_api

API = ("Resources", "Api", "Properties")
CORS = {"AllowOrigin": ORIGIN}


@pytest.mark.parametrize("flag", [None, True, "true"])
def test_the_default_authorizer_on_preflights_is_found(flag: Any) -> None:
    source = sam_api(Auth=auth(AddDefaultAuthorizerToCorsPreflight=flag), Cors=CORS)
    assert len(find_paths("E9532", source)) == 1


@pytest.mark.parametrize("flag", [False, "false", {"Ref": "FromOutside"}])
def test_a_preflight_without_authorizer_is_right(flag: Any) -> None:
    assert find_paths("E9532", sam_api(Auth=auth(AddDefaultAuthorizerToCorsPreflight=flag), Cors=CORS)) == []


def test_an_api_without_cors_has_no_preflights() -> None:
    assert find_paths("E9532", sam_api(Auth=auth(AddDefaultAuthorizerToCorsPreflight=None))) == []


def test_an_api_without_a_default_has_open_preflights() -> None:
    settings = auth(DefaultAuthorizer=None, AddDefaultAuthorizerToCorsPreflight=None)
    assert find_paths("E9532", sam_api(Auth=settings, Cors=CORS)) == []


def test_cors_and_flag_are_judged_within_one_branch() -> None:
    flag = {"Fn::If": ["IsLeft", False, True]}
    cors = {"Fn::If": ["IsLeft", CORS, {"Ref": "AWS::NoValue"}]}
    assert find_paths("E9532", sam_api(Auth=auth(AddDefaultAuthorizerToCorsPreflight=flag), Cors=cors)) == []


def test_the_implicit_apis_preflights_are_looked_at() -> None:
    source = sam_api()
    source["Globals"] = {
        "Api": {"Cors": ORIGIN, "Auth": {"DefaultAuthorizer": "Pool", "Authorizers": AUTHORIZERS}}
    }
    assert find_paths("E9532", source) == [("Globals", "Api", "Auth")]


@pytest.mark.parametrize("given", [{"Auth": {"Authorizer": "Pool"}}, {}])
def test_a_preflight_of_ones_own_behind_the_authorizer_is_found(given: dict[str, Any]) -> None:
    settings = auth(AddDefaultAuthorizerToCorsPreflight=None)
    source = sam_api(Auth=settings, event={"Method": "options", **given})
    assert find_messages("E9532", source) == [
        "A browser sends no token with OPTIONS /me: take the authorizer off it"
    ]


def test_the_flag_spares_a_preflight_of_ones_own() -> None:
    assert find_paths("E9532", sam_api(event={"Method": "OPTIONS"})) == []


def test_a_flag_that_is_false_only_sometimes_does_not_spare_a_preflight() -> None:
    flag = {"Fn::If": ["IsLeft", False, True]}
    source = sam_api(Auth=auth(AddDefaultAuthorizerToCorsPreflight=flag), event={"Method": "OPTIONS"})
    assert len(find_paths("E9532", source)) == 1


def test_default_and_flag_are_judged_within_one_branch() -> None:
    default = {"Fn::If": ["IsLeft", "Pool", {"Ref": "AWS::NoValue"}]}
    flag = {"Fn::If": ["IsLeft", False, True]}
    settings = auth(DefaultAuthorizer=default, AddDefaultAuthorizerToCorsPreflight=flag)
    assert find_paths("E9532", sam_api(Auth=settings, event={"Method": "OPTIONS"})) == []


def test_a_preflight_that_is_a_resource_is_looked_at() -> None:
    source = read(
        """
        Resources:
          Api: {Type: AWS::ApiGateway::RestApi}
          Authorizer:
            Type: AWS::ApiGateway::Authorizer
            Properties: {RestApiId: !Ref Api, Type: COGNITO_USER_POOLS}
          Preflight:
            Type: AWS::ApiGateway::Method
            Properties: {RestApiId: !Ref Api, HttpMethod: OPTIONS, AuthorizationType: COGNITO_USER_POOLS}
        """
    )
    assert find_paths("E9532", source) == [("Resources", "Preflight", "Properties", "AuthorizationType")]


@pytest.mark.parametrize(("of", "found"), [("the document", 0), ("the operation", 1)])
def test_a_preflight_is_judged_by_the_operations_own_security(of: str, found: int) -> None:
    schemes = {"Pool": {"x-amazon-apigateway-authorizer": {"type": "cognito_user_pools"}}}
    security: dict[str, Any] = {"security": [{"Pool": []}]}
    shared, own = (security, {}) if of == "the document" else ({}, security)
    body = {"securityDefinitions": schemes, **shared, "paths": {"/me": {"options": own}}}
    source = {"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}}}}
    assert len(find_paths("E9532", source)) == found


def test_a_preflight_that_an_empty_security_seems_to_open_is_found() -> None:
    """SAM puts the default authorizer on it all the same."""
    definition: dict[str, Any] = {"paths": {"/open": {"options": {"security": []}}}}
    source = sam_api(Auth=auth(AddDefaultAuthorizerToCorsPreflight=None), DefinitionBody=definition)
    assert len(find_paths("E9532", source)) == 1


@pytest.mark.parametrize("origin", [{"AllowOrigin": "'*'"}, {"AllowOrigin": "*"}, {}])
def test_the_wildcard_beside_credentials_is_found(origin: dict[str, str]) -> None:
    assert len(find_paths("E9534", sam_api(Cors={"AllowCredentials": True, **origin}))) == 1


@pytest.mark.parametrize(
    "cors",
    [
        {"AllowCredentials": True, "AllowOrigin": ORIGIN},
        {"AllowCredentials": True, "AllowOrigin": {"Ref": "FromOutside"}},
        {"AllowCredentials": False, "AllowOrigin": "'*'"},
        {"AllowOrigin": "'*'"},
        "'*'",
    ],
)
def test_one_origin_and_no_credentials_are_right(cors: Any) -> None:
    assert find_paths("E9534", sam_api(Cors=cors)) == []


def test_a_wildcard_behind_an_intrinsic_function_is_found() -> None:
    origin = {"Fn::If": ["IsLeft", ORIGIN, "'*'"]}
    path = (*API, "Cors", "AllowOrigin", "Fn::If", 2)
    assert find_paths("E9534", sam_api(Cors={"AllowCredentials": True, "AllowOrigin": origin})) == [path]


def test_origin_and_credentials_are_judged_within_one_branch() -> None:
    cors = {
        "AllowCredentials": {"Fn::If": ["IsLeft", True, False]},
        "AllowOrigin": {"Fn::If": ["IsLeft", ORIGIN, "'*'"]},
    }
    assert find_paths("E9534", sam_api(Cors=cors)) == []


def test_the_headers_of_gateway_responses_are_looked_at() -> None:
    response = gateway_response(Access_Control_Allow_Origin="'*'", Access_Control_Allow_Credentials="'true'")
    assert len(find_paths("E9534", sam_api(GatewayResponses={"UNAUTHORIZED": response}))) == 1


def test_the_headers_of_a_methods_answers_are_looked_at() -> None:
    parameters = {
        "method.response.header.Access-Control-Allow-Origin": "'*'",
        "method.response.header.Access-Control-Allow-Credentials": "'true'",
    }
    integration = {"IntegrationResponses": [{"ResponseParameters": parameters}]}
    method = {"Type": "AWS::ApiGateway::Method", "Properties": {"Integration": integration}}
    assert len(find_paths("E9534", {"Resources": {"Method": method}})) == 1


LISTED = "'https://app.example.com,https://www.example.com'"


@pytest.mark.parametrize("cors", [LISTED, {"AllowOrigin": LISTED}, {"AllowOrigin": {"Fn::Sub": LISTED}}])
def test_a_list_of_origins_is_found(cors: Any) -> None:
    assert len(find_paths("E9537", sam_api(Cors=cors))) == 1


def test_a_list_of_origins_in_a_gateway_response_is_found() -> None:
    responses = {"DEFAULT_4XX": gateway_response(Access_Control_Allow_Origin=LISTED)}
    assert len(find_paths("E9537", sam_api(GatewayResponses=responses))) == 1


@pytest.mark.parametrize("cors", ["'*'", ORIGIN, {"AllowOrigin": ORIGIN, "AllowHeaders": "'a,b'"}])
def test_one_origin_is_right(cors: Any) -> None:
    assert find_paths("E9537", sam_api(Cors=cors)) == []
