"""The HTTP API of examples/http-api, started and called over sockets, with the tokens of its own pool."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.local.commands.command import run_beside
from tests.local_pool_keys import read_pool_signer
from tests.stage_process import REPOSITORY, StageProcess, running_stage
from tests.tokens import TokenSigner, decode_part

TEMPLATE = REPOSITORY / "examples" / "http-api" / "template.yaml"
PASSWORD = "Correct-Horse-7"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with running_stage(tmp_path_factory.mktemp("http-api"), "--template", str(TEMPLATE)) as stage:
        yield stage


@pytest.fixture(scope="module")
def tokens(stage: StageProcess) -> dict[str, str]:
    """The tokens of a user who has just signed in: `IdToken`, `AccessToken` and `RefreshToken`."""
    cognito = stage.client("cognito-idp")
    user = {"UserPoolId": stage.outputs["UserPoolId"], "Username": "alice"}
    cognito.admin_create_user(**user, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
    signed_in = cognito.initiate_auth(
        ClientId=stage.outputs["UserPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": PASSWORD},
    )
    tokens: dict[str, str] = signed_in["AuthenticationResult"]
    return tokens


def get(stage: StageProcess, path: str, token: str | None = None, **headers: str) -> requests.Response:
    sent = headers if token is None else {**headers, "Authorization": f"Bearer {token}"}
    return requests.get(f"{stage.api_url}{path}", headers=sent, timeout=30)


def run(stage: StageProcess, *arguments: str) -> Any:
    return json.loads(run_beside(stage, *arguments, "--json").stdout)


def test_the_url_has_no_stage_and_the_routes_are_told(stage: StageProcess) -> None:
    assert stage.api_url.count("/") == 2
    assert "any token" in stage.printed
    assert "Not run locally" not in stage.printed


def test_the_api_of_http_apis_finds_it(stage: StageProcess) -> None:
    gateway = stage.client("apigatewayv2")
    (api,) = gateway.get_apis()["Items"]
    assert (api["ProtocolType"], api["ApiEndpoint"]) == ("HTTP", stage.api_url)
    (authorizer,) = gateway.get_authorizers(ApiId=api["ApiId"])["Items"]
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert authorizer["JwtConfiguration"]["Audience"] == [stage.outputs["UserPoolClientId"]]
    routes = gateway.get_routes(ApiId=api["ApiId"])["Items"]
    assert {"GET /hello": "JWT"}.items() <= {
        route["RouteKey"]: route["AuthorizationType"] for route in routes
    }.items()
    assert stage.client("apigateway").get_rest_apis()["items"] == []


def test_id_and_access_tokens_open_a_route_without_scopes(
    stage: StageProcess, tokens: dict[str, str]
) -> None:
    for kind in ("IdToken", "AccessToken"):
        response = get(stage, "/hello", tokens[kind])
        assert (response.status_code, response.json()["username"]) == (200, "alice")
        assert response.headers["content-type"] == "application/json"


def test_a_scope_opens_the_other_route_to_access_tokens_alone(
    stage: StageProcess, tokens: dict[str, str]
) -> None:
    assert get(stage, "/me", tokens["AccessToken"]).json()["username"] == "alice"
    refused = get(stage, "/me", tokens["IdToken"])
    assert (refused.status_code, refused.json()) == (403, {"message": "Forbidden"})
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]


def test_nobody_else_gets_in(stage: StageProcess, tokens: dict[str, str]) -> None:
    genuine = decode_part(tokens["IdToken"], 1)
    pool = read_pool_signer(stage, stage.outputs["UserPoolId"], "id", genuine["aud"])
    forger = TokenSigner(genuine["iss"], pool.kid)
    sent = {
        "none": None,
        "no token": "x",
        "a forged key": forger.sign(genuine),
        "another client": pool.sign({**genuine, "aud": "other"}),
        "another issuer": pool.sign({**genuine, "iss": f"{genuine['iss']}x"}),
        "expired": pool.sign({**genuine, "exp": genuine["iat"] - 1}),
        "the refresh token": tokens["RefreshToken"],
    }
    statuses = {name: get(stage, "/hello", token).status_code for name, token in sent.items()}
    assert statuses == dict.fromkeys(sent, 401)


def test_a_preflight_is_answered_by_the_api_itself(stage: StageProcess) -> None:
    asked = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "GET"}
    response = requests.options(f"{stage.api_url}/hello", headers=asked, timeout=30)
    assert response.status_code == 204
    assert response.headers["access-control-allow-headers"] == "authorization"


def test_an_unknown_path_is_not_found(stage: StageProcess) -> None:
    response = get(stage, "/hello/")
    assert (response.status_code, response.content) == (404, b'{"message":"Not Found"}')


def test_explain_compares_with_a_rest_api(stage: StageProcess, tokens: dict[str, str]) -> None:
    passes = run(stage, "explain", tokens["AccessToken"], "--route", "GET /hello")
    assert passes["verdict"] == "passes"
    assert any("REST API" in note for note in passes["notes"])
    refused = run(stage, "explain", tokens["IdToken"], "--route", "GET /me")
    assert (refused["verdict"], refused["response"]["status"]) == ("refused", 403)
    assert [step["name"] for step in refused["steps"] if step["outcome"] == "failed"] == ["scopes"]


def test_a_sample_event_is_in_format_2(stage: StageProcess) -> None:
    event = run(stage, "event", "GET /me", "--user", "bob", "--group", "admins")
    assert event["version"] == "2.0"
    assert event["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"] == "[admins]"


def test_the_document_lists_routes_and_scopes(stage: StageProcess) -> None:
    document = get(stage, "/.local-stage/openapi.json").json()
    assert document["paths"]["/me"]["get"]["x-scopes"] == ["aws.cognito.signin.user.admin"]
    assert document["components"]["securitySchemes"]["PoolAuthorizer"]["scheme"] == "bearer"


def test_the_page_tells_what_opens_a_route_and_why_a_request_stopped(
    stage: StageProcess, tokens: dict[str, str]
) -> None:
    page = f"{stage.api_url}/.local-stage"
    routes = requests.get(f"{page}/stage", timeout=30).json()["routes"]
    told = {route["path"]: (route["authorizer_kind"], route["header"], route["token"]) for route in routes}
    assert told["/hello"] == ("jwt", "Authorization", "any")
    assert told["/me"] == ("jwt", "Authorization", "access")
    asked = {"token": tokens["IdToken"], "route": "GET /me"}
    explained = requests.post(f"{page}/explain", json=asked, timeout=30).json()
    assert (explained["verdict"], explained["response"]["status"]) == ("refused", 403)
    get(stage, "/me", tokens["AccessToken"])
    get(stage, "/me", tokens["IdToken"])
    let_in, last = requests.get(f"{page}/requests", timeout=30).json()["requests"][-2:]
    assert (let_in["route"], let_in["status"], let_in["caller"]) == ("/me", 200, "alice")
    assert (last["route"], last["status"], last["steps"]["5"]) == ("/me", 403, "stopped")
