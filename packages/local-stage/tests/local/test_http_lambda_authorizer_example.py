"""examples/http-lambda-authorizer is started as it is, and called: a function and a signature decide."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.credentials import Credentials

from tests.local.commands.command import run_beside
from tests.signed_request import sign_now
from tests.stage_process import REPOSITORY, StageProcess, running_stage

TEMPLATE = REPOSITORY / "examples" / "http-lambda-authorizer" / "template.yaml"
SECRET = b"only-for-this-machine"
UNAUTHORIZED = (401, {"message": "Unauthorized"})
FORBIDDEN = (403, {"message": "Forbidden"})


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with running_stage(tmp_path_factory.mktemp("example"), "--template", str(TEMPLATE)) as running:
        yield running


def token(name: str, secret: bytes = SECRET) -> str:
    return f"Bearer {name}.{hmac.new(secret, name.encode(), hashlib.sha256).hexdigest()}"


def call(stage: StageProcess, route: str, authorization: str | None = None) -> tuple[int, Any]:
    verb, path = route.split()
    headers = {} if authorization is None else {"Authorization": authorization}
    response = requests.request(verb, stage.api_url + path, headers=headers, timeout=30)
    assert "www-authenticate" not in response.headers
    return response.status_code, response.json()


def run(stage: StageProcess, *arguments: str) -> Any:
    return json.loads(run_beside(stage, *arguments, "--json").stdout)


def test_the_function_says_who_may_do_what(stage: StageProcess) -> None:
    answers = {
        (verb, name): call(stage, f"{verb} /hello", token(name))
        for verb in ("GET", "PUT")
        for name in ("alice", "guest")
    }
    assert answers == {
        ("GET", "alice"): (200, {"hello": "alice", "mayWrite": True}),
        ("PUT", "alice"): (200, {"hello": "alice", "mayWrite": True}),
        ("GET", "guest"): (200, {"hello": "guest", "mayWrite": False}),
        ("PUT", "guest"): FORBIDDEN,
    }


def test_a_caller_without_a_good_token_stays_out(stage: StageProcess) -> None:
    assert call(stage, "GET /hello") == call(stage, "GET /hello", "") == UNAUTHORIZED
    for sent in ("Bearer alice", token("alice", b"another"), token("alice")[:-1], f"x{token('alice')}"):
        assert call(stage, "GET /hello", sent) == FORBIDDEN
    assert call(stage, "GET /health") == (200, {"hello": "world", "mayWrite": False})


def test_a_second_call_of_a_route_does_not_ask_again(stage: StageProcess) -> None:
    before = stage.log.count("[AuthorizerFunction] START")
    assert [call(stage, "GET /hello", token("bob"))[0] for _ in range(3)] == [200, 200, 200]
    assert stage.log.count("[AuthorizerFunction] START") == before + 1
    assert call(stage, "PUT /hello", token("bob"))[0] == 200
    assert stage.log.count("[AuthorizerFunction] START") == before + 2


def test_a_signature_opens_the_report_and_a_token_does_not(stage: StageProcess) -> None:
    url = f"{stage.api_url}/report"
    signed = requests.get(url, headers=sign_now(url), timeout=30)
    assert (signed.status_code, signed.json()) == (200, {"hello": "arn:aws:iam::123456789012:root"})
    assert call(stage, "GET /report") == call(stage, "GET /report", token("alice")) == FORBIDDEN
    foreign = sign_now(url, by=Credentials("AKIAFOREIGN", "test"))
    assert requests.get(url, headers=foreign, timeout=30).status_code == 403


def test_explain_tells_what_is_known_without_the_function(stage: StageProcess) -> None:
    call(stage, "GET /hello", token("carol"))
    kept = run(stage, "explain", token("carol"), "--route", "GET /hello")
    assert kept["verdict"] == "passes"
    wanted = "authorizer SignedName asks for, by the header Authorization and the $context.routeKey"
    assert wanted in json.dumps(run(stage, "explain", "--route", "GET /hello"))
    unknown = run(stage, "explain", token("dave"), "--route", "GET /hello")
    assert unknown["verdict"] == "unknown"
    signed = run(stage, "explain", token("alice"), "--route", "GET /report")
    assert (signed["verdict"], signed["steps"][-1]["name"]) == ("unknown", "signature")


def test_a_sample_event_has_what_the_function_would_say(stage: StageProcess) -> None:
    asked = run(stage, "event", "GET /hello", "--user", "erin", "--claim", "mayWrite=true")
    assert asked["requestContext"]["authorizer"] == {"lambda": {"mayWrite": True}}
    signed = run(stage, "event", "GET /report", "--user", "root")
    assert signed["requestContext"]["authorizer"]["iam"]["accessKey"] == "test"


def test_the_document_and_the_start_tell_what_opens_a_route(stage: StageProcess) -> None:
    document = requests.get(f"{stage.api_url}/.local-stage/openapi.json", timeout=30).json()
    assert document["paths"]["/hello"]["get"]["security"] == [{"SignedName": []}]
    assert document["paths"]["/report"]["get"]["security"] == [{"AWS_IAM": []}]
    schemes = document["components"]["securitySchemes"]
    kinds = {name: scheme["x-amazon-apigateway-authtype"] for name, scheme in schemes.items()}
    assert kinds == {"SignedName": "custom", "AWS_IAM": "awsSigv4"}
    assert "what the lambda authorizer asks for" in " ".join(stage.printed.split())
    assert "Not run locally" not in stage.printed


def test_the_page_tells_what_opens_a_route_and_where_requests_stopped(stage: StageProcess) -> None:
    page = f"{stage.api_url}/.local-stage"
    routes = requests.get(f"{page}/stage", timeout=30).json()["routes"]
    kinds = {f"{route['method']} {route['path']}": route["authorizer_kind"] for route in routes}
    assert kinds == {
        "GET /health": None,
        "GET /hello": "lambda",
        "PUT /hello": "lambda",
        "GET /report": "iam",
    }
    explained = requests.post(
        f"{page}/explain", json={"token": None, "route": "GET /hello"}, timeout=30
    ).json()
    assert (explained["verdict"], explained["response"]["status"]) == ("refused", 401)
    call(stage, "GET /hello", token("frank"))
    call(stage, "GET /hello")
    call(stage, "GET /report")
    listed = requests.get(f"{page}/requests", timeout=30).json()["requests"][-3:]
    assert [(one["status"], one["steps"]["5"]) for one in listed] == [
        (200, "passed"),
        (401, "stopped"),
        (403, "stopped"),
    ]
    assert "identity source of SignedName" in listed[1]["reason"]
    assert listed[2]["reason"].startswith("the request is not signed")
