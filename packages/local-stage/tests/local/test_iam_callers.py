"""Users, roles and identity pools of the local AWS sign requests, and their policies are evaluated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
from botocore.credentials import Credentials

from tests.local.refused_start import write_template
from tests.local.revealing_app import REGION, create_user, sign_in
from tests.signed_request import sign_now
from tests.stage_process import StageProcess, running_stage

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Pool, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      Auth:
        DefaultAuthorizer: AWS_IAM
        ResourcePolicy:
          CustomStatements:
            - {Effect: Allow, Principal: {AWS: !GetAtt Named.Arn}, Action: execute-api:Invoke, Resource: "*"}
            - Effect: Deny
              Principal: {AWS: !GetAtt ReaderRole.Arn}
              Action: execute-api:Invoke
              Resource: execute-api:/dev/GET/closed
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        def handler(event, context):
            told = event["requestContext"]
            who = told["authorizer"]["iam"] if "authorizer" in told else told["identity"]
            return {"statusCode": 200, "body": json.dumps(who)}
      Events:
        Read: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: "/{proxy+}", Method: any}}
        Http: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: "/{proxy+}", Method: any}}
  Reader:
    Type: AWS::IAM::User
    Properties:
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: execute-api:Invoke, Resource: "arn:aws:execute-api:*:*:*/GET/*"}
              - {Effect: Deny, Action: execute-api:Invoke, Resource: "arn:aws:execute-api:*:*:*/GET/secret"}
  Named: {Type: AWS::IAM::User, Properties: {Path: /named/}}
  Closing:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: closing
      Users: [!Ref Reader]
      Roles: [!Ref ReaderRole]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Deny, Action: execute-api:Invoke, Resource: "arn:aws:execute-api:*:*:*/GET/shut"}
  ReaderRole:
    Type: AWS::IAM::Role
    Properties:
      Path: /readers/
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: sts:AssumeRole}
          - Effect: Allow
            Principal: {Federated: cognito-identity.amazonaws.com}
            Action: sts:AssumeRoleWithWebIdentity
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement: {Effect: Allow, Action: execute-api:*, Resource: "arn:aws:execute-api:*:*:*/GET/*"}
  IdentityPool:
    Type: AWS::Cognito::IdentityPool
    Properties:
      AllowUnauthenticatedIdentities: false
      CognitoIdentityProviders: [{ClientId: !Ref Client, ProviderName: !GetAtt Pool.ProviderName}]
  Roles:
    Type: AWS::Cognito::IdentityPoolRoleAttachment
    Properties: {IdentityPoolId: !Ref IdentityPool, Roles: {authenticated: !GetAtt ReaderRole.Arn}}
Outputs:
  UserPoolId: {Value: !Ref Pool}
  UserPoolClientId: {Value: !Ref Client}
  IdentityPoolId: {Value: !Ref IdentityPool}
  ReaderName: {Value: !Ref Reader}
  ReaderArn: {Value: !GetAtt Reader.Arn}
  NamedName: {Value: !Ref Named}
  RoleArn: {Value: !GetAtt ReaderRole.Arn}
  RestUrl: {Value: !Sub "https://${Rest}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev"}
  HttpUrl: {Value: !Sub "https://${Http}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}
"""
APIS = ("RestUrl", "HttpUrl")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("iam")
    with running_stage(folder, "--template", str(write_template(folder, TEMPLATE))) as running:
        yield running


def create_key(stage: StageProcess, user_name: str) -> Credentials:
    key = stage.client("iam").create_access_key(UserName=user_name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


@pytest.fixture(scope="module")
def reader(stage: StageProcess) -> Credentials:
    return create_key(stage, stage.outputs["ReaderName"])


@pytest.fixture(scope="module")
def identity(stage: StageProcess) -> tuple[str, Credentials]:
    """The id and the credentials of a user of the user pool in the identity pool."""
    create_user(stage, "alice")
    cognito = stage.client("cognito-identity")
    provider = f"cognito-idp.{REGION}.amazonaws.com/{stage.outputs['UserPoolId']}"
    logins = {provider: sign_in(stage, "alice")}
    pool = stage.outputs["IdentityPoolId"]
    found = cognito.get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]
    given = cognito.get_credentials_for_identity(IdentityId=found, Logins=logins)["Credentials"]
    return found, Credentials(given["AccessKeyId"], given["SecretKey"], given["SessionToken"])


def assume(stage: StageProcess, **more: Any) -> Credentials:
    role = {"RoleArn": stage.outputs["RoleArn"], "RoleSessionName": "report"}
    given = stage.client("sts").assume_role(**role, **more)["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def call(
    stage: StageProcess, api: str, path: str, credentials: Credentials, verb: str = "GET"
) -> requests.Response:
    url = stage.outputs[api] + path
    return requests.request(verb, url, headers=sign_now(url, verb, by=credentials), timeout=30)


def policy(effect: str, resource: str, **more: Any) -> str:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.mark.parametrize("api", APIS)
def test_nobody_calls_without_a_signature(stage: StageProcess, api: str) -> None:
    assert requests.get(stage.outputs[api] + "/a", timeout=30).status_code == 403


@pytest.mark.rule("iam.policy", "http-iam.policy")
@pytest.mark.parametrize("api", APIS)
def test_a_users_policies_say_what_they_may_call(stage: StageProcess, api: str, reader: Credentials) -> None:
    allowed = call(stage, api, "/a", reader)
    assert (allowed.status_code, allowed.json()["userArn"]) == (200, stage.outputs["ReaderArn"])
    assert allowed.json()["accessKey"] == reader.access_key
    assert call(stage, api, "/a", reader, "POST").status_code == 403
    assert call(stage, api, "/secret", reader).status_code == 403
    assert call(stage, api, "/shut", reader).status_code == 403


@pytest.mark.rule("iam.policy")
def test_a_rest_api_tells_which_kind_of_policy_refuses(stage: StageProcess, reader: Credentials) -> None:
    posted = call(stage, "RestUrl", "/a", reader, "POST").json()["Message"]
    secret = call(stage, "RestUrl", "/secret", reader).json()["Message"]
    whom = f"User: {stage.outputs['ReaderArn']} is not authorized to perform: execute-api:Invoke on resource:"
    assert all(text.startswith(whom) for text in (posted, secret))
    assert posted.endswith("because no identity-based policy allows the execute-api:Invoke action")
    assert secret.endswith("with an explicit deny in an identity-based policy")


@pytest.mark.rule("iam.unknown-key")
@pytest.mark.parametrize("api", APIS)
def test_keys_that_are_wrong_foreign_or_unknown_open_nothing(
    stage: StageProcess, api: str, reader: Credentials
) -> None:
    assert reader.access_key is not None
    for key, secret, token in (
        (reader.access_key, "wrong", None),
        (reader.access_key, reader.secret_key, "token"),
        ("AKIAIOSFODNN7EXAMPLE", reader.secret_key, None),
        ("123456789012", "test", None),
        ("../../_ministack/health", "test", None),
        ("test", reader.secret_key, None),
    ):
        assert call(stage, api, "/a", Credentials(key, secret, token)).status_code == 403


@pytest.mark.rule("iam.policy")
def test_an_inactive_key_a_deleted_one_and_a_changed_policy_count_at_once(stage: StageProcess) -> None:
    iam = stage.client("iam")
    iam.create_user(UserName="bob")
    bob = create_key(stage, "bob")
    statuses = [call(stage, "HttpUrl", "/a", bob).status_code]
    iam.put_user_policy(UserName="bob", PolicyName="all", PolicyDocument=policy("Allow", "*"))
    statuses.append(call(stage, "HttpUrl", "/a", bob).status_code)
    for key_status in ("Inactive", "Active"):
        iam.update_access_key(UserName="bob", AccessKeyId=bob.access_key, Status=key_status)
        statuses.append(call(stage, "HttpUrl", "/a", bob).status_code)
    iam.delete_access_key(UserName="bob", AccessKeyId=bob.access_key)
    statuses.append(call(stage, "HttpUrl", "/a", bob).status_code)
    assert statuses == [403, 200, 403, 200, 403]


@pytest.mark.rule("iam.policy")
def test_groups_boundaries_and_conditions_are_evaluated(stage: StageProcess) -> None:
    """A deny whose condition nobody here can judge denies, and an allow with such a one allows nothing."""
    iam, user = stage.client("iam"), {"UserName": "carol"}
    iam.create_user(**user)
    carol = create_key(stage, "carol")
    conditions = ({"StringEquals": {"aws:RequestedRegion": REGION}}, {"NoSuchOperator": {"a": "b"}})
    for allowed in (policy("Allow", "*", Condition=condition) for condition in conditions):
        iam.put_user_policy(PolicyName="odd", PolicyDocument=allowed, **user)
        assert call(stage, "RestUrl", "/a", carol).status_code == 403
    iam.create_group(GroupName="callers")
    iam.put_group_policy(GroupName="callers", PolicyName="all", PolicyDocument=policy("Allow", "*"))
    iam.add_user_to_group(GroupName="callers", **user)
    assert call(stage, "RestUrl", "/a", carol, "PUT").status_code == 200
    boundary = iam.create_policy(PolicyName="get", PolicyDocument=policy("Allow", "*/GET/*"))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(PermissionsBoundary=boundary, **user)
    assert call(stage, "RestUrl", "/a", carol, "PUT").status_code == 403
    assert call(stage, "RestUrl", "/a", carol).status_code == 200
    for condition in conditions:
        denied = policy("Deny", "*/GET/a", Condition=condition)
        iam.put_user_policy(PolicyName="odd", PolicyDocument=denied, **user)
        assert call(stage, "RestUrl", "/a", carol).status_code == 403
        assert call(stage, "RestUrl", "/b", carol).status_code == 200
    iam.attach_user_policy(PolicyArn="arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3", **user)
    assert call(stage, "RestUrl", "/b", carol).status_code == 403


@pytest.mark.rule("iam.session")
@pytest.mark.parametrize("api", APIS)
def test_a_session_has_its_roles_policies_and_its_token(stage: StageProcess, api: str) -> None:
    session = assume(stage)
    answer = call(stage, api, "/a", session)
    arn = f"arn:aws:sts::123456789012:assumed-role/{stage.outputs['RoleArn'].rpartition('/')[2]}/report"
    assert (answer.status_code, answer.json()["userArn"]) == (200, arn)
    assert call(stage, api, "/a", session, "POST").status_code == 403
    assert call(stage, api, "/shut", session).status_code == 403
    for token in (None, "", "x", f"{session.token}x"):
        stolen = Credentials(session.access_key, session.secret_key, token)
        assert call(stage, api, "/a", stolen).status_code == 403


@pytest.mark.rule("iam.session")
def test_a_sessions_own_policy_limits_it(stage: StageProcess) -> None:
    limited = assume(stage, Policy=policy("Allow", "*/GET/b"))
    assert call(stage, "HttpUrl", "/a", limited).status_code == 403
    assert call(stage, "HttpUrl", "/b", limited).status_code == 200


@pytest.mark.rule("iam.with-policy")
def test_the_resource_policy_names_users_and_the_roles_of_sessions(stage: StageProcess) -> None:
    named = create_key(stage, stage.outputs["NamedName"])
    assert call(stage, "RestUrl", "/a", named, "DELETE").status_code == 200
    assert call(stage, "HttpUrl", "/a", named, "DELETE").status_code == 403
    denied = call(stage, "RestUrl", "/closed", assume(stage))
    assert denied.status_code == 403
    assert denied.json()["Message"].endswith("with an explicit deny in a resource-based policy")


@pytest.mark.rule("iam.identity-pool", "http-iam.identity-pool")
def test_an_identity_pools_credentials_sign_and_the_function_learns_whose(
    stage: StageProcess, identity: tuple[str, Credentials]
) -> None:
    identity_id, credentials = identity
    pool = stage.outputs["IdentityPoolId"]
    rest: Mapping[str, Any] = call(stage, "RestUrl", "/a", credentials).json()
    assert (rest["cognitoIdentityId"], rest["cognitoIdentityPoolId"]) == (identity_id, pool)
    assert rest["cognitoAuthenticationType"] == "authenticated"
    assert "CognitoSignIn" in rest["cognitoAuthenticationProvider"]
    assert "cognitoAmr" not in rest
    told = call(stage, "HttpUrl", "/a", credentials).json()["cognitoIdentity"]
    assert (told["identityId"], told["identityPoolId"]) == (identity_id, pool)
    assert "authenticated" in told["amr"]
    assert call(stage, "HttpUrl", "/a", credentials, "POST").status_code == 403


def test_nobody_else_is_told_of_keys(stage: StageProcess, reader: Credentials) -> None:
    for secret in ("x", "", "%00", "é"):
        url = f"{stage.aws_endpoint_url}/_local_stage/callers/{secret}/{reader.access_key}"
        answer = requests.get(url, timeout=30)
        assert (answer.status_code, answer.text) == (403, "null")
    assert reader.secret_key not in stage.log
