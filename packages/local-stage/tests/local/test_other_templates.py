"""One template with what other people's templates have: it starts unmodified, and every route is enforced."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.local.revealing_app import PASSWORD, create_user, get, sign_in
from tests.stage_process import StageProcess, running_stage

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  TableName: {Type: String}
  ElsewherePoolArn: {Type: String}
  Stage: {Type: String, AllowedValues: [dev, prod]}
  Origin: {Type: "AWS::SSM::Parameter::Value<String>", Default: /other/origin}
Resources:
  Pool:
    Type: AWS::Cognito::UserPool
    Properties: {LambdaConfig: {PreTokenGeneration: !GetAtt OpenFunction.Arn}}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Pool, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]}
  GuardedPool:
    Type: AWS::Cognito::UserPool
    Properties: {LambdaConfig: {PreAuthentication: !GetAtt OpenFunction.Arn}}
  GuardedClient:
    Type: AWS::Cognito::UserPoolClient
    Properties:
      UserPoolId: !Ref GuardedPool
      ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH, ALLOW_ADMIN_USER_PASSWORD_AUTH, ALLOW_USER_SRP_AUTH]
  ElsewhereClient:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !ImportValue other-pool}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        LambdaConfigurations: [{Event: "s3:ObjectCreated:*", Function: !GetAtt OpenFunction.Arn}]
  Key:
    Type: AWS::SSM::Parameter
    DependsOn: Alarm
    Properties: {Type: String, Name: /other/api, Value: !Sub "${Api} ${Alarm}"}
  Copy:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Name: /other/copy, Value: !GetAtt Pool.NewAttribute}
  Alarm: {Type: AWS::CloudWatch::Alarm}
  Custom: {Type: Custom::Thing, Properties: {ServiceToken: !ImportValue token}}
  Nested:
    Type: AWS::Serverless::Application
    Properties: {Location: nested.yaml}
  UnusedAuthorizer:
    Type: AWS::ApiGateway::Authorizer
    Properties: {Name: Unused, Type: TOKEN, RestApiId: !Ref Api, AuthorizerUri: !Ref Nowhere}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref Stage
      Auth:
        DefaultAuthorizer: Own
        Authorizers:
          Own: {UserPoolArn: !GetAtt Pool.Arn}
          Elsewhere: {UserPoolArn: !Ref ElsewherePoolArn}
  ReadingFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Layers: ["arn:aws:lambda:ap-northeast-1:580247275435:layer:LambdaInsightsExtension:2"]
      InlineCode: |
        import json, os
        def handler(event, context):
            names = ("TABLE", "ALARM", "CUSTOM", "NESTED", "ORIGIN", "SECRET", "BUCKET")
            return {"statusCode": 200, "body": json.dumps({name: os.environ[name] for name in names})}
      Environment:
        Variables:
          TABLE: !Ref TableName
          ALARM: !GetAtt Alarm.Arn
          CUSTOM: !GetAtt Custom.Value
          NESTED: !GetAtt Nested.Outputs.Url
          ORIGIN: !Ref Origin
          SECRET: "{{resolve:secretsmanager:other:SecretString:key}}"
          BUCKET: !Ref Bucket
      Events:
        Read: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /read, Method: get}}
        Elsewhere:
          Type: Api
          Properties: {RestApiId: !Ref Api, Path: /elsewhere, Method: get, Auth: {Authorizer: Elsewhere}}
  OpenFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      CodeUri: not-built/
      Events:
        Open:
          Type: Api
          Properties: {RestApiId: !Ref Api, Path: /open, Method: get, Auth: {Authorizer: NONE}}
        Built: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /built, Method: get}}
Outputs:
  UserPoolId: {Value: !Ref Pool}
  UserPoolClientId: {Value: !Ref Client}
  GuardedPoolId: {Value: !Ref GuardedPool}
  GuardedClientId: {Value: !Ref GuardedClient}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("other")
    (folder / "template.yaml").write_text(TEMPLATE.replace("!Ref Nowhere", "arn:aws:x"))
    options = ("--template", str(folder / "template.yaml"), "--import-value", "other=s3cret")
    with running_stage(folder, *options) as running:
        yield running


@pytest.fixture(scope="module")
def token(stage: StageProcess) -> str:
    create_user(stage, "alice")
    return sign_in(stage, "alice")


@pytest.mark.parametrize("path", ["/read", "/elsewhere", "/built"])
def test_nobody_calls_without_a_token(stage: StageProcess, path: str) -> None:
    refused = get(stage, path)
    assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})


def test_a_function_reads_placeholders_of_what_is_not_here(stage: StageProcess, token: str) -> None:
    answer = get(stage, "/read", token)
    assert answer.status_code == 200
    bucket = answer.json().pop("BUCKET")
    assert stage.client("s3").head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer.json() == {
        "TABLE": "unknown-tablename",
        "ALARM": "unknown-alarm-arn",
        "CUSTOM": "unknown-custom-value",
        "NESTED": "unknown-nested-outputs-url",
        "ORIGIN": "unknown-origin",
        "SECRET": "s3cret",
        "BUCKET": bucket,
    }


def test_a_route_whose_pool_is_not_known_lets_nobody_in(stage: StageProcess, token: str) -> None:
    assert get(stage, "/elsewhere", token).status_code == 401
    assert "ElsewherePoolArn" in stage.printed.partition("Not run locally")[0]


@pytest.mark.parametrize("path", ["/open", "/built"])
def test_a_function_whose_code_is_not_here_fails(stage: StageProcess, token: str, path: str) -> None:
    assert get(stage, path, None if path == "/open" else token).status_code == 502


def test_nobody_signs_in_where_a_trigger_could_refuse_it(stage: StageProcess) -> None:
    pool, client = stage.outputs["GuardedPoolId"], stage.outputs["GuardedClientId"]
    cognito = stage.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool, Username="bob", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="bob", Password=PASSWORD, Permanent=True)
    parameters = {"USERNAME": "bob", "PASSWORD": PASSWORD}
    with pytest.raises(ClientError, match="not enabled"):
        cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    with pytest.raises(ClientError, match="not enabled"):
        cognito.admin_initiate_auth(
            UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=parameters
        )
    with pytest.raises(ClientError, match="not enabled"):
        cognito.initiate_auth(
            ClientId=client, AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": "bob", "SRP_A": "a"}
        )
    with pytest.raises(ClientError):
        cognito.initiate_auth(ClientId=client, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": "bob"})


def test_what_the_local_aws_has_names_what_it_has_not(stage: StageProcess) -> None:
    value = stage.client("ssm").get_parameter(Name="/other/api")["Parameter"]["Value"]
    assert value.endswith(" unknown-alarm")


@pytest.mark.parametrize(
    "line",
    [
        "Parameters.TableName: has no default, and a placeholder stands for it; pass --parameter-overrides",
        "Parameters.Origin: names /other/origin in SSM, which is not known; pass --import-value",
        "Alarm (AWS::CloudWatch::Alarm): it is not run locally",
        "Copy (AWS::SSM::Parameter): the local AWS cannot have it: Requested attribute NewAttribute does not",
        "ElsewhereClient (AWS::Cognito::UserPoolClient): it is not run locally",
        "Bucket.NotificationConfiguration (AWS::S3::Bucket): what happens in the bucket invokes nothing",
        "Nested (AWS::Serverless::Application): it is not run locally",
        "GuardedPool.LambdaConfig.PreAuthentication (AWS::Cognito::UserPool): it could refuse a sign-in",
        "Pool.LambdaConfig.PreTokenGeneration (AWS::Cognito::UserPool): it is not run locally: tokens lack",
        "ReadingFunction.Layers (AWS::Serverless::Function): the layer arn:aws:lambda:",
        "OpenFunction (AWS::Serverless::Function): CodeUri names not-built/, which is not there; its routes",
    ],
)
def test_what_is_not_run_is_told(stage: StageProcess, line: str) -> None:
    assert f"  {line}" in stage.printed.partition("Not run locally\n")[2]


def test_triggers_that_decide_who_signs_in_are_warned_of(stage: StageProcess) -> None:
    warned = stage.printed.partition("Not run locally\n")[0]
    assert "GuardedPool.LambdaConfig.PreAuthentication" in warned
    assert "Pool.LambdaConfig.PreTokenGeneration" in warned
