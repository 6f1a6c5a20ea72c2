"""No spelling of a path reaches a protected method without a token, nor a function that is not its own."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.local.hostile.attacked_api import AttackedApi, Call
from tests.local.hostile.wire import Answer, build, exchange

HELLO, ITEM, FILE, OPEN, BELOW = "/hello", "/items/{id}", "/files/{proxy+}", "/open", "/open/{proxy+}"

PROTECTED: Mapping[str, str] = {
    "/dev/hello": HELLO,
    "/dev/hello/": HELLO,
    "/dev/hello?": HELLO,
    "/dev/hello?/../open": HELLO,
    "/dev/hello?%23#": HELLO,
    "//dev//hello//": HELLO,
    "/dev//hello": HELLO,
    "/dev/items/..": ITEM,
    "/dev/items/%2e%2e": ITEM,
    "/dev/items/..%2fopen": ITEM,
    "/dev/items/%2e%2e%2fopen": ITEM,
    "/dev/items/a%00b": ITEM,
    "/dev/items/;/": ITEM,
    "/dev/items/open?x=/open": ITEM,
    "/dev/files/../open": FILE,
    "/dev/files/../../dev/open": FILE,
    "/dev/files/..%2f..%2fopen": FILE,
    "/dev/files//open": FILE,
    "/dev/files/./..//open": FILE,
    "/dev/files/..;/open": FILE,
    "/dev/files/\\..\\open": FILE,
    "/dev/files/%5c..%5copen": FILE,
    "/dev/files/%252e%252e/open": FILE,
}
"""Targets of a protected method, under a spelling that might look like one of an open method."""

OPENLY: Mapping[str, str] = {
    "/dev/open": OPEN,
    "/dev/open/": OPEN,
    "/dev/open/../hello": BELOW,
    "/dev/open/%2e%2e/hello": BELOW,
    "/dev/open/..%2fhello": BELOW,
    "/dev/open//../hello": BELOW,
    "/dev/open/..;/hello": BELOW,
    "/dev/open/.;/../machine": BELOW,
    "/dev/open/../../dev/files/a": BELOW,
    "/dev/open/%2e%2e%2f%2e%2e%2fdev%2fhello": BELOW,
    "/dev/open/\\..\\hello": BELOW,
    "/dev/open?/../hello": OPEN,
}
"""Targets of an open method that might look like one of a protected method."""

NOWHERE = (
    "/dev/%68ello",
    "/dev/hell%6f",
    "/dev/hello%2f",
    "/dev/hello%2F",
    "/dev/hello%20",
    "/dev/hello%00",
    "/dev/hello%0a",
    "/dev/hello%3f",
    "/dev/hello%3Fx=1",
    "/dev/hello%23",
    "/dev/hello;",
    "/dev/hello;x=1",
    "/dev/hello;/open",
    "/dev/hello.",
    "/dev/hello.json",
    "/dev/./hello",
    "/dev/hello/.",
    "/dev/x/../hello",
    "/dev/hello/../machine",
    "/dev/%2e/hello",
    "/dev/../dev/hello",
    "/dev/%2fhello",
    "/dev/HELLO",
    "/Dev/hello",
    "/%64ev/hello",
    "/dev%2fhello",
    "/dev;x/hello",
    "/x/../dev/hello",
    "/./dev/hello",
    "/../dev/hello",
    "/dev\\hello",
    "/dev/\\hello",
    "/dev/hello\\",
    "/dev/%ef%bc%88hello",
    "/dev/h\u0435llo",
    "/dev/hello#",
    "/dev/hello#/open",
    "/dev/items",
    "/dev/items/",
    "/dev/items/a/b",
    "/dev/files",
    "/dev/files/",
    "/hello",
    "hello",
    "*",
    "",
    "http://127.0.0.1/dev/hello",
    "http://127.0.0.1:{port}/dev/hello",
    "http://localhost/dev/hello",
    "http://attacker.example/dev/hello",
    "HTTP://127.0.0.1/dev/hello",
    "https://127.0.0.1/dev/hello",
    "http:///dev/hello",
    "http:/dev/hello",
    "file:///dev/hello",
    "//127.0.0.1/dev/hello",
    "///dev///hello/x",
    "http://127.0.0.1@attacker.example/dev/hello",
    "http://[::1]/dev/hello",
    "http://[/dev/hello",
    "http://127.0.0.1:99999999/dev/hello",
)
"""Targets of no method; absolute ones too, which a client sends that takes the server for a proxy."""


def get(api: AttackedApi, target: str, *headers: tuple[str, str]) -> tuple[Answer, list[Call]]:
    """Return the answer and the calls that it took."""
    before = len(api.calls())
    answer = exchange(api.address, build("GET", target.replace("{port}", str(api.address[1])), headers))
    assert answer is not None
    return answer, api.calls()[before:]


@pytest.mark.parametrize("target", PROTECTED)
@pytest.mark.usefixtures("nobody_calls")
def test_a_protected_method_asks_for_a_token_under_every_spelling(api: AttackedApi, target: str) -> None:
    answer, _ = get(api, target)
    assert (answer.status, answer.body) == (401, b'{"message":"Unauthorized"}')


@pytest.mark.parametrize("target", PROTECTED)
def test_with_a_token_every_spelling_reaches_its_own_function(api: AttackedApi, target: str) -> None:
    answer, calls = get(api, target, ("Authorization", api.good("id")))
    assert answer.status == 200
    assert [(call["function"], call["resource"]) for call in calls] == [("hello", PROTECTED[target])]


@pytest.mark.parametrize("target", PROTECTED)
@pytest.mark.usefixtures("nobody_calls")
def test_a_token_of_the_other_kind_opens_no_spelling(api: AttackedApi, target: str) -> None:
    answer, _ = get(api, target, ("Authorization", api.good("access")))
    assert answer.status == 401


@pytest.mark.parametrize("target", OPENLY)
def test_an_open_method_reaches_its_own_function_only(api: AttackedApi, target: str) -> None:
    answer, calls = get(api, target)
    assert answer.status == 200
    assert [(call["function"], call["resource"]) for call in calls] == [("open", OPENLY[target])]


@pytest.mark.parametrize("target", OPENLY)
def test_what_an_open_method_gets_never_says_that_somebody_was_authorized(
    api: AttackedApi, target: str
) -> None:
    _, (call,) = get(api, target, ("Authorization", api.good("id")))
    assert call["authorizer"] is None


@pytest.mark.parametrize("authorized", [False, True], ids=["no token", "a good token"])
@pytest.mark.parametrize("target", NOWHERE)
@pytest.mark.usefixtures("nobody_calls")
def test_no_other_spelling_reaches_any_function(api: AttackedApi, target: str, *, authorized: bool) -> None:
    headers = [("Authorization", api.good("id"))] if authorized else []
    answer, _ = get(api, target, *headers)
    assert answer.status in {400, 403}


@pytest.mark.parametrize("target", [target for target in (*PROTECTED, *NOWHERE) if "hello" in target])
@pytest.mark.usefixtures("nobody_calls")
def test_no_spelling_opens_the_method_with_a_scope_to_an_id_token(api: AttackedApi, target: str) -> None:
    spelling = target.replace("hello", "machine")
    answer, _ = get(api, spelling, ("Authorization", api.good("id")))
    assert answer.status in {400, 401, 403}
