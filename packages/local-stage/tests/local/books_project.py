"""Another project: an API of its own, and what its tests have in common."""

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  StageName: {Type: String, Default: dev}
Resources:
  People:
    Type: AWS::Cognito::UserPool
  Readers:
    Type: AWS::Cognito::UserPoolGroup
    Properties: {UserPoolId: !Ref People, GroupName: readers}
  PeopleClient:
    Type: AWS::Cognito::UserPoolClient
    Properties:
      UserPoolId: !Ref People
      ExplicitAuthFlows: [ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH]
  Domain:
    Type: AWS::Cognito::UserPoolDomain
    Properties: {UserPoolId: !Ref People, Domain: books-of-a-test}
  Books:
    Type: AWS::Cognito::UserPoolResourceServer
    Properties:
      UserPoolId: !Ref People
      Identifier: books
      Name: Books
      Scopes: [{ScopeName: read, ScopeDescription: Read}, {ScopeName: write, ScopeDescription: Write}]
  MachineClient:
    Type: AWS::Cognito::UserPoolClient
    DependsOn: Books
    Properties:
      UserPoolId: !Ref People
      GenerateSecret: true
      AllowedOAuthFlowsUserPoolClient: true
      AllowedOAuthFlows: [client_credentials]
      AllowedOAuthScopes: [books/read, books/write]
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref StageName
      OpenApiVersion: 3.0.3
      Auth:
        DefaultAuthorizer: People
        Authorizers: {People: {UserPoolArn: !GetAtt People.Arn}}
  BooksFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: books
      Handler: app.handler
      Events:
        Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /books, Method: get}}
        Machine:
          Type: Api
          Properties:
            RestApiId: !Ref Api
            Path: /machine
            Method: get
            Auth: {Authorizer: People, AuthorizationScopes: [books/read]}
Outputs:
  ApiUrl:
    Value: !Sub https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${StageName}
"""

APP = """\
import json


def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"]["claims"])}
"""

CONFTEST = """\
import pytest
import requests


@pytest.fixture
def get(stage):
    def get(path, token=None):
        headers = {"Authorization": token} if token else {}
        return requests.get(stage.api_url + path, headers=headers, timeout=35)

    return get
"""
