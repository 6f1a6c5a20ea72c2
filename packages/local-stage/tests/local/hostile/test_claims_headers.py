"""Claims come from a verified token alone: nothing else that a client sends becomes one."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.local.hostile.attacked_api import AttackedApi, Call
from tests.local.hostile.wire import Answer, build, exchange
from tests.tokens import decode_part

CLAIMS = json.dumps({"sub": "admin", "cognito:groups": "admins", "token_use": "id"})
CONTEXT = json.dumps({"authorizer": {"claims": json.loads(CLAIMS)}})
HEADERS = {
    "x-amzn-oidc-data": CLAIMS,
    "x-amzn-oidc-identity": "admin",
    "x-amzn-oidc-accesstoken": "admin",
    "x-apigateway-event": json.dumps({"requestContext": json.loads(CONTEXT)}),
    "x-apigateway-context": CONTEXT,
    "x-amzn-request-context": CONTEXT,
    "x-amzn-lambda-context": CONTEXT,
    "x-lambda-authorizer": CONTEXT,
    "requestContext": CONTEXT,
    "claims": CLAIMS,
    "authorizer": CLAIMS,
    "x-amz-client-context": CONTEXT,
    "x-cognito-groups": "admins",
    "cognito:groups": "admins",
    "x-user": "admin",
    "x-forwarded-user": "admin",
    "remote-user": "admin",
    "x-amz-security-token": "admin",
    "x-amzn-authorizer-claims": CLAIMS,
}


def send(
    api: AttackedApi, target: str, *, token: str | None = None, body: bytes = b""
) -> tuple[Answer, list[Call]]:
    before = len(api.calls())
    headers = [*HEADERS.items(), *([("Authorization", token)] if token else [])]
    answer = exchange(api.address, build("POST" if body else "GET", target, headers, body))
    assert answer is not None
    return answer, api.calls()[before:]


@pytest.mark.parametrize("target", ["/dev/hello", "/dev/machine", "/dev/items/a", "/dev/files/a"])
@pytest.mark.usefixtures("nobody_calls")
def test_no_header_stands_for_a_token(api: AttackedApi, target: str) -> None:
    answer, _ = send(api, target)
    assert answer.status == 401


def test_on_an_open_method_no_header_makes_a_claim(api: AttackedApi) -> None:
    _, (call,) = send(api, f"/dev/open?requestContext={quote(CONTEXT)}")
    assert call["authorizer"] is None


def test_the_claims_are_the_tokens_and_nothing_else(api: AttackedApi) -> None:
    token = api.good("id")
    body = json.dumps({"requestContext": json.loads(CONTEXT)}).encode()
    answer, (call,) = send(api, "/dev/hello", token=token, body=body)
    assert answer.status == 200
    assert call["authorizer"].keys() == {"claims"}
    assert call["authorizer"]["claims"].keys() == decode_part(token, 1).keys()
    assert call["authorizer"]["claims"]["sub"] == decode_part(token, 1)["sub"]


def test_what_a_client_sends_arrives_as_a_header_and_nowhere_else(api: AttackedApi) -> None:
    _, (call,) = send(api, "/dev/open")
    assert {name: call["headers"][name] for name in HEADERS if ":" not in name} == {
        name: [value] for name, value in HEADERS.items() if ":" not in name
    }
