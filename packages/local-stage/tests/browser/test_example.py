"""examples/browser in a real browser: a page of an origin of its own, the stage's pool and API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Route, expect

from local_stage.testing.pool_user import PoolUser, UserFactory
from local_stage.testing.stage_clock import StageClock
from tests.browser.example_site import EXAMPLE, SERVE, Site, serving, write_example
from tests.shell_blocks import read_blocks
from tests.stage_process import StageProcess, running_stage
from tests.unit.template.written_template import template

ORIGIN = "http://localhost:5173"
JWT = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="module")
def stage(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    """A stage that lets the site in, and the example with the three values changed."""
    origin = f"AllowedOrigin={site.origin}"
    with running_stage(tmp_path_factory.mktemp("stage"), "--parameter-overrides", origin) as stage:
        write_example(site.folder, stage)
        yield stage


@dataclass(slots=True)
class Watched:
    """What the page has sent and complained of since its tab was opened."""

    requests: list[Request] = field(default_factory=list)
    console: list[ConsoleMessage] = field(default_factory=list)

    def complaints_of(self, origin: str) -> list[str]:
        """Return the errors of pages of an origin: the login page has some of its own."""
        return [said.text for said in self.console if said.location["url"].startswith(origin)]

    def sent_to(self, path: str) -> list[Request]:
        return [request for request in self.requests if urlsplit(request.url).path == path]


@pytest.fixture
def watched(page: Page) -> Watched:
    watched = Watched()
    page.on("request", lambda request: watched.requests.append(request))  # noqa: PLW0108 - Playwright marks it
    page.on("console", lambda said: watched.console.append(said) if said.type == "error" else None)
    return watched


def sign_in(page: Page, site: Site, user: PoolUser) -> None:
    page.goto(f"{site.origin}/")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(user.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#status")).to_contain_text(f"{user.username} is signed in")


def press(page: Page, name: str) -> str:
    """Press a button and return the answer that appears, which has to be another one than before."""
    before = page.locator("#response").text_content() or ""
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#response")).not_to_have_text(before)
    return page.locator("#response").text_content() or ""


def test_a_user_who_has_signed_in_is_greeted(
    site: Site, page: Page, alice: PoolUser, watched: Watched
) -> None:
    sign_in(page, site, alice)
    answer = press(page, "GET /hello")
    assert answer == f'200 GET /hello\n{{"message":"Hello AWS API Gateway!","username":"{alice.username}"}}'
    assert json.loads(press(page, "GET /me").partition("\n")[2])["username"] == alice.username
    assert watched.complaints_of(site.origin) == []


def test_the_sign_in_is_by_code_with_a_challenge(
    site: Site, page: Page, alice: PoolUser, watched: Watched
) -> None:
    sign_in(page, site, alice)
    asked = parse_qs(urlsplit(watched.sent_to("/oauth2/authorize")[0].url).query)
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    assert all(len(asked[name][0]) == 43 for name in ("state", "nonce", "code_challenge"))
    (exchange,) = watched.sent_to("/oauth2/token")
    assert len(parse_qs(exchange.post_data or "")["code_verifier"][0]) == 43


def test_the_page_calls_the_two_addresses_of_its_settings_and_no_other(
    site: Site, page: Page, watched: Watched
) -> None:
    """Its own policy would let it call this site as well, or any other with https."""
    page.goto(f"{site.origin}/")
    expect(page.locator("#status")).to_have_text("Nobody is signed in.")
    for url in ("https://attacker.example/", "http://127.0.0.1:9/"):
        assert page.evaluate("url => fetch(url).then(() => 'sent', () => 'kept')", url) == "kept"
    refused = [said.text for said in watched.console if "connect-src" in said.text]
    assert len(refused) >= 2


def test_a_refusal_of_the_function_is_shown(site: Site, page: Page, alice: PoolUser) -> None:
    sign_in(page, site, alice)
    assert press(page, "GET /admin/hello").startswith("403 GET /admin/hello\n")


def test_a_refusal_of_the_gateway_is_shown_and_not_hidden_behind_cors(
    site: Site, page: Page, alice: PoolUser, clock: StageClock
) -> None:
    sign_in(page, site, alice)
    clock.advance(7200)
    assert press(page, "GET /hello") == '401 GET /hello\n{"message":"The incoming token has expired"}'


def test_no_token_is_kept_or_put_into_an_address(
    site: Site, page: Page, context: BrowserContext, alice: PoolUser, watched: Watched
) -> None:
    sign_in(page, site, alice)
    press(page, "GET /hello")
    assert page.url == f"{site.origin}/"
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{},{},""]'
    assert context.storage_state(indexed_db=True)["origins"] == []
    assert [request.url for request in watched.requests if JWT.search(request.url)] == []
    page.reload()
    expect(page.locator("#status")).to_have_text("Nobody is signed in.")


def test_a_refresh_brings_a_new_id_token(site: Site, page: Page, alice: PoolUser, watched: Watched) -> None:
    sign_in(page, site, alice)
    press(page, "GET /hello")
    assert press(page, "Refresh") == "There is a new ID token."
    assert press(page, "GET /hello").startswith("200 ")
    first, second = (
        request.headers["authorization"]
        for request in watched.sent_to("/dev/hello")
        if request.method == "GET"
    )
    assert JWT.search(first)
    assert first != second


def test_before_its_token_expires_the_page_gets_another(
    site: Site, page: Page, alice: PoolUser, watched: Watched
) -> None:
    page.clock.install()
    sign_in(page, site, alice)
    page.clock.fast_forward("59:30")
    assert press(page, "GET /hello").startswith("200 ")
    assert [parse_qs(sent.post_data or "")["grant_type"] for sent in watched.sent_to("/oauth2/token")] == [
        ["authorization_code"],
        ["refresh_token"],
    ]


def test_a_refresh_that_is_refused_ends_the_session(
    stage: StageProcess, site: Site, page: Page, user: UserFactory
) -> None:
    disabled = user()
    sign_in(page, site, disabled)
    pool = {"UserPoolId": stage.outputs["UserPoolId"], "Username": disabled.username}
    stage.client("cognito-idp").admin_disable_user(**pool)
    assert press(page, "Refresh") == "The token endpoint responds with 400. Sign in again."
    expect(page.locator("#status")).to_have_text("Nobody is signed in.")


def test_after_signing_out_nobody_is_signed_in(
    site: Site, page: Page, alice: PoolUser, watched: Watched
) -> None:
    sign_in(page, site, alice)
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#status")).to_have_text("Nobody is signed in.")
    assert page.url == f"{site.origin}/"
    (asked,) = (parse_qs(urlsplit(request.url).query) for request in watched.sent_to("/logout"))
    assert asked["logout_uri"] == [f"{site.origin}/"]


@pytest.mark.usefixtures("stage")
@pytest.mark.parametrize("query", ["code=stolen&state=made-up", "code=stolen", "error=access_denied"])
def test_an_answer_to_a_sign_in_that_was_not_started_here_is_not_used(
    site: Site, page: Page, watched: Watched, query: str
) -> None:
    page.goto(f"{site.origin}/?{query}")
    expect(page.locator("#response")).to_have_text("This sign-in was not started here. Sign in again.")
    assert watched.sent_to("/oauth2/token") == []
    assert page.url == f"{site.origin}/"


@pytest.mark.usefixtures("stage")
def test_a_code_of_another_sign_in_than_the_one_started_is_not_used(
    site: Site, page: Page, watched: Watched
) -> None:
    page.goto(f"{site.origin}/")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto(f"{site.origin}/?code=stolen&state=made-up")
    expect(page.locator("#response")).to_have_text("This sign-in was not started here. Sign in again.")
    assert watched.sent_to("/oauth2/token") == []


def test_an_id_token_with_another_nonce_is_not_used(site: Site, page: Page, alice: PoolUser) -> None:
    def change_nonce(route: Route) -> None:
        route.continue_(url=re.sub(r"nonce=[^&]*", "nonce=another", route.request.url))

    page.route("**/oauth2/authorize?*", change_nonce)
    page.goto(f"{site.origin}/")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Username").fill(alice.username)
    page.get_by_label("Password").fill(alice.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#response")).to_have_text("This ID token is not for this sign-in.")
    expect(page.locator("#status")).to_have_text("Nobody is signed in.")


def test_an_answer_is_text_and_never_markup(
    stage: StageProcess, site: Site, page: Page, alice: PoolUser
) -> None:
    sign_in(page, site, alice)
    markup = "<img src=x onerror=alert(1)>"
    readable = {"Access-Control-Allow-Origin": site.origin}
    page.route(f"{stage.api_url}/hello", lambda route: route.fulfill(body=markup, headers=readable))
    assert press(page, "GET /hello") == f"200 GET /hello\n{markup}"
    assert page.locator("#response img").count() == 0


def test_an_origin_that_the_api_does_not_allow_is_told_so(
    stage: StageProcess, site: Site, page: Page, alice: PoolUser
) -> None:
    sign_in(page, site, alice)
    page.route(
        f"{stage.api_url}/hello", lambda route: route.fulfill(headers={"Access-Control-Allow-Origin": "null"})
    )
    api = f"http://{urlsplit(stage.api_url).netloc}"
    asked = "Is that the stack's parameter AllowedOrigin? The stage's log says so."
    expected = f"No response of {api} that {site.origin} may read. {asked}"
    assert press(page, "GET /hello") == expected


def test_the_script_of_the_repository_asks_for_the_client_id(page: Page, watched: Watched) -> None:
    with serving(EXAMPLE) as site:
        page.goto(f"{site.origin}/")
        expect(page.locator("#status")).to_have_text(
            "Put your stack's UserPoolClientId at the top of app.js."
        )
        expect(page.get_by_role("button")).to_have_count(0)
    assert watched.complaints_of(site.origin) == []


def test_the_templates_defaults_let_the_page_in() -> None:
    assert template().parameters["AllowedOrigin"] == ORIGIN


def test_the_page_is_served_as_its_readme_says() -> None:
    commands = [command.text for block in read_blocks(EXAMPLE / "README.md") for command in block.commands]
    assert SERVE.format(port=urlsplit(ORIGIN).port, folder="examples/browser") in commands
