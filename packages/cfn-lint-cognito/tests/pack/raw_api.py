"""Templates with an API that SAM does not write: of single resources, and of an OpenAPI definition."""

from __future__ import annotations

from typing import Any

from tests.pack.found import read

RESOURCES = """
Resources:
  Api: {Type: AWS::ApiGateway::RestApi}
  Authorizer:
    Type: AWS::ApiGateway::Authorizer
    Properties: {RestApiId: !Ref Api, Type: COGNITO_USER_POOLS}
  Method:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, HttpMethod: GET, AuthorizationType: NONE}
"""

OPENAPI = """
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        components:
          securitySchemes:
            Pool: {type: apiKey, x-amazon-apigateway-authtype: cognito_user_pools}
        paths:
          /me:
            parameters: []
            get: {}
"""


def method(**properties: Any) -> dict[str, Any]:
    source = read(RESOURCES)
    source["Resources"]["Method"]["Properties"] |= properties
    return source


def openapi(operation: dict[str, Any], **body: Any) -> dict[str, Any]:
    source = read(OPENAPI)
    definition = source["Resources"]["Api"]["Properties"]["Body"]
    definition["paths"]["/me"]["get"] = operation
    definition |= body
    return source
