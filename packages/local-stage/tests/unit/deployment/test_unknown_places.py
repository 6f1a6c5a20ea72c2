"""Resources of an API of which it is not known where, or whether, they are in it open nothing."""

from __future__ import annotations

from pathlib import Path

from local_stage.api_gateway.http.http_api import HttpApi
from tests.unit.memory_deployment import deploy

DECLARED = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  PoolId: {Type: String}
  Kind: {Type: String, AllowedValues: [small, large]}
Conditions:
  IsLarge: !Equals [!Ref Kind, large]
"""

HTTP = """
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Function:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, CodeUri: code, Handler: app.handler}
  Quick:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: quick, ProtocolType: HTTP, Target: !GetAtt Function.Arn}
  Overrides:
    Type: AWS::ApiGatewayV2::ApiGatewayManagedOverrides
    Properties: {ApiId: !If [IsLarge, !Ref Quick, other], Route: {AuthorizationType: AWS_IAM}}
  Stored:
    Type: AWS::ApiGatewayV2::Api
    Properties: {BodyS3Location: {Bucket: b, Key: api.yaml}}
  StoredStage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Stored, StageName: $default, AutoDeploy: true}
  StoredRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Stored, RouteKey: $default}
  Keyed:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: keyed, ProtocolType: HTTP}
  KeyedStage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Keyed, StageName: $default, AutoDeploy: true}
  KeyedRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Keyed, RouteKey: !Sub 'GET /${PoolId}', AuthorizationType: AWS_IAM}
  RestRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Keyed, RouteKey: $default}
  PlainRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Keyed, RouteKey: GET /plain}
  MaybeRoute:
    Type: AWS::ApiGatewayV2::Route
    Condition: IsLarge
    Properties: {ApiId: !Ref Keyed, RouteKey: GET /maybe}
"""


def test_an_http_api_with_unknown_places_starts_and_opens_nothing(tmp_path: Path) -> None:
    found = {
        api.logical_id: api for api in deploy(tmp_path, DECLARED + HTTP).apis if isinstance(api, HttpApi)
    }
    assert {name: [route.key for route in api.http_routes] for name, api in found.items()} == {
        "Quick": ["$default"],
        "Stored": ["$default"],
        "Keyed": ["$default", "GET /plain", "GET /maybe"],
    }
    opened = {route.key for api in found.values() for route in api.http_routes if route.authorizer is None}
    assert opened == {"GET /plain"}


REST = """
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: own}}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, StageName: dev, DeploymentId: x}
  Greedy:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: '{proxy+}'}
  Where:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: !Ref Kind}
  GreedyGet:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, ResourceId: !Ref Greedy, HttpMethod: GET, AuthorizationType: NONE}
  WhereGet:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, ResourceId: !Ref Where, HttpMethod: GET, AuthorizationType: AWS_IAM}
  MaybeGet:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !If [IsLarge, !Ref Api, other]
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: AWS_IAM
  RootPut:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: PUT
      AuthorizationType: NONE
"""


def test_a_rest_api_with_unknown_places_starts_and_opens_nothing(tmp_path: Path) -> None:
    (rest_api,) = deploy(tmp_path, DECLARED + REST).rest_apis
    found = {f"{route.http_method} {route.path}": route.authorizer for route in rest_api.routes}
    assert found == {"GET /{proxy+}": "GET /{proxy+}", "GET /": "GET /", "PUT /": None}
