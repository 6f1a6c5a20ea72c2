"""A template with an authorizer for each kind of user pool that people write, and a route behind each.

`/two` and `/shared` are of an HTTP API. The pool of the first has two app clients, of which one is in the
authorizer's audience; that of the second is outside the template.
"""

from __future__ import annotations

from typing import Final

OUTSIDE: Final = {
    "literal": '"arn:aws:cognito-idp:region:account:userpool/REPLACE_ME"',
    "real": '"arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_EXAMPLE99"',
    "parameter": "!Ref PoolArn",
    "default": "!Ref PoolArnWithDefault",
    "import": "!ImportValue shared-pool-arn",
    "reference": '"{{resolve:ssm:/shared/pool-arn}}"',
    "parts": '!Sub "arn:aws:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${PoolId}"',
}
"""What an authorizer names where its pool is outside the template, by the path of its route."""

POOLS: Final = {
    "plain": "{}",
    "email": "{UsernameAttributes: [email], Schema: [{Name: email, Required: true}]}",
    "phone": "{UsernameAttributes: [phone_number]}",
    "strict": "{Policies: {PasswordPolicy: {MinimumLength: 40, RequireSymbols: true}}}",
    "required": "{Schema: [{Name: given_name, Required: true}, {Name: birthdate, Required: true}]}",
    "clientless": "{}",
    "refreshing": "{UsernameAttributes: [email]}",
    "administrated": "{}",
    "triggered": (
        "{LambdaConfig: {PreSignUp: !GetAtt Function.Arn}, EmailConfiguration: {SourceArn: !Ref Mail}}"
    ),
}
"""The properties of the template's own pools, by the path of the route behind each."""

CLIENTS: Final = {
    "plain": "{}",
    "email": "{GenerateSecret: true}",
    "phone": "{GenerateSecret: true, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]}",
    "strict": "{ExplicitAuthFlows: [USER_PASSWORD_AUTH]}",
    "required": "{ExplicitAuthFlows: [ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH]}",
    "refreshing": "{ExplicitAuthFlows: [ALLOW_REFRESH_TOKEN_AUTH]}",
    "administrated": "{ExplicitAuthFlows: [ADMIN_NO_SRP_AUTH], GenerateSecret: true}",
    "triggered": "{CallbackURLs: [!Sub 'https://${Site.DomainName}/']}",
}
"""The properties of the app client of each pool that has one."""


def _pool(name: str) -> str:
    return f"  {name.capitalize()}Pool: {{Type: AWS::Cognito::UserPool, Properties: {POOLS[name]}}}\n"


def _client(name: str, more: str) -> str:
    of_pool = f"UserPoolId: !Ref {name.capitalize()}Pool"
    properties = ", ".join(filter(None, [of_pool, more[1:-1]]))
    return f"  {name.capitalize()}App: {{Type: AWS::Cognito::UserPoolClient, Properties: {{{properties}}}}}\n"


def _authorizer(name: str, arn: str) -> str:
    return f"          {name}: {{UserPoolArn: {arn}}}\n"


def _event(name: str) -> str:
    properties = f"RestApiId: !Ref Api, Path: /{name}, Method: get, Auth: {{Authorizer: {name}}}"
    return f"        {name.capitalize()}: {{Type: Api, Properties: {{{properties}}}}}\n"


ARNS: Final = {**OUTSIDE, **{name: f"!GetAtt {name.capitalize()}Pool.Arn" for name in POOLS}}

TEMPLATE: Final = f"""\
Transform: AWS::Serverless-2016-10-31
Parameters:
  PoolArn: {{Type: String}}
  PoolId: {{Type: String}}
  Issuer: {{Type: String}}
  Audience: {{Type: String}}
  PoolArnWithDefault: {{Type: String, Default: REPLACE_ME}}
Resources:
  Mail: {{Type: AWS::SES::EmailIdentity, Properties: {{EmailIdentity: example.com}}}}
  TwoPool: {{Type: AWS::Cognito::UserPool}}
  OneApp: {{Type: AWS::Cognito::UserPoolClient, Properties: {{UserPoolId: !Ref TwoPool}}}}
  TwoApp: {{Type: AWS::Cognito::UserPoolClient, Properties: {{UserPoolId: !Ref TwoPool}}}}
  GuardedPool:
    Type: AWS::Cognito::UserPool
    Properties: {{LambdaConfig: {{PreAuthentication: !GetAtt Function.Arn}}}}
  GuardedApp: {{Type: AWS::Cognito::UserPoolClient, Properties: {{UserPoolId: !Ref GuardedPool}}}}
  Site: {{Type: AWS::CloudFront::Distribution, Properties: {{}}}}
{"".join(map(_pool, POOLS))}{"".join(_client(*item) for item in CLIENTS.items())}\
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      EndpointConfiguration: {{Type: REGIONAL}}
      Auth:
        DefaultAuthorizer: literal
        Authorizers:
{"".join(_authorizer(*item) for item in ARNS.items())}\
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          two:
            IdentitySource: $request.header.Authorization
            JwtConfiguration:
              issuer: !Sub https://cognito-idp.${{AWS::Region}}.amazonaws.com/${{TwoPool}}
              audience: [!Ref TwoApp]
          shared:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {{issuer: !Ref Issuer, audience: [!Ref Audience]}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            if event.get("triggerSource") == "PreAuthentication_Authentication":
                raise ValueError("nobody today")
            if "triggerSource" in event:
                return event
            authorizer = event["requestContext"].get("authorizer") or {{}}
            claims = authorizer.get("jwt", authorizer).get("claims") or {{}}
            return {{"statusCode": 200, "body": claims.get("cognito:username", "anybody")}}
      Events:
        Open:
          Type: Api
          Properties: {{RestApiId: !Ref Api, Path: /open, Method: get, Auth: {{Authorizer: NONE}}}}
        Two:
          Type: HttpApi
          Properties: {{ApiId: !Ref Http, Path: /two, Method: get, Auth: {{Authorizer: two}}}}
        Shared:
          Type: HttpApi
          Properties: {{ApiId: !Ref Http, Path: /shared, Method: get, Auth: {{Authorizer: shared}}}}
{"".join(map(_event, ARNS))}"""
