"""A template that is deployed to a stack in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cloudformation.template import read_template
from local_stage.deployment.deployment import Deployer, Deployment
from local_stage.deployment.target import Target
from local_stage.errors import StartError
from tests.unit.memory_stack import MemoryStack

TARGET = Target("hello-api", "ap-northeast-1", "http://127.0.0.1:4566")
ORIGINS = ("http://127.0.0.1:3000", "http://127.0.0.1:3001", "http://127.0.0.1:3002")
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Conditions:
  Never: !Equals [a, b]
Resources:
  Pool:
    Type: AWS::Cognito::UserPool
  Domain:
    Type: AWS::Cognito::UserPoolDomain
    Properties: {UserPoolId: !Ref Pool, Domain: hello}
  Table:
    Type: AWS::DynamoDB::Table
  Alarm:
    Type: AWS::CloudWatch::Alarm
  HelloApi:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      OpenApiVersion: 3.0.3
      Auth:
        DefaultAuthorizer: PoolAuthorizer
        Authorizers: {PoolAuthorizer: {UserPoolArn: !GetAtt Pool.Arn}}
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: code
      Handler: app.handler
      Environment: {Variables: {TABLE: !Ref Table, LEVEL: INFO}}
      Events:
        Get: {Type: Api, Properties: {RestApiId: !Ref HelloApi, Path: /hello, Method: get}}
Outputs:
  ApiUrl:
    Description: The stage
    Value: !Sub https://${HelloApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev
  TokenEndpoint:
    Value: !Sub https://${Domain}.auth.${AWS::Region}.amazoncognito.com/oauth2/token
  PoolId:
    Value: !Ref Pool
  StackId:
    Value: !Ref AWS::StackId
  AlarmName:
    Value: !Ref Alarm
  Unwanted:
    Condition: Never
    Value: x
"""
EVENTS = """\
      Events:
        Get: {Type: Api, Properties: {RestApiId: !Ref HelloApi, Path: /hello, Method: get}}
"""


def build_deployer(
    folder: Path,
    text: str = TEMPLATE,
    stack: MemoryStack | None = None,
    environment: dict[str, dict[str, str]] | None = None,
) -> Deployer:
    (folder / "code").mkdir(exist_ok=True)
    (folder / "template.yaml").write_text(text)
    return Deployer(
        read_template(folder / "template.yaml", {}, TARGET.region),
        TARGET,
        stack or MemoryStack(),
        inline_folder=folder / "inline",
        environment_overrides=environment or {},
    )


def deploy(folder: Path, text: str = TEMPLATE, stack: MemoryStack | None = None) -> Deployment:
    return build_deployer(folder, text, stack).deploy(ORIGINS)


def refusal(folder: Path, text: str) -> str:
    """Return why a template is refused, before anything of it is deployed."""
    stack = MemoryStack()
    with pytest.raises(StartError) as caught:
        build_deployer(folder, text, stack).check()
    assert stack.bodies == []
    return str(caught.value).removeprefix(f"{folder}/template.yaml: ")
