"""What is not known here closes what it decides, and everything else reads a placeholder."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.authorizers.registry import AuthorizerDefinition, build_authorizers
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.cloudformation.unknown import Unknown
from local_stage.deployment.deployment import Deployment
from local_stage.serving.user_pools import find_outside_pools
from tests.key_server import KeyServer
from tests.tokens import POOL_ARN, TokenSigner
from tests.unit.memory_deployment import TEMPLATE, deploy, refusal

DECLARED = """
Parameters:
  PoolArn: {Type: String}
  PoolId: {Type: String}
  TableName: {Type: String}
  Kind: {Type: String, AllowedValues: [small, large]}
  Origin: {Type: AWS::SSM::Parameter::Value<String>, Default: /hello/origin}
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
Conditions:
  IsLarge: !Equals [!Ref Kind, large]
"""
ARN = "!GetAtt Pool.Arn"
TABLE = "!Ref Table"


def deploy_with(folder: Path, old: str, new: str) -> Deployment:
    assert old in TEMPLATE
    text = TEMPLATE.replace(old, new, 1).replace("\nConditions:\n", DECLARED)
    return deploy(folder, text)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("!Ref PoolArn", "<Parameters.PoolArn: has no default"),
        ("!Sub 'arn:aws:cognito-idp:${AWS::Region}:123456789012:userpool/${PoolId}'", "<Parameters.PoolId"),
        ("!ImportValue pool-arn", "<Fn::ImportValue.pool-arn: is not known; pass --import-value pool-arn="),
        (
            "'{{resolve:ssm:/pool/arn}}'",
            "<{{resolve}}.ssm:/pool/arn: is not known; pass --import-value /pool",
        ),
        ("!If [IsLarge, !GetAtt Pool.Arn, !Ref PoolArn]", "<Parameters.Kind: has no default"),
        ("!GetAtt Alarm.Arn", "<Alarm: it is not run locally>"),
    ],
)
def test_a_pool_that_is_not_known_is_no_pool_at_all(tmp_path: Path, value: str, reason: str) -> None:
    deployment = deploy_with(tmp_path, ARN, value)
    (authorizer,) = deployment.rest_apis[0].cognito_authorizers
    (arn,) = authorizer.user_pool_arns
    assert arn.startswith(reason)
    assert [route.authorizer for route in deployment.rest_apis[0].routes] == ["PoolAuthorizer"]


@pytest.mark.parametrize(
    "part",
    [
        "Identity: {Header: !Ref PoolId}",
        "Identity: {ValidationExpression: !Ref PoolId}",
    ],
)
def test_an_authorizer_of_which_anything_is_not_known_has_no_pool(tmp_path: Path, part: str) -> None:
    deployment = deploy_with(tmp_path, ARN, f"{ARN}, {part}")
    (authorizer,) = deployment.rest_apis[0].cognito_authorizers
    (arn,) = authorizer.user_pool_arns
    assert arn.startswith("<Parameters.PoolId")
    assert_stays_closed(deployment, "PoolAuthorizer")


def assert_stays_closed(deployment: Deployment, name: str) -> None:
    """No pool that is named at start, or stands in for another, lets anybody in."""
    (settings,) = (one for one in deployment.rest_apis[0].cognito_authorizers if one.name == name)
    signer = TokenSigner()
    stand_ins = dict.fromkeys(settings.user_pool_arns, POOL_ARN)
    for named, standing_in in ((POOL_ARN, {}), (None, stand_ins)):
        definition = AuthorizerDefinition.of(
            settings, local_arns=set(), user_pool_arn=named, stand_ins=standing_in
        )
        built = build_authorizers([definition], "http://127.0.0.1:1", KeyServer(signer.jwks()), signer.clock)
        headers = (("Authorization", signer.id_token()),)
        asked = AuthorizationRequest(HttpRequest("GET", "/dev/hello", headers=headers))
        with pytest.raises(GatewayError) as caught:
            asyncio.run(asyncio.run(built)[name].authorize(asked))
        assert caught.value.status == 401
    assert not set(settings.user_pool_arns) & set(find_outside_pools(deployment))


def test_scopes_that_are_not_known_close_the_route(tmp_path: Path) -> None:
    deployment = deploy_with(
        tmp_path,
        "Method: get",
        "Method: get, Auth: {Authorizer: PoolAuthorizer, AuthorizationScopes: [!Ref PoolId]}",
    )
    (route,) = deployment.rest_apis[0].routes
    assert route.authorizer is not None
    (arn,) = {
        arn
        for authorizer in deployment.rest_apis[0].cognito_authorizers
        if authorizer.name == route.authorizer
        for arn in authorizer.user_pool_arns
    }
    assert arn.startswith("<Parameters.PoolId")
    assert_stays_closed(deployment, route.authorizer)


HTTP_API = """
Transform: AWS::Serverless-2016-10-31
Conditions:
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Jwt
        Authorizers:
          Jwt:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: https://idp.example/, audience: [client]}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: code
      Handler: app.handler
      Events: {Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /hello, Method: get}}}
"""
ISSUER = "issuer: https://idp.example/"
CLIENT = "audience: [client]"
SOURCE = "IdentitySource: $request.header.Authorization"


@pytest.mark.parametrize(
    ("changes", "outside"),
    [
        ({}, ["https://idp.example/"]),
        ({ISSUER: "issuer: !Ref PoolArn"}, ["<Parameters.PoolArn: has no default"]),
        (
            {ISSUER: "issuer: !Ref PoolArn", CLIENT: "audience: [!Ref PoolId]"},
            ["<Parameters.PoolArn: has no default"],
        ),
        ({CLIENT: "audience: [!Ref PoolId]"}, []),
        ({ISSUER: "issuer: !Ref PoolArn", SOURCE: "IdentitySource: !Ref PoolId"}, []),
        (
            {"Method: get": "Method: get, Auth: {AuthorizationScopes: [!Ref PoolId]}"},
            ["https://idp.example/"],
        ),
    ],
)
def test_a_pool_stands_in_for_an_issuer_that_is_not_known_and_for_nothing_else(
    tmp_path: Path, changes: dict[str, str], outside: list[str]
) -> None:
    text = HTTP_API
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    deployment = deploy(tmp_path, text.replace("\nConditions:\n", DECLARED))
    (api,) = deployment.apis
    assert isinstance(api, HttpApi)
    (route,) = api.http_routes
    (settings,) = (one for one in api.jwt_authorizers if one.name == route.authorizer)
    found = find_outside_pools(deployment)
    assert len(found) == len(outside)
    assert all(one.startswith(start) for one, start in zip(found, outside, strict=True))
    is_open = bool(outside) and "Method: get" not in changes
    assert (settings.closed_because is None) is is_open


def test_a_path_that_may_not_be_there_is_refused_with_the_reason(tmp_path: Path) -> None:
    text = TEMPLATE.replace("  HelloFunction:\n", "  HelloFunction:\n    Condition: IsLarge\n")
    why = refusal(tmp_path, text.replace("\nConditions:\n", DECLARED))
    assert "what is not known: Parameters.Kind: has no default" in why


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("!Ref TableName", "unknown-tablename"),
        ("!Ref Kind", "small"),
        ("!Ref Origin", "unknown-origin"),
        ("!Join [',', !Ref Subnets]", "unknown-subnets"),
        ("!If [IsLarge, one, two]", "two"),
        ("!Ref Alarm", "unknown-alarm"),
        ("!ImportValue table", "unknown-table"),
    ],
)
def test_a_function_reads_a_placeholder_of_what_is_not_known(tmp_path: Path, value: str, text: str) -> None:
    deployment = deploy_with(tmp_path, TABLE, value)
    (function,) = deployment.functions.values()
    assert function.environment["TABLE"] == text
    told = {(item.resource, item.property_path) for item in deployment.not_run}
    unknown = function.environment["TABLE"]
    assert not isinstance(unknown, Unknown) or (unknown.source.resource, unknown.source.property_path) in told


def test_a_lambda_authorizer_of_which_anything_is_not_known_has_no_function(tmp_path: Path) -> None:
    deployment = deploy_with(tmp_path, "{UserPoolArn: " + ARN, "{FunctionArn: !Ref PoolId")
    (authorizer,) = deployment.rest_apis[0].lambda_authorizers
    assert authorizer.function_arn.startswith("<Parameters.PoolId")
    assert authorizer.function_arn not in deployment.functions
