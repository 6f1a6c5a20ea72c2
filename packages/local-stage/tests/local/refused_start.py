"""Templates and files with which the stage must not start."""

from __future__ import annotations

from pathlib import Path
from typing import Final

TEMPLATE: Final = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  StageName: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Resources:
  UserPool:
    Type: AWS::Cognito::UserPool
  HelloApi:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref StageName
      OpenApiVersion: 3.0.3
      Auth:
        DefaultAuthorizer: PoolAuthorizer
        Authorizers: {PoolAuthorizer: {UserPoolArn: !GetAtt UserPool.Arn}}
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: code
      Handler: app.handler
      Events:
        Get: {Type: Api, Properties: {RestApiId: !Ref HelloApi, Path: /hello, Method: get}}
"""
"""The stage starts with it; every case takes one thing from it, or adds one."""

POOL_AUTHORIZER: Final = "{PoolAuthorizer: {UserPoolArn: !GetAtt UserPool.Arn}}"
AUTH: Final = "      Auth:\n"
API: Final = "      OpenApiVersion: 3.0.3\n"


def write_template(folder: Path, text: str) -> Path:
    """Write a template and the folder of its function, and return the template's path."""
    (folder / "code").mkdir(exist_ok=True)
    (folder / "code" / "app.py").write_text("def handler(event, context):\n    return {'statusCode': 200}\n")
    (folder / "template.yaml").write_text(text)
    return folder / "template.yaml"


def changed(old: str, new: str) -> str:
    """Return the template with one thing changed."""
    assert TEMPLATE.count(old) == 1, old
    return TEMPLATE.replace(old, new)


RESOURCE_POLICY: Final = changed(
    AUTH,
    f"""{AUTH}        ResourcePolicy:
          CustomStatements:
            - Effect: Allow
              Principal: "*"
              Action: execute-api:Invoke
              Resource: execute-api:/*
              Condition: {{StringEquals: {{aws:PrincipalTag/team: a}}}}
""",
)
MUTUAL_TLS: Final = changed(
    API,
    f"""{API}      Domain:
        DomainName: api.example.com
        CertificateArn: arn:aws:acm:ap-northeast-1:123456789012:certificate/1
        MutualTlsAuthentication: {{TruststoreUri: s3://bucket/truststore.pem}}
""",
)
BROKEN_YAML: Final = TEMPLATE + "  - [\n"
UNKNOWN_PROPERTY: Final = changed("Handler: app.handler", "Handlr: app.handler")
