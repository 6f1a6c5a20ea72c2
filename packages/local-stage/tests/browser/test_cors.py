"""A page of another origin in a real browser: the template's AllowedOrigin may read the answers, no other."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, override

import pytest
from playwright.sync_api import Page

from local_stage.explanation.known_responses import explain_response
from local_stage.testing.token_factory import TokenFactory
from tests.stage_process import StageProcess, running_stage

READ = """
    ([url, token, type]) => fetch(url, {
        method: type ? "POST" : "GET",
        headers: {...(token ? {Authorization: token} : {}), ...(type ? {"Content-Type": type} : {})},
        body: type ? "{}" : undefined,
    }).then(async (answer) => [answer.status, await answer.text()], (error) => error.name)
"""
FETCH = "([url, options]) => fetch(url, options).then(() => null, () => null)"
GREETING = '{"message":"Hello AWS API Gateway!"'


class _EmptyPage(BaseHTTPRequestHandler):
    """Answers everything with a page that has nothing in it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,>")

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a web site, which has one origin by the name localhost and another by 127.0.0.1."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _EmptyPage) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield site.server_port
        site.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[StageProcess]:
    folder: Path = tmp_path_factory.mktemp("stage")
    allowed = f"AllowedOrigin=http://localhost:{port}"
    with running_stage(folder, "--parameter-overrides", allowed) as running:
        yield running


@pytest.fixture
def allowed(page: Page, port: int) -> Page:
    page.goto(f"http://localhost:{port}/")
    return page


@pytest.fixture
def foreign(page: Page, port: int) -> Page:
    page.goto(f"http://127.0.0.1:{port}/")
    return page


def read(page: Page, url: str, token: str | None = None, content_type: str | None = None) -> Any:
    """Return status and text of the answer that the page's script may read, or the error that it gets."""
    return page.evaluate(READ, [url, token, content_type])


def test_the_allowed_origin_reads_what_a_token_opens(
    allowed: Page, stage: StageProcess, token: TokenFactory
) -> None:
    status, text = read(allowed, f"{stage.api_url}/hello", token())
    assert (status, text.startswith(GREETING)) == (200, True)


def test_the_allowed_origin_may_send_json(allowed: Page, stage: StageProcess, token: TokenFactory) -> None:
    assert read(allowed, f"{stage.api_url}/hello", token(), "application/json")[0] == 200


def test_the_allowed_origin_reads_why_it_is_refused(allowed: Page, stage: StageProcess) -> None:
    """Without the gateway responses' header a browser would show an error of CORS instead of the 401."""
    assert read(allowed, f"{stage.api_url}/hello") == [401, '{"message":"Unauthorized"}']


def test_another_origin_reads_nothing_even_with_a_token(
    foreign: Page, stage: StageProcess, token: TokenFactory
) -> None:
    assert read(foreign, f"{stage.api_url}/hello", token()) == "TypeError"


def test_another_origin_does_not_even_read_a_refusal(foreign: Page, stage: StageProcess) -> None:
    assert read(foreign, f"{stage.api_url}/hello") == "TypeError"


def complain(page: Page, url: str, **options: Any) -> str | None:
    """Return the name of the explanation of what Chromium prints in its console when this is fetched."""
    with page.expect_console_message(lambda message: "net::ERR_FAILED" not in message.text) as said:
        page.evaluate(FETCH, [url, options])
    known = explain_response(said.value.text)
    return known.name if known else None


@pytest.mark.parametrize("headers", [{}, {"Authorization": "x"}], ids=["at once", "in its preflight"])
def test_what_chromium_says_to_another_origin_is_explained(
    foreign: Page, stage: StageProcess, headers: dict[str, str]
) -> None:
    assert complain(foreign, f"{stage.api_url}/hello", headers=headers) == "cors-origin"


@pytest.mark.parametrize(
    ("path", "options", "name"),
    [
        ("/nothing", {"headers": {"Authorization": "x"}}, "cors-preflight"),
        ("/hello", {"headers": {"X-Other": "x"}}, "cors-header"),
        ("/hello", {"method": "PUT"}, "cors-method"),
        ("/hello", {"credentials": "include"}, "cors-credentials"),
        ("/hello", {"headers": {"Authorization": "x"}, "credentials": "include"}, "cors-credentials"),
    ],
)
def test_what_chromium_says_to_the_allowed_origin_is_explained(
    allowed: Page, stage: StageProcess, path: str, options: dict[str, Any], name: str
) -> None:
    assert complain(allowed, stage.api_url + path, **options) == name


@pytest.mark.parametrize("headers", [{}, {"Authorization": "x"}], ids=["at once", "in its preflight"])
def test_what_chromium_says_of_an_answer_without_cors_is_explained(
    allowed: Page, port: int, headers: dict[str, str]
) -> None:
    assert complain(allowed, f"http://127.0.0.1:{port}/", headers=headers) == "cors-missing"


def test_what_chromium_says_where_nothing_listens_is_explained(allowed: Page) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    assert complain(allowed, url) == "no-response"


@pytest.mark.parametrize("path", ["stage", "requests", "clock", "openapi.json", "console.js", ""])
def test_the_console_is_for_no_page_but_its_own(allowed: Page, url: str, path: str) -> None:
    assert read(allowed, url + path) == "TypeError"


def test_the_console_cannot_be_framed(allowed: Page, url: str) -> None:
    with allowed.expect_response(url) as answered:
        allowed.evaluate(
            "url => document.body.append(Object.assign(document.createElement('iframe'), {src: url}))",
            url,
        )
    assert answered.value.status == 403
    assert "routes" not in answered.value.text()


def test_a_link_leads_to_the_console(allowed: Page, url: str) -> None:
    allowed.evaluate("url => location.assign(url)", url)
    allowed.wait_for_url(url)
    assert allowed.title() == "Local stage"
