"""The console answers its developer, and no page of another site."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.console import Console, json_response, read_json

HOST = "127.0.0.1:3000"


async def show(request: HttpRequest) -> HttpResponse:
    return json_response({"shown": request.path})


async def repeat(request: HttpRequest) -> HttpResponse:
    return json_response(read_json(request))


async def fail(_: HttpRequest) -> HttpResponse:
    raise RuntimeError("out of order")


CONSOLE = Console({("GET", "/thing"): show, ("POST", "/thing"): repeat, ("GET", "/fault"): fail})


def ask(
    path: str, method: str = "GET", *, host: str | None = HOST, body: bytes = b"", **headers: str
) -> tuple[int, Any]:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    hosts = () if host is None else (("Host", host),)
    request = HttpRequest(method, path, headers=hosts + given, body=body)
    assert CONSOLE.has(request)
    answer = asyncio.run(CONSOLE.handle(request))
    return answer.status, json.loads(answer.body)


def test_it_answers_below_its_own_path() -> None:
    assert ask("/.local-stage/thing") == (200, {"shown": "/.local-stage/thing"})


@pytest.mark.parametrize(
    "path", ["/dev/hello", "/", "//.local-stage/thing", "/.local-stagex", "/dev/.local-stage"]
)
def test_every_other_path_is_the_apis(path: str) -> None:
    assert not CONSOLE.has(HttpRequest("GET", path))


def test_an_answer_is_kept_by_no_cache() -> None:
    answer = asyncio.run(CONSOLE.handle(HttpRequest("GET", "/.local-stage/thing", headers=(("Host", HOST),))))
    assert answer.header("Cache-Control") == "no-store"


def test_an_unknown_path_is_not_found() -> None:
    assert ask("/.local-stage/other")[0] == 404


def test_another_verb_is_not_allowed() -> None:
    assert ask("/.local-stage/thing", "PUT")[0] == 405


@pytest.mark.parametrize("host", ["localhost:3000", "LOCALHOST:3000", "[::1]:3000"])
def test_this_machine_may_be_called_by_each_of_its_names(host: str) -> None:
    assert ask("/.local-stage/thing", host=host)[0] == 200


@pytest.mark.parametrize("host", ["evil.example:3000", "127.0.0.1.evil.example:3000", "localhost", "", None])
def test_a_foreign_host_is_refused(host: str | None) -> None:
    """A page whose own name resolves to this machine reads nothing."""
    assert ask("/.local-stage/thing", host=host)[0] == 403


@pytest.mark.parametrize(
    "host",
    [
        "localhost:80@evil.example",
        "localhost:3000/evil",
        "127.0.0.1:3000, evil.example",
        "localhost: 3000",
        "localhost:",
        "localhost:٣٠٠٠",
        "[::1]:999999",
    ],
)
def test_a_host_whose_port_is_none_is_refused(host: str) -> None:
    """What stands there becomes an address to which the pool's login form sends a code."""
    assert ask("/.local-stage/thing", host=host)[0] == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:3000", "http://localhost:3000"]
)
def test_a_page_of_a_foreign_origin_is_refused(origin: str) -> None:
    """Another port or scheme of this machine is foreign as well."""
    assert ask("/.local-stage/thing", Origin=origin)[0] == 403


def test_its_own_page_may_ask() -> None:
    assert ask("/.local-stage/thing", Origin=f"http://{HOST}", Sec_Fetch_Site="same-origin")[0] == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_embeds_is_refused(site: str) -> None:
    assert ask("/.local-stage/thing", Sec_Fetch_Site=site)[0] == 403


def test_an_object_in_json_is_read() -> None:
    assert ask("/.local-stage/thing", "POST", body=b'{"a": 1}', Content_Type="application/json") == (
        200,
        {"a": 1},
    )


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_form_can_send_is_not_read(kind: str) -> None:
    assert ask("/.local-stage/thing", "POST", body=b'{"a": 1}', Content_Type=kind)[0] == 415


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    assert ask("/.local-stage/thing", "POST", body=body, Content_Type="application/json")[0] == 400


def test_a_fault_stands_in_the_log_and_not_in_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        status, answer = ask("/.local-stage/fault")
    assert status == 500
    assert "out of order" not in str(answer)
    assert "out of order" in caplog.text


PAGE = Console({("GET", "/"): show, ("GET", "/thing"): show}, pages={"/"})
VISIT = (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))


def visit(
    path: str, headers: tuple[tuple[str, str], ...] = VISIT, method: str = "GET", host: str = HOST
) -> int:
    request = HttpRequest(method, path, headers=(("Host", host), *headers))
    return asyncio.run(PAGE.handle(request)).status


def test_any_site_may_link_to_a_page() -> None:
    """The pool's login form, a site of its own, sends the browser back to it."""
    assert visit("/.local-stage/") == 200


def test_no_site_may_link_to_anything_else() -> None:
    assert visit("/.local-stage/thing") == 403


@pytest.mark.parametrize(
    "header",
    [("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Mode", "no-cors")],
)
def test_no_site_may_embed_or_read_a_page(header: tuple[str, str]) -> None:
    kept = tuple(other for other in VISIT if other[0] != header[0])
    assert visit("/.local-stage/", (*kept, header)) == 403


def test_no_site_may_send_a_form_to_a_page() -> None:
    assert visit("/.local-stage/", (*VISIT, ("Origin", "http://evil.example")), "POST") == 403


def test_a_page_is_not_shown_under_a_foreign_name() -> None:
    assert visit("/.local-stage/", host="evil.example:3000") == 403


OPENED = Console({("GET", "/thing"): show}, allowed_hosts=frozenset({"phone.example"}))


def ask_opened(host: str, origin: str) -> int:
    headers = (("Host", host), ("Origin", origin))
    request = HttpRequest("GET", "/.local-stage/thing", headers=headers)
    return asyncio.run(OPENED.handle(request)).status


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("phone.example:3000", "http://phone.example:3000", 200),
        ("phone.example", "https://phone.example", 200),
        ("localhost:3000", "http://localhost:3000", 200),
        ("localhost", "http://localhost", 403),
        ("phone.example:3000", "https://evil.example", 403),
        ("phone.example:3000", "http://phone.example:8000", 403),
        ("localhost:3000", "https://localhost:3000", 403),
        ("evil.example:3000", "http://evil.example:3000", 403),
    ],
)
def test_a_name_that_the_developer_allows_is_answered_to_its_own_pages(
    host: str, origin: str, status: int
) -> None:
    assert ask_opened(host, origin) == status
