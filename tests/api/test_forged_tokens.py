"""The hostile matrix over the wire: what the pool's own keys sign, bend and break lets nobody in."""

from __future__ import annotations

import socket
from http.client import HTTPResponse
from typing import Literal
from urllib.parse import urlsplit

import pytest

from tests.api.answers import UNAUTHORIZED, Refusal
from tests.api.api_caller import ApiCaller
from tests.api.locally_signed import LocalSigners
from tests.api.routes import GET_HELLO, MACHINE_HELLO, Route
from tests.forged_claims import FORGERIES
from tests.forged_tokens import Forger
from tests.stage_process import StageProcess

type Kind = Literal["id", "access"]

ROUTES: dict[Kind, Route] = {"id": GET_HELLO, "access": MACHINE_HELLO}

NO_HEADER_VALUES = (
    "a blank inside",
    "a newline inside",
    "a newline after",
    "NUL after",
    "a terminal's escape inside",
    "a letter outside ASCII",
    "a fullwidth dot",
)
TOO_LONG = ("kid of 100 kB", "an integer of 5,000 digits", "lists 3,000 deep", "12 kB")


@pytest.fixture(scope="module")
def forgers(signers: LocalSigners) -> dict[Kind, Forger]:
    """Forgers who have the pool's own keys."""
    return {"id": Forger(signers.id, "id"), "access": Forger(signers.access, "access")}


@pytest.mark.parametrize("kind", ROUTES)
def test_the_token_that_all_forgeries_start_from_is_good(
    api: ApiCaller, forgers: dict[Kind, Forger], kind: Kind
) -> None:
    assert api.send("GET", ROUTES[kind].path, forgers[kind].good()).status_code == 200


@pytest.mark.parametrize("kind", ROUTES)
def test_a_forgery_is_refused(
    api: ApiCaller, forgers: dict[Kind, Forger], kind: Kind, subtests: pytest.Subtests
) -> None:
    for name in [name for name in FORGERIES if name not in {*NO_HEADER_VALUES, *TOO_LONG}]:
        with subtests.test(name):
            response = api.send("GET", ROUTES[kind].path, FORGERIES[name](forgers[kind]))
            assert Refusal.read(response) == UNAUTHORIZED


@pytest.mark.parametrize("name", [*NO_HEADER_VALUES, *TOO_LONG])
@pytest.mark.parametrize("kind", ROUTES)
def test_what_no_client_would_send_is_refused_too(
    api: ApiCaller, forgers: dict[Kind, Forger], kind: Kind, name: str
) -> None:
    response = send_raw(api.api_url, ROUTES[kind].path, FORGERIES[name](forgers[kind]).encode())
    assert response.status in {400, 401, 431}


@pytest.mark.parametrize("kind", ROUTES)
def test_a_good_token_in_a_malformed_request_stays_out_of_the_log(
    api: ApiCaller, forgers: dict[Kind, Forger], stage: StageProcess, kind: Kind
) -> None:
    token = forgers[kind].good()
    send_raw(api.api_url, ROUTES[kind].path, f"{token}\0".encode())
    assert token not in stage.log


def send_raw(api_url: str, path: str, authorization: bytes) -> HTTPResponse:
    """Send bytes that no HTTP library lets through, and return the answer, its body still to be read."""
    url = urlsplit(api_url)
    request = f"GET {url.path}{path} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n".encode()
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(request + b"Authorization: " + authorization + b"\r\n\r\n")
        response = HTTPResponse(connection)
        response.begin()
        return response
