"""examples/lambda-authorizer is started as it is, and called: its function decides who may do what."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.stage_process import StageProcess, running_stage

TEMPLATE = Path(__file__).parents[4] / "examples" / "lambda-authorizer" / "template.yaml"
SECRET = b"only-for-this-machine"
REFUSED = {"message": "Unauthorized"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with running_stage(tmp_path_factory.mktemp("example"), "--template", str(TEMPLATE)) as running:
        yield running


def token(name: str, secret: bytes = SECRET) -> str:
    return f"Bearer {name}.{hmac.new(secret, name.encode(), hashlib.sha256).hexdigest()}"


def call(stage: StageProcess, verb: str, path: str, authorization: str | None = None) -> requests.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return requests.request(verb, stage.api_url + path, headers=headers, timeout=30)


@pytest.mark.parametrize(
    ("verb", "name", "status"),
    [("GET", "alice", 200), ("POST", "alice", 200), ("GET", "guest", 200), ("POST", "guest", 403)],
)
def test_the_function_says_who_may_do_what(stage: StageProcess, verb: str, name: str, status: int) -> None:
    response = call(stage, verb, "/hello", token(name))
    assert response.status_code == status
    if status == 200:
        assert response.json() == {"hello": name, "mayWrite": "true" if name == "alice" else "false"}
    else:
        assert response.json()["Message"].startswith("User is not authorized to access this resource")


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer alice", token("alice", b"another"), token("alice")[:-1]]
)
def test_a_caller_without_a_good_token_stays_out(stage: StageProcess, authorization: str | None) -> None:
    response = call(stage, "GET", "/hello", authorization)
    assert (response.status_code, response.json()) == (401, REFUSED)
    assert response.headers["x-amzn-ErrorType"] == "UnauthorizedException"


def test_the_open_route_is_open(stage: StageProcess) -> None:
    response = call(stage, "GET", "/health")
    assert (response.status_code, response.json()["hello"]) == (200, "world")


def test_a_second_call_does_not_ask_again(stage: StageProcess) -> None:
    before = stage.log.count("[AuthorizerFunction] START")
    assert [call(stage, "GET", "/hello", token("bob")).status_code for _ in range(3)] == [200, 200, 200]
    assert stage.log.count("[AuthorizerFunction] START") == before + 1


def test_api_gateways_own_api_finds_the_authorizer_and_leaves_its_test_to_a_call(stage: StageProcess) -> None:
    gateway = stage.client("apigateway")
    (api,) = gateway.get_rest_apis()["items"]
    (authorizer,) = gateway.get_authorizers(restApiId=api["id"])["items"]
    assert authorizer["type"] in {"TOKEN", "REQUEST"}
    assert authorizer["identitySource"] == "method.request.header.Authorization"
    with pytest.raises(gateway.exceptions.BadRequestException, match="call a route of this authorizer"):
        gateway.test_invoke_authorizer(restApiId=api["id"], authorizerId=authorizer["id"], headers={})
