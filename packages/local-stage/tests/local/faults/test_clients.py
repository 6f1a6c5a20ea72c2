"""Clients that vanish, dawdle or only hold their connections keep nobody else from being served."""

from __future__ import annotations

import contextlib
import resource
import socket
import struct
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.echo.api import EchoApi, echo_api
from tests.processes import count_open_files, wait_until

USUAL_FILES = 1024
"""How many files a process may have open unless its shell says otherwise, on most of Linux."""
IDLE = 1000
VANISHING = 100
SLOW = 50
BODY = b'{"marker": "slow", "do": null}'
LINGER_NOT = struct.pack("ii", 1, 0)
"""socket(7), SO_LINGER: closing resets the connection."""


@contextlib.contextmanager
def may_open(files: int) -> Iterator[None]:
    """Let this process, and what it starts meanwhile, have so many files open."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, most), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EchoApi]:
    """A stage that was started by a shell with the usual limits."""
    with contextlib.ExitStack() as stack:
        with may_open(USUAL_FILES):
            api = stack.enter_context(echo_api(tmp_path_factory.mktemp("clients")))
        with may_open(2 * IDLE + USUAL_FILES):
            yield api


def connect(api: EchoApi) -> socket.socket:
    url = urlsplit(api.stage.api_url)
    assert url.hostname is not None
    return socket.create_connection((url.hostname, url.port or 80), timeout=60)


def build_head(api: EchoApi, marker: str) -> bytes:
    """Return the head of a good request with the body above."""
    token = api.signer.id_token(**{"cognito:username": "slow"})
    lines = (
        f"POST /dev/echo?marker={marker} HTTP/1.1",
        "Host: localhost",
        f"Authorization: {token}",
        f"Content-Length: {len(BODY)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode()


@pytest.mark.parametrize("how", ["closed", "reset"])
def test_clients_that_vanish_amid_their_body_reach_no_function(api: EchoApi, how: str) -> None:
    marker = f"vanished-{how}"
    data = build_head(api, marker) + BODY[:5]
    with api.traffic(fault="clients that vanish amid their body") as flow:
        for _ in range(VANISHING):
            with connect(api) as client:
                client.sendall(data)
                if how == "reset":
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        flow.wait_for_good(20)
    assert flow.report.is_right()
    assert marker not in api.calls()


def test_clients_that_vanish_before_their_answer_take_nobody_elses(api: EchoApi) -> None:
    data = build_head(api, "impatient") + BODY
    with api.traffic(fault="clients that vanish before their answer") as flow:
        for _ in range(VANISHING):
            with connect(api) as client:
                client.sendall(data)
        flow.wait_for_good(20)
    assert flow.report.is_right()


def test_clients_that_send_a_byte_now_and_then_are_answered_at_last_and_slow_nobody(api: EchoApi) -> None:
    with contextlib.ExitStack() as stack, api.traffic(fault="clients that send a byte a second") as flow:
        clients = [stack.enter_context(connect(api)) for _ in range(SLOW)]
        for client in clients:
            client.sendall(build_head(api, "slow") + BODY[:-3])
        for index in (-3, -2, -1):
            for client in clients:
                client.sendall(bytes([BODY[index]]))
            time.sleep(1)  # the fault itself: a byte a second
            flow.wait_for_good(1)
        answers = [client.makefile("rb").read() for client in clients]
    assert flow.report.is_right()
    assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 200 OK"}


def test_a_thousand_idle_connections_keep_nobody_out(api: EchoApi) -> None:
    """Half of them send nothing at all, half of them the beginning of a request."""
    with contextlib.ExitStack() as stack:
        for number in range(IDLE):
            client = stack.enter_context(connect(api))
            if number % 2:
                client.sendall(b"POST /dev/echo HTTP/1.1\r\nHost: local")
        with api.traffic(fault="1,000 idle connections") as flow:
            flow.wait_for_good(50)
    assert flow.report.is_right()


def test_connections_that_are_gone_are_forgotten(api: EchoApi) -> None:
    """A stage at rest has a few dozen files open."""
    with contextlib.ExitStack() as stack:
        for _ in range(VANISHING):
            stack.enter_context(connect(api)).sendall(build_head(api, "forgotten") + BODY[:5])
        wait_until(lambda: count_open_files(api.stage.pid) > VANISHING)
    wait_until(lambda: count_open_files(api.stage.pid) < VANISHING)
