"""An authorizer's function that API Gateway may not invoke on AWS is told at start."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.memory_deployment import deploy

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Mine
        Authorizers:
          Mine:
            FunctionArn: !GetAtt Decide.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            # more
  Decide:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): return {}"
      Events:
        Hello: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /hello, Method: GET}}
"""
PERMISSION = """
  Allowed:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Decide
      Principal: apigateway.amazonaws.com
"""
SOURCE = "      SourceArn: !Sub arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/"
TOLD = "Api.Auth.Authorizers.Mine (AWS::Serverless::HttpApi): AWS answers 500 to every call"


def told(folder: Path, text: str) -> list[str]:
    return [str(item) for item in deploy(folder, text).not_run if str(item).startswith(TOLD)]


@pytest.mark.parametrize(
    "more", ["", PERMISSION + SOURCE + "*/GET/hello", PERMISSION.replace("apigateway", "s3")]
)
def test_another_permission_is_none_for_the_authorizer(tmp_path: Path, more: str) -> None:
    assert len(told(tmp_path, TEMPLATE + more)) == 1


@pytest.mark.parametrize(
    "text",
    [
        TEMPLATE.replace("# more", "EnableFunctionDefaultPermissions: true"),
        TEMPLATE.replace("# more", "FunctionInvokeRole: arn:aws:iam::123456789012:role/Invoke"),
        TEMPLATE + PERMISSION,
        TEMPLATE + PERMISSION + SOURCE + "authorizers/x1y2z3",
        TEMPLATE + PERMISSION + SOURCE + "*",
    ],
    ids=["default permissions", "role", "permission", "permission of the authorizer", "of the API"],
)
def test_what_lets_api_gateway_invoke_it_is_enough(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text) == []
