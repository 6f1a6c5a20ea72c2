"""A template with several APIs, stages and pools, and a stage that serves it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import requests

from local_stage.cli import main
from tests.stage_process import StageProcess

PASSWORD: Final = "Correct-Horse-7"
POOLS: Final = """\
  CustomersPool: {Type: AWS::Cognito::UserPool}
  CustomersClient:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref CustomersPool, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]}
  StaffPool: {Type: AWS::Cognito::UserPool}
  StaffClient:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref StaffPool, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]}
"""
FUNCTION: Final = """\
  SharedFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        import os
        def handler(event, context):
            told = {key: event["requestContext"][key] for key in ("apiId", "stage", "path")}
            return {"statusCode": 200, "body": json.dumps({**told, "pid": os.getpid()})}
"""
TEMPLATE: Final = f"""\
Transform: AWS::Serverless-2016-10-31
Globals:
  Api:
    Auth:
      DefaultAuthorizer: Pool
      Authorizers: {{Pool: {{UserPoolArn: !GetAtt CustomersPool.Arn}}}}
Resources:
{POOLS}
  StaffApi:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      Auth: {{Authorizers: {{Pool: {{UserPoolArn: !GetAtt StaffPool.Arn}}}}}}
{FUNCTION}
      Events:
        Staff: {{Type: Api, Properties: {{RestApiId: !Ref StaffApi, Path: /orders, Method: get}}}}
        Only: {{Type: Api, Properties: {{RestApiId: !Ref StaffApi, Path: /staff, Method: get}}}}
        Customers: {{Type: Api, Properties: {{Path: /orders, Method: get}}}}
  RawApi:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: raw
      Body:
        swagger: "2.0"
        securityDefinitions:
          Pool:
            type: apiKey
            name: X-Token
            in: header
            x-amazon-apigateway-authtype: cognito_user_pools
            x-amazon-apigateway-authorizer:
              {{type: cognito_user_pools, providerARNs: [!GetAtt StaffPool.Arn]}}
        paths:
          /orders:
            get:
              security: [{{Pool: []}}]
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                uri: !Sub
                  - arn:aws:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{Arn}}/invocations
                  - {{Arn: !GetAtt SharedFunction.Arn}}
          /elsewhere:
            get:
              security: [{{Pool: []}}]
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                uri: !Sub
                  - arn:aws:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{Arn}}/invocations
                  - {{Arn: "arn:aws:lambda:eu-west-1:210987654321:function:elsewhere"}}
  RawDeployment: {{Type: AWS::ApiGateway::Deployment, Properties: {{RestApiId: !Ref RawApi}}}}
  BlueStage:
    Type: AWS::ApiGateway::Stage
    Properties: {{RestApiId: !Ref RawApi, DeploymentId: !Ref RawDeployment, StageName: blue}}
  GreenStage:
    Type: AWS::ApiGateway::Stage
    Properties: {{RestApiId: !Ref RawApi, DeploymentId: !Ref RawDeployment, StageName: green}}
Outputs:
  StaffUrl: {{Value: !Sub "https://${{StaffApi}}.execute-api.${{AWS::Region}}.amazonaws.com/v1/orders"}}
  CustomersUrl:
    Value: !Sub "https://${{ServerlessRestApi}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/Prod/orders"
  BlueUrl: {{Value: !Sub "https://${{RawApi}}.execute-api.${{AWS::Region}}.amazonaws.com/blue/orders"}}
  GreenUrl: {{Value: !Sub "https://${{RawApi}}.execute-api.${{AWS::Region}}.amazonaws.com/green/orders"}}
"""
APIS: Final = {
    "StaffApi": ("StaffUrl", "v1", "Staff"),
    "RawApi/blue": ("BlueUrl", "blue", "Staff"),
    "RawApi/green": ("GreenUrl", "green", "Staff"),
    "ServerlessRestApi": ("CustomersUrl", "Prod", "Customers"),
}
"""Output with the URL, stage and pool of each API, in the order in which they are served."""


class Served:
    """The stage, and a token of each of its pools."""

    def __init__(self, stage: StageProcess, template: Path) -> None:
        self.stage = stage
        self.template = template
        self.tokens = {pool: self._sign_in(pool) for pool in ("Customers", "Staff")}

    def _sign_in(self, pool: str) -> str:
        cognito = self.stage.client("cognito-idp")
        stack = self.stage.client("cloudformation")
        found = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in stack.describe_stack_resources(StackName="hello-api")["StackResources"]
        }
        user = {"UserPoolId": found[f"{pool}Pool"], "Username": "alice"}
        cognito.admin_create_user(**user, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        result = cognito.initiate_auth(
            ClientId=found[f"{pool}Client"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "alice", "PASSWORD": PASSWORD},
        )
        return str(result["AuthenticationResult"]["IdToken"])

    def call(self, url: str, token: str | None = None) -> requests.Response:
        header = "X-Token" if "/blue/" in url or "/green/" in url else "Authorization"
        return requests.get(url, headers={} if token is None else {header: token}, timeout=30)

    def run(self, command: str, *arguments: str) -> int:
        return main([command, *arguments, "--state-folder", str(self.stage.state_folder)])
