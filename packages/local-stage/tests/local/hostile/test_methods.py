"""The verb of a request is that of its request line, and of nothing else."""

from __future__ import annotations

import pytest

from tests.local.hostile.attacked_api import AttackedApi
from tests.local.hostile.wire import build, exchange

OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method", "_method"]
REWRITES = ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path", "X-Forwarded-Prefix", "X-Original-URI"]
UNKNOWN = [
    "TRACE",
    "TRACK",
    "CONNECT",
    "PROPFIND",
    "PURGE",
    "LINK",
    "QUERY",
    "DELETE",
    "PUT",
    "PATCH",
    "HEAD",
]
NO_METHODS = ["get", "Get", "GETT", "GE", "FOO", "G\u0435T", "GET\t/x", "", "<script>", "GET,POST", "POST\0"]


@pytest.mark.parametrize("verb", ["GET", "get"])
@pytest.mark.parametrize("name", OVERRIDES)
@pytest.mark.usefixtures("nobody_calls")
def test_no_header_makes_another_verb_of_a_request(api: AttackedApi, name: str, verb: str) -> None:
    """DELETE has no method on /hello, GET has one."""
    headers = [("Authorization", api.good("id")), (name, verb)]
    answer = exchange(api.address, build("DELETE", "/dev/hello", headers))
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("name", OVERRIDES)
def test_an_overriding_header_is_a_header_like_any_other(api: AttackedApi, name: str) -> None:
    before = len(api.calls())
    headers = [("Authorization", api.good("id")), (name, "DELETE")]
    exchange(api.address, build("POST", "/dev/hello", headers, b"{}"))
    (call,) = api.calls()[before:]
    assert (call["method"], call["headers"][name]) == ("POST", ["DELETE"])


@pytest.mark.usefixtures("nobody_calls")
def test_neither_query_nor_form_makes_another_verb_of_a_request(api: AttackedApi) -> None:
    headers = [
        ("Authorization", api.good("id")),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ]
    answer = exchange(api.address, build("PUT", "/dev/hello?_method=POST", headers, b"_method=POST"))
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("name", REWRITES)
@pytest.mark.usefixtures("nobody_calls")
def test_no_header_makes_another_path_of_a_request(api: AttackedApi, name: str) -> None:
    answer = exchange(api.address, build("GET", "/dev/hello", [(name, "/dev/open")]))
    assert answer is not None
    assert answer.status == 401


@pytest.mark.parametrize("method", UNKNOWN)
@pytest.mark.usefixtures("nobody_calls")
def test_a_verb_without_a_method_reaches_nothing(api: AttackedApi, method: str) -> None:
    request = build(method, "/dev/hello", [("Authorization", api.good("id"))])
    answer = exchange(api.address, request, method)
    assert answer is not None
    assert answer.status in {400, 403}
    assert b"Authorization:" not in answer.body


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PURGE"])
@pytest.mark.usefixtures("nobody_calls")
def test_any_stands_for_the_verbs_of_an_api_alone(api: AttackedApi, method: str) -> None:
    answer = exchange(api.address, build(method, "/dev/open"), method)
    assert answer is not None
    assert answer.status in {400, 403}


@pytest.mark.parametrize("method", NO_METHODS, ids=ascii)
@pytest.mark.usefixtures("nobody_calls")
def test_what_is_no_verb_is_no_request(api: AttackedApi, method: str) -> None:
    answer = exchange(api.address, build(method, "/dev/open", [("Authorization", api.good("id"))]))
    assert answer is not None
    assert answer.status == 400


@pytest.mark.parametrize(
    "target", ["127.0.0.1:80", "attacker.example:443", "/dev/hello", "http://a.example/"]
)
@pytest.mark.usefixtures("nobody_calls")
def test_the_stage_is_no_proxy(api: AttackedApi, target: str) -> None:
    request = build("CONNECT", target, [("Authorization", api.good("id"))])
    answer = exchange(api.address, request, "CONNECT")
    assert answer is not None
    assert answer.status in {400, 403}
