"""The client of the local AWS that a command has instead of boto3: what it sends, and what it makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar, override

import pytest

from local_stage.cloudformation.aws_refusal import AwsRefusalError
from local_stage.cloudformation.json_client import COGNITO, JsonClient
from local_stage.errors import MachineError


class _Service(BaseHTTPRequestHandler):
    """Gives the responses that are prepared, one after the other, and keeps what it was asked."""

    prepared: ClassVar[list[tuple[int, bytes]]] = []
    asked: ClassVar[list[tuple[dict[str, str], Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((dict(self.headers), body))
        status, content = self.prepared.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def client() -> Iterator[JsonClient]:
    _Service.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Service) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield JsonClient(
            f"http://127.0.0.1:{server.server_port}", "eu-west-1", "cognito-idp", COGNITO, "test"
        )
        server.shutdown()
        thread.join()


def respond(*responses: object, status: int = 200) -> None:
    _Service.prepared[:] = [(status, json.dumps(response).encode()) for response in responses]


def test_an_operation_is_called_by_boto3s_name_of_it(client: JsonClient) -> None:
    respond({"User": {"Username": "alice"}})
    assert client.admin_get_user(UserPoolId="p", Username="alice") == {"User": {"Username": "alice"}}
    ((headers, body),) = _Service.asked
    assert headers["X-Amz-Target"] == "AWSCognitoIdentityProviderService.AdminGetUser"
    assert headers["Content-Type"] == "application/x-amz-json-1.1"
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=test/")
    assert "/eu-west-1/cognito-idp/aws4_request" in headers["Authorization"]
    assert body == {"UserPoolId": "p", "Username": "alice"}


def test_pages_are_asked_for_until_none_is_left(client: JsonClient) -> None:
    respond({"Users": [1], "PaginationToken": "a"}, {"Users": [2], "PaginationToken": "b"}, {"Users": [3]})
    pages = list(client.get_paginator("list_users").paginate(UserPoolId="p"))
    assert [page["Users"] for page in pages] == [[1], [2], [3]]
    assert [body.get("PaginationToken") for _, body in _Service.asked] == [None, "a", "b"]
    assert all(body["UserPoolId"] == "p" for _, body in _Service.asked)


def test_dates_are_those_of_boto3(client: JsonClient) -> None:
    respond({"Users": [{"UserCreateDate": 1500000000.5, "Enabled": True, "EndDate": "text"}]})
    (user,) = client.list_users()["Users"]
    assert user["UserCreateDate"] == datetime(2017, 7, 14, 2, 40, 0, 500_000, UTC)
    assert (user["Enabled"], user["EndDate"]) == (True, "text")


@pytest.mark.parametrize("kind", ["UserNotFoundException", "com.amazon#UserNotFoundException"])
def test_a_refusal_has_the_services_code_and_words(client: JsonClient, kind: str) -> None:
    respond({"__type": kind, "message": "User does not exist."}, status=400)
    with pytest.raises(AwsRefusalError, match=r"^User does not exist; `.*users` lists all") as caught:
        client.admin_get_user()
    assert caught.value.code == "UserNotFoundException"


@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]"])
def test_what_is_no_response_of_aws_is_told(client: JsonClient, content: bytes) -> None:
    _Service.prepared[:] = [(500, content)]
    with pytest.raises((AwsRefusalError, MachineError)):
        client.admin_get_user()


def test_nobody_listens() -> None:
    client = JsonClient("http://127.0.0.1:1", "eu-west-1", "cognito-idp", COGNITO, "test")
    with pytest.raises(MachineError, match="the local AWS does not respond"):
        client.admin_get_user()
