"""The console of two HTTP APIs: authorizers by JWT, function and signature, and an open route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from local_stage.testing.pool_user import PoolUser
from tests.local.refused_start import write_template
from tests.stage_process import StageProcess, running_stage

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Handler: index.handler}
Resources:
  Pool:
    Type: AWS::Cognito::UserPool
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Pool, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: dev
      FailOnWarnings: true
      Auth:
        DefaultAuthorizer: People
        EnableIamAuthorizer: true
        Authorizers:
          People:
            IdentitySource: $request.header.Authorization
            JwtConfiguration:
              issuer: !Sub https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${Pool}
              audience: [!Ref Client]
          ByFunction:
            FunctionArn: !GetAtt Authorizer.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            EnableFunctionDefaultPermissions: true
            Identity: {Headers: [X-Door]}
  Open:
    Type: AWS::Serverless::HttpApi
    Properties: {FailOnWarnings: true}
  Authorizer:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            return {"isAuthorized": event["headers"].get("x-door") == "sesame"}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            return {"path": event["rawPath"]}
      Events:
        Hello: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /hello, Method: get}}
        Scoped:
          Type: HttpApi
          Properties:
            ApiId: !Ref Api
            Path: /scoped
            Method: get
            Auth: {Authorizer: People, AuthorizationScopes: [aws.cognito.signin.user.admin]}
        Asked:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Path: /asked, Method: get, Auth: {Authorizer: ByFunction}}
        Signed:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Path: /signed, Method: get, Auth: {Authorizer: AWS_IAM}}
        Free:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Path: /free, Method: get, Auth: {Authorizer: NONE}}
        Other: {Type: HttpApi, Properties: {ApiId: !Ref Open, Path: /other, Method: get}}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("stage")
    with running_stage(folder, "--template", str(write_template(folder, TEMPLATE))) as running:
        yield running


@pytest.fixture
def console(page: Page, url: str) -> Page:
    """The page of the first API, with its routes."""
    page.goto(url)
    expect(page.locator("#routes label")).to_have_count(5)
    return page


def route(page: Page, path: str) -> Locator:
    return page.locator("#routes label").filter(has_text=f"GET{path}")


def call(page: Page, path: str, kind: str = "None", header: str = "") -> Locator:
    """Call a route and return where the page says with which status it was answered."""
    route(page, path).get_by_role("radio").check()
    page.locator("#kinds").get_by_role("radio", name=kind, exact=True).check()
    headers = page.get_by_label("Headers", exact=True)
    if header and not headers.is_visible():
        page.get_by_text("Query and headers").click()
    if header:
        headers.fill(header)
    page.get_by_role("button", name="Call", exact=True).click()
    return page.locator("#result .status")


def test_each_route_says_what_it_asks_for(console: Page) -> None:
    expect(route(console, "/hello")).to_contain_text("token")
    expect(route(console, "/scoped")).to_contain_text("access token")
    expect(route(console, "/asked")).to_contain_text("X-Door, as its function asks")
    expect(route(console, "/signed")).to_contain_text("an AWS signature")
    expect(route(console, "/free")).to_contain_text("open")


def test_the_jwt_authorizer_takes_both_kinds_of_token_and_scopes_the_access_token_alone(
    console: Page, alice: PoolUser
) -> None:
    expect(call(console, "/hello")).to_have_text("401")
    console.get_by_label("User name").fill(alice.username)
    console.get_by_label("Password").fill(alice.password)
    console.get_by_role("button", name="Sign in with a password").click()
    expect(console.locator("#user")).to_have_text(alice.username)
    for kind in ("ID token", "Access token"):
        expect(call(console, "/hello", kind)).to_have_text("200")
        expect(console.locator(".decisions li[data-outcome=failed]")).to_have_count(0)
    expect(call(console, "/scoped", "Access token")).to_have_text("200")
    expect(call(console, "/scoped", "ID token")).to_have_text("403")
    expect(console.locator(".decisions li[data-outcome=failed]")).to_be_visible()


def test_the_function_the_signature_and_the_open_route_answer_as_they_do(console: Page) -> None:
    expect(call(console, "/asked")).to_have_text("401")
    expect(call(console, "/asked", header="X-Door: open")).to_have_text("403")
    expect(call(console, "/asked", header="X-Door: sesame")).to_have_text("200")
    expect(call(console, "/signed")).to_have_text("403")
    expect(call(console, "/free")).to_have_text("200")


def test_the_page_leads_to_the_other_api(console: Page) -> None:
    expect(console.locator("#where")).to_contain_text("serves Api of template.yaml")
    console.get_by_role("link", name="Open at").click()
    expect(console.locator("#where")).to_contain_text("serves Open of template.yaml")
    expect(call(console, "/other")).to_have_text("200")
