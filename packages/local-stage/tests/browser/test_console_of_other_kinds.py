"""The console where people sign in by e-mail, and of an API that has no user pool but another authorizer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.console_page import ConsolePage
from tests.local.refused_start import write_template
from tests.stage_process import REPOSITORY, StageProcess, running_stage

EMAIL = "alice@example.com"
BY_EMAIL = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Pool:
    Type: AWS::Cognito::UserPool
    Properties: {UsernameAttributes: [email], AutoVerifiedAttributes: [email]}
  Client:
    Type: AWS::Cognito::UserPoolClient
    Properties: {UserPoolId: !Ref Pool, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      OpenApiVersion: 3.0.3
      Auth:
        DefaultAuthorizer: People
        Authorizers: {People: {UserPoolArn: !GetAtt Pool.Arn}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return {"statusCode": 200, "body": "{}"}
      Events:
        Hello: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /hello, Method: get}}
        Signed:
          Type: Api
          Properties: {RestApiId: !Ref Api, Path: /signed, Method: get, Auth: {Authorizer: AWS_IAM}}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("stage")
    with running_stage(folder, "--template", str(write_template(folder, BY_EMAIL))) as running:
        yield running


@pytest.fixture(scope="module")
def without_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    template = REPOSITORY / "examples" / "lambda-authorizer" / "template.yaml"
    with running_stage(tmp_path_factory.mktemp("stage"), "--template", str(template)) as running:
        yield running


def test_a_user_is_created_and_signs_in_by_an_address(console: ConsolePage) -> None:
    page = console.page
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill("Correct-Horse-7")
    page.get_by_role("button", name="Create this user").click()
    expect(page.locator("#user")).to_have_text(EMAIL)
    assert console.call("GET /hello", "ID token") == 200


def test_a_route_that_takes_a_signature_says_so(console: ConsolePage) -> None:
    expect(console.page.locator("#routes label").filter(has_text="/signed")).to_contain_text(
        "an AWS signature"
    )
    assert console.call("GET /signed", "None") == 403


def test_without_a_pool_nobody_is_asked_to_sign_in_and_the_credential_goes_into_a_header(
    context: BrowserContext, without_pool: StageProcess
) -> None:
    page = context.new_page()
    page.goto(f"{without_pool.find_running().console_url}/")
    expect(page.locator("#pool")).to_contain_text("the API has no user pool on this machine")
    expect(page.locator("#password-form")).to_be_hidden()
    expect(page.locator("#login")).to_be_hidden()
    expect(page.locator("#kinds label")).to_have_text(["None"])
    hello = page.locator("#routes label").filter(has_text="GET/hello")
    expect(hello).to_contain_text("Authorization, as its function asks")
    hello.get_by_role("radio").check()
    page.get_by_text("Query and headers").click()
    page.get_by_label("Headers", exact=True).fill("Authorization: Bearer alice.wrong")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.locator("#result .status")).to_have_text("401")
