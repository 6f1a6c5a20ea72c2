"""`local-stage event`: the event of a request that nobody has sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_stage.cli import main
from tests.stage_process import REPOSITORY

TEMPLATE = str(REPOSITORY / "template.yaml")


def event_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["event", *arguments, "--template", TEMPLATE]) == 0
    event: dict[str, Any] = json.loads(capsys.readouterr().out)
    return event


def claims_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    claims: dict[str, str] = event_of(capsys, *arguments)["requestContext"]["authorizer"]["claims"]
    return claims


def refusal(capsys: pytest.CaptureFixture[str], exit_code: int, *arguments: str) -> str:
    assert main(["event", *arguments, "--template", TEMPLATE]) == exit_code
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


def test_a_users_claims_stand_in_it_as_an_id_token_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    claims = claims_of(capsys, "GET /hello", "--user", "alice")
    assert list(claims) == [
        "sub",
        "iss",
        "cognito:username",
        "origin_jti",
        "aud",
        "event_id",
        "token_use",
        "auth_time",
        "exp",
        "iat",
        "jti",
    ]
    assert (claims["cognito:username"], claims["token_use"]) == ("alice", "id")


WITH_ADDRESSES = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Pool: {Type: AWS::Cognito::UserPool, Properties: {UsernameAttributes: [phone_number, email]}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      Auth: {DefaultAuthorizer: Own, Authorizers: {Own: {UserPoolArn: !GetAtt Pool.Arn}}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: "def handler(event, context): pass"
      Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /hello, Method: get}}}
"""


def test_where_users_sign_in_by_an_address_the_pool_calls_them_by_sub(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(WITH_ADDRESSES)
    assert main(["event", "GET /hello", "--user", "alice", "--template", str(template)]) == 0
    claims = json.loads(capsys.readouterr().out)["requestContext"]["authorizer"]["claims"]
    assert claims["cognito:username"] == claims["sub"]
    assert (claims["email"], claims["email_verified"]) == ("alice@example.com", "true")


def test_a_query_that_api_gateway_does_not_read_has_no_event(capsys: pytest.CaptureFixture[str]) -> None:
    told = refusal(capsys, 1, "GET /hello?filter={a}", "--user", "alice")
    assert "API Gateway answers 400 itself: the query has '{'" in told


def test_groups_and_attributes_stand_where_cognito_puts_them(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--group", "admins", "--group", "editors", "--claim", "email=bob@example.com"]
    claims = claims_of(capsys, "GET /hello", "--user", "bob", *options, "--claim", "email_verified=true")
    assert [*claims][:3] == ["sub", "cognito:groups", "email_verified"]
    assert [*claims][-1] == "email"
    assert (claims["cognito:groups"], claims["email_verified"]) == ("admins,editors", "true")


def test_a_method_with_scopes_gets_a_machines_access_token(capsys: pytest.CaptureFixture[str]) -> None:
    claims = claims_of(capsys, "GET /machine/hello", "--machine")
    assert (claims["token_use"], claims["scope"], claims["sub"]) == (
        "access",
        "hello/read",
        claims["client_id"],
    )


def test_a_method_with_scopes_gets_a_users_access_token(capsys: pytest.CaptureFixture[str]) -> None:
    claims = claims_of(capsys, "GET /machine/hello", "--user", "alice", "--scope", "openid hello/read")
    assert (claims["token_use"], claims["scope"], claims["username"]) == (
        "access",
        "openid hello/read",
        "alice",
    )


def test_the_request_is_the_one_that_was_described(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--user", "a", "--query", "q=x y", "--query", "q=é&", "--header", "X-One: 1", "--body", "{}"]
    event = event_of(capsys, "POST /hello?p=0", *options)
    assert event["multiValueQueryStringParameters"] == {"p": ["0"], "q": ["x y", "é&"]}
    assert event["headers"]["X-One"] == "1"
    assert event["headers"]["Content-Type"] == "application/json"
    assert event["body"] == "{}"


def test_a_header_of_ones_own_takes_the_place_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    event = event_of(capsys, "GET /hello", "--user", "a", "--header", "user-agent: mine")
    assert event["multiValueHeaders"]["User-Agent"] == ["mine"]
    assert event["requestContext"]["identity"]["userAgent"] == "mine"


def test_there_is_no_token_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    event = event_of(capsys, "GET /hello", "--user", "alice")
    assert event["headers"]["Authorization"].endswith(".eyJzdWIiOiJleGFtcGxlIn0.c2lnbmF0dXJl")


def test_a_user_is_the_same_in_each_event_and_the_request_another(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (event_of(capsys, "GET /hello", "--user", "a")["requestContext"] for _ in range(2))
    assert first["authorizer"]["claims"]["sub"] == second["authorizer"]["claims"]["sub"]
    assert first["requestId"] != second["requestId"]


def test_reproducible_is_the_same_each_time_and_another_for_each_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = (event_of(capsys, "GET /hello", "--user", "a", "--reproducible") for _ in range(2))
    other = event_of(capsys, "GET /me", "--user", "a", "--reproducible")
    assert first == second
    assert first["requestContext"]["requestId"] != other["requestContext"]["requestId"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["GET /machine/hello", "--user", "a", "--scope", "openid"], "API Gateway answers 401 itself"),
        (["GET /hello", "--machine"], "API Gateway answers 401 itself"),
        (["POST /hello", "--user", "a", "--body", "[]"], "API Gateway answers 400 itself"),
        (["GET /hello", "--user", "a", "--claim", "exp=1"], "API Gateway answers 401 itself: token expired"),
    ],
)
def test_a_request_that_is_refused_has_no_event(
    capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    assert why in refusal(capsys, 1, *arguments)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["GET /hello"], "GET /hello asks for a token: say whose by --user or --machine"),
        (
            ["GET /nothing", "--user", "a"],
            "the API has no GET /nothing; it has GET /admin/hello, GET /hello, POST /hello, ",
        ),
        (["OPTIONS /hello"], "OPTIONS /hello is a preflight, which no function answers"),
        (["/hello", "--user", "a"], "'/hello' is no route; write it as 'GET /hello'"),
        (["GET /hello", "--group", "admins"], "are of somebody's token: name --user or --machine"),
        (["GET /machine/hello", "--machine", "--group", "admins"], "--group: a machine is in no group"),
        (["GET /hello", "--user", "a", "--scope", "x"], "GET /hello asks for an ID token, which"),
        (["GET /hello", "--user", "a", "--claim", "email"], "'email' is not of the form NAME=VALUE"),
        (["GET /hello", "--user", "a", "--header", "X"], "'X' is not of the form 'NAME: VALUE'"),
    ],
)
def test_what_cannot_be_says_why(capsys: pytest.CaptureFixture[str], arguments: list[str], why: str) -> None:
    assert why in refusal(capsys, 2, *arguments)


@pytest.mark.parametrize(
    "option", ["--user", "--scope", "--body", "--group", "--claim", "--query", "--header"]
)
def test_an_argument_that_is_no_text_is_refused(capsys: pytest.CaptureFixture[str], option: str) -> None:
    """No JSON could hold it; Python keeps the bytes of an argument that are no UTF-8 as surrogates."""
    error = refusal(capsys, 2, "GET /hello", "--user", "alice", option, "a\udcff")
    assert error == r"local-stage: 'a\udcff' is not UTF-8 text" + "\n"
