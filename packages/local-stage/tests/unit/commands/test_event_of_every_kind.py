"""`local-stage event` makes the event of every kind of authorizer, of REST and of HTTP APIs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_stage.cli import main

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Pool: {Type: AWS::Cognito::UserPool}
  Client: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: !Ref Pool}}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      Auth:
        Authorizers:
          Pool: {UserPoolArn: !GetAtt Pool.Arn}
          Token: {FunctionArn: !GetAtt Judge.Arn}
          Request: {FunctionArn: !GetAtt Judge.Arn, FunctionPayloadType: REQUEST, Identity: {Headers: [X-A]}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        EnableIamAuthorizer: true
        Authorizers:
          Jwt:
            IdentitySource: $request.header.Authorization
            JwtConfiguration:
              issuer: !Sub https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}
              audience: [!Ref Client]
          Policy: {FunctionArn: !GetAtt Judge.Arn, AuthorizerPayloadFormatVersion: "2.0"}
          Simple:
            FunctionArn: !GetAtt Judge.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
          Old: {FunctionArn: !GetAtt Judge.Arn, AuthorizerPayloadFormatVersion: "1.0"}
  Judge:
    Type: AWS::Serverless::Function
    Properties: &function
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): pass"
  Function:
    Type: AWS::Serverless::Function
    Properties:
      <<: *function
      Events:
EVENTS
"""
REST = {
    "pool": "Pool",
    "token": "Token",
    "request": "Request",
    "signed": "AWS_IAM",
}
HTTP = {"jwt": "Jwt", "policy": "Policy", "simple": "Simple", "old": "Old", "http-signed": "AWS_IAM"}
CLAIMS = ("--user", "alice", "--claim", "tenant=north", "--claim", "count=5")


def write_events() -> str:
    events = [
        write_event("Api", "RestApiId: !Ref Rest", path, f"{{Authorizer: {name}}}")
        for path, name in REST.items()
    ]
    events.append("{Type: Api, Properties: {RestApiId: !Ref Rest, Path: /open, Method: get}}")
    events.append(write_event("Api", "RestApiId: !Ref Rest", "keyed", "{ApiKeyRequired: true}"))
    events += [
        write_event("HttpApi", "ApiId: !Ref Http", path, f"{{Authorizer: {name}}}")
        for path, name in HTTP.items()
    ]
    return "\n".join(f"        Event{number}: {event}" for number, event in enumerate(events))


def write_event(kind: str, api: str, path: str, auth: str) -> str:
    return f"{{Type: {kind}, Properties: {{{api}, Path: /{path}, Method: get, Auth: {auth}}}}}"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("kinds") / "template.yaml"
    file.write_text(TEMPLATE.replace("EVENTS", write_events()))
    return file


def context_of(
    capsys: pytest.CaptureFixture[str], template: Path, route: str, *arguments: str
) -> dict[str, Any]:
    assert main(["event", f"GET /{route}", *arguments, "--template", str(template)]) == 0
    context: dict[str, Any] = json.loads(capsys.readouterr().out)["requestContext"]
    return context


def test_an_open_route_knows_nobody(capsys: pytest.CaptureFixture[str], template: Path) -> None:
    assert "authorizer" not in context_of(capsys, template, "open")


def test_tokens_give_claims(capsys: pytest.CaptureFixture[str], template: Path) -> None:
    rest = context_of(capsys, template, "pool", "--user", "alice")["authorizer"]["claims"]
    http = context_of(capsys, template, "jwt", "--user", "alice")["authorizer"]["jwt"]["claims"]
    assert rest["cognito:username"] == http["cognito:username"] == "alice"


@pytest.mark.parametrize("route", ["token", "request"])
def test_a_function_of_a_rest_api_gives_its_context_as_texts(
    capsys: pytest.CaptureFixture[str], template: Path, route: str
) -> None:
    assert context_of(capsys, template, route, *CLAIMS)["authorizer"] == {
        "tenant": "north",
        "count": "5",
        "principalId": "alice",
        "integrationLatency": 0,
    }


@pytest.mark.parametrize("route", ["policy", "simple", "old"])
def test_a_function_of_an_http_api_gives_its_context_as_it_is(
    capsys: pytest.CaptureFixture[str], template: Path, route: str
) -> None:
    authorizer = context_of(capsys, template, route, *CLAIMS)["authorizer"]
    assert authorizer == {"lambda": {"tenant": "north", "count": 5}}


def test_a_signature_tells_who_has_signed(capsys: pytest.CaptureFixture[str], template: Path) -> None:
    rest = context_of(capsys, template, "signed", "--user", "root")
    http = context_of(capsys, template, "http-signed", "--user", "root")
    assert (
        rest["identity"]["userArn"]
        == http["authorizer"]["iam"]["userArn"]
        == "arn:aws:iam::123456789012:root"
    )
    assert "authorizer" not in rest


def test_a_key_is_told_as_it_was_sent(capsys: pytest.CaptureFixture[str], template: Path) -> None:
    assert context_of(capsys, template, "keyed")["identity"]["apiKey"] == "example-key-0123456789"
    sent = context_of(capsys, template, "keyed", "--header", "x-api-key: mine")
    assert sent["identity"]["apiKey"] == "mine"


@pytest.mark.parametrize("claim", ["groups=[1]", "groups={}"])
def test_a_context_that_no_function_may_return_has_no_event(
    capsys: pytest.CaptureFixture[str], template: Path, claim: str
) -> None:
    arguments = ["event", "GET /token", "--user", "alice", "--claim", claim, "--template", str(template)]
    assert main(arguments) == 1
    assert "API Gateway answers 500 itself: context has " in capsys.readouterr().err
