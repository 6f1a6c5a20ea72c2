"""The stage answers to its own host names only, so that no web page reaches it by DNS rebinding."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from local_stage.api_gateway.api import check_host
from local_stage.api_gateway.gateway_error import GatewayError
from local_stage.api_gateway.http_message import HttpResponse
from tests.gateway_request import build_request
from tests.unit.api_gateway.served_stage import DOMAIN_NAME, ServedStage


def answer(*hosts: str, path: str = "/dev/hello") -> HttpResponse:
    return ServedStage().answer(build_request(path=path, headers=tuple(("Host", host) for host in hosts)))


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost", "[::1]", DOMAIN_NAME])
@pytest.mark.parametrize("port", ["", ":3000", ":80"])
def test_each_of_the_stages_own_names_is_answered_with_any_port(name: str, port: str) -> None:
    assert answer(name + port).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:3000",
        "127.0.0.1.evil.example",
        "localhost.evil.example:3000",
        "evil.example:127.0.0.1",
        "evil.example@localhost",
        "localhost@evil.example",
        "localhost.",
        "localhost:3000:3000",
        "::1",
        "[::1",
        "[::2]",
        "127.0.0.2",
        "0.0.0.0",  # noqa: S104 - browsers take it for this machine
        "2130706433",
        f"other.{DOMAIN_NAME}",
        f"b{DOMAIN_NAME[1:]}",
        "",
        ":3000",
    ],
)
def test_any_other_host_is_forbidden_as_an_unknown_api_is(host: str) -> None:
    response = answer(host)
    assert response.status == 403
    assert response.header("x-amzn-ErrorType") == "ForbiddenException"
    assert response.body == b'{"message":"Forbidden"}'


def test_a_foreign_host_beside_an_own_one_is_forbidden() -> None:
    assert answer("localhost", "evil.example").status == 403
    assert answer("evil.example", "localhost").status == 403


def test_a_foreign_host_learns_nothing_of_the_routes() -> None:
    assert answer("evil.example", path="/dev/nowhere").body == answer("evil.example").body


def test_a_request_without_a_host_is_answered() -> None:
    """Only HTTP/1.0 has none, and no browser speaks that."""
    assert answer().status == 200


def test_the_log_names_the_host_and_what_to_do() -> None:
    stage = ServedStage()
    stage.answer(build_request(headers=(("Host", "evil.example\x1b[2J"),)))
    (answered,) = stage.recorded
    assert answered.error is not None
    assert answered.error.reason == (
        "the Host 'evil.example\\x1b[2J' is not this API's; call it by 127.0.0.1 or localhost, or start the"
        " stage with --allow-host and this name without its port"
    )


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("phone.example", True),
        ("Phone.Example:3000", True),
        ("192.168.1.5:3000", True),
        ("other.example", False),
        ("evil.phone.example", False),
        ("phone.example.evil.example:3000", False),
    ],
)
def test_the_names_that_the_developer_allows_are_answered_and_no_others(
    host: str, *, is_allowed: bool
) -> None:
    names = frozenset({"phone.example", "192.168.1.5"})
    request = build_request(headers=(("Host", host),))
    with nullcontext() if is_allowed else pytest.raises(GatewayError, match="--allow-host"):
        check_host(request, DOMAIN_NAME, names)


def test_the_log_of_the_root_names_the_stages_page() -> None:
    """The response itself is AWS's, 403 for a stage that does not exist."""
    stage = ServedStage()
    response = stage.answer(build_request(path="/", headers=(("Host", "localhost:3000"),)))
    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')
    (answered,) = stage.recorded
    assert answered.error is not None
    assert answered.error.reason.endswith("the stage's page is http://127.0.0.1:3000/.local-stage/")
