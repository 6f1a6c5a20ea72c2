"""A small app for tests of the process: a user pool, and a function that reveals its environment."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import requests

from tests.http_session import new_http_session
from tests.stage_process import StageProcess

REGION: Final = "ap-northeast-1"
PASSWORD: Final = "Correct-Horse-7"

TEMPLATE: Final = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  StageName: {Type: String, Default: dev}
Globals:
  Function: {Runtime: python3.13, CodeUri: code, Timeout: 29}
Resources:
  UserPool:
    Type: AWS::Cognito::UserPool
    Properties:
      Policies: {PasswordPolicy: {MinimumLength: 8}}
  UserPoolClient:
    Type: AWS::Cognito::UserPoolClient
    Properties:
      UserPoolId: !Ref UserPool
      ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH, ALLOW_REFRESH_TOKEN_AUTH]
  HelloApi:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref StageName
      OpenApiVersion: 3.0.3
      TracingEnabled: true
      Auth:
        DefaultAuthorizer: PoolAuthorizer
        Authorizers: {PoolAuthorizer: {UserPoolArn: !GetAtt UserPool.Arn}}
  RevealingFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.reveal
      Environment: {Variables: {LEVEL: INFO}}
      Events:
        Hello: {Type: Api, Properties: {RestApiId: !Ref HelloApi, Path: /hello, Method: get}}
        Open:
          Type: Api
          Properties: {RestApiId: !Ref HelloApi, Path: /open, Method: get, Auth: {Authorizer: NONE}}
        Machine:
          Type: Api
          Properties:
            RestApiId: !Ref HelloApi
            Path: /machine
            Method: get
            Auth: {Authorizer: PoolAuthorizer, AuthorizationScopes: [hello/read, hello/write]}
  SlowFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.wait
      Events:
        Slow:
          Type: Api
          Properties: {RestApiId: !Ref HelloApi, Path: /slow, Method: get, Auth: {Authorizer: NONE}}
  BrokenFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: broken.handler
      Events:
        Broken:
          Type: Api
          Properties: {RestApiId: !Ref HelloApi, Path: /broken, Method: get, Auth: {Authorizer: NONE}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties: {ComparisonOperator: GreaterThanThreshold, EvaluationPeriods: 1}
Outputs:
  ApiUrl:
    Value: !Sub https://${HelloApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${StageName}
  ApiId:
    Value: !Ref HelloApi
  UserPoolId:
    Value: !Ref UserPool
  UserPoolClientId:
    Value: !Ref UserPoolClient
"""

APP: Final = '''
import json
import os
import time


def reveal(event, context):
    """Answer with the whole environment and who called."""
    authorizer = event["requestContext"].get("authorizer") or {}
    username = authorizer.get("claims", {}).get("cognito:username")
    return {"statusCode": 200, "body": json.dumps({"environment": dict(os.environ), "username": username})}


def wait(event, context):
    """Answer so late that nobody waits for it."""
    print("waiting", flush=True)
    time.sleep(25)
    return {"statusCode": 200}
'''
BROKEN: Final = "import package_that_nobody_has\n"


def write_app(folder: Path, template: str = TEMPLATE, *, broken: str = BROKEN) -> Path:
    """Write the template and the code of its functions, and return the template's path."""
    (folder / "code").mkdir(exist_ok=True)
    (folder / "code" / "app.py").write_text(APP)
    (folder / "code" / "broken.py").write_text(broken)
    (folder / "template.yaml").write_text(template)
    return folder / "template.yaml"


def create_user(stage: StageProcess, username: str) -> None:
    """Create a user who can sign in."""
    cognito = stage.client("cognito-idp")
    user = {"UserPoolId": stage.outputs["UserPoolId"], "Username": username}
    cognito.admin_create_user(**user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)


def sign_in(stage: StageProcess, username: str, kind: str = "IdToken") -> str:
    """Return an ID token of a user, or a token of another kind."""
    answer = stage.client("cognito-idp").initiate_auth(
        ClientId=stage.outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
    )
    return str(answer["AuthenticationResult"][kind])


def get(
    stage: StageProcess, path: str, token: str | None = None, *, host: str | None = None, url: str = ""
) -> requests.Response:
    """Call a path of the stage, or of another URL."""
    headers = {"Authorization": token, "Host": host}
    return new_http_session(stage.api_url).get(
        f"{url or stage.api_url}{path}",
        headers={name: value for name, value in headers.items() if value is not None},
        timeout=35,
    )
