"""A sign-in that the local AWS refuses, or cannot answer as it has just died: told, and no fault of ours."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override

import pytest

from local_stage.api_gateway.http_message import HttpRequest
from local_stage.cognito.directory.sign_in_offer import SignInOffer
from local_stage.console.console import Console
from local_stage.console.sign_in_endpoint import (
    LOGIN_PATH,
    MACHINE_PATH,
    SIGN_IN_PATH,
    sign_in_endpoints,
)
from local_stage.serving.sockets import find_free_port
from tests.built_stage import PORT, build_stage

STAGE = build_stage(sign_in=SignInOffer("eu-west-1_gone", "token alice", "client", "client", "client"))
HEADERS = (("Host", "127.0.0.1:3000"), ("Content-Type", "application/json"))
REFUSAL = {"__type": "ResourceNotFoundException", "message": "User pool eu-west-1_gone does not exist."}


PATHS = [LOGIN_PATH, MACHINE_PATH, SIGN_IN_PATH]
PASSWORD = b'{"username": "alice", "password": "Correct-Horse-7"}'


class _WithoutPool(BaseHTTPRequestHandler):
    """Answers as a local AWS does whose user pool is gone."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(REFUSAL).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port_without_pool() -> Iterator[int]:
    """The port of a local AWS that refuses."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _WithoutPool) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def ask(path: str, port: int) -> tuple[int, Any]:
    """Ask for a sign-in at the local AWS of this port."""
    running = replace(STAGE.running, aws_endpoint_url=f"http://127.0.0.1:{port}")
    console = Console(sign_in_endpoints(lambda: replace(STAGE, running=running), port=PORT))
    request = HttpRequest("POST", f"/.local-stage{path}", headers=HEADERS, body=PASSWORD)
    answer = asyncio.run(console.handle(request))
    return answer.status, json.loads(answer.body)["message"]


@pytest.mark.parametrize("path", PATHS)
def test_a_local_aws_that_does_not_answer_is_no_fault_of_the_stage(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        status, message = ask(path, find_free_port(0, "--aws-port"))
    assert status == 502
    assert "does not respond" in message
    assert caplog.text == ""


@pytest.mark.parametrize("path", PATHS)
def test_what_the_pool_refuses_is_told_in_its_words(
    path: str, port_without_pool: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert ask(path, port_without_pool) == (502, "User pool eu-west-1_gone does not exist")
    assert caplog.text == ""


def test_where_there_is_no_pool_nobody_signs_in() -> None:
    stage = build_stage()
    console = Console(sign_in_endpoints(lambda: stage, port=PORT))
    request = HttpRequest("POST", f"/.local-stage{SIGN_IN_PATH}", headers=HEADERS, body=PASSWORD)
    answer = asyncio.run(console.handle(request))
    assert answer.status == 409
    assert b"nobody can sign in here" in answer.body
