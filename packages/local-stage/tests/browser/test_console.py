"""The console in a real browser: sign in, call each route with each token, and see why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Route, expect

from local_stage.testing.pool_user import PoolUser, UserFactory
from local_stage.testing.stage_clock import StageClock
from tests.browser.conftest import open_context
from tests.browser.console_page import ConsolePage
from tests.local.hostile.wire import build, exchange
from tests.processes import wait_until
from tests.stage_process import StageProcess

ID, ACCESS, MACHINE, NONE, BROKEN = "ID token", "Access token", "Machine’s token", "None", "Broken"  # noqa: RUF001
ID_ROUTES = ["GET /hello", "POST /hello", "GET /me"]


@pytest.fixture(scope="module")
def signed_in(browser: Browser, url: str, alice: PoolUser) -> Iterator[ConsolePage]:
    """A page on which a user without groups has signed in; its clock and session are left as they are."""
    with open_context(browser) as context:
        opened = ConsolePage.open(context, url)
        opened.sign_in(alice)
        yield opened


def count_kept(console: ConsolePage) -> int:
    """Return how much the page keeps in the tab; its policy lets no condition be polled within the page."""
    return int(console.page.evaluate("sessionStorage.length"))


def test_the_login_form_signs_in_with_a_code_and_a_challenge(console: ConsolePage, alice: PoolUser) -> None:
    console.sign_in_by_form(alice)
    (asked,) = (parse_qs(urlsplit(request.url).query) for request in console.sent_to("/oauth2/authorize"))
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    (exchange,) = console.sent_to("/oauth2/token")
    assert len(parse_qs(exchange.post_data or "")["code_verifier"][0]) == 43
    assert console.page.url == console.url
    assert console.call("GET /hello", ID) == 200
    expect(console.answer).to_contain_text(alice.username)
    assert console.complaints == []


def test_a_user_name_and_a_password_sign_in(console: ConsolePage, alice: PoolUser) -> None:
    console.sign_in(alice)
    assert console.call("GET /hello", ID) == 200
    assert console.complaints == []


def test_a_user_is_created_and_signed_in_here(console: ConsolePage) -> None:
    page = console.page
    page.get_by_label("User name").fill("created-on-the-page")
    page.get_by_label("Password").fill("Correct-Horse-7")
    page.get_by_role("button", name="Create this user").click()
    expect(page.locator("#user")).to_have_text("created-on-the-page")
    assert console.call("GET /hello", "ID token") == 200
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("User name").fill("created-on-the-page")
    page.get_by_label("Password").fill("Another-Horse-8")
    page.get_by_role("button", name="Create this user").click()
    expect(page.locator("#session-message")).to_contain_text("already exists")


def test_a_wrong_password_is_refused_in_the_pools_words(console: ConsolePage, alice: PoolUser) -> None:
    console.page.get_by_label("User name").fill(alice.username)
    console.page.get_by_label("Password").fill("Wrong-Horse-7")
    console.page.get_by_role("button", name="Sign in with a password").click()
    expect(console.page.locator("#session-message")).to_have_text(
        "The pool refuses: Incorrect username or password."
    )


@pytest.mark.parametrize("query", ["?code=stolen&state=made-up", "?code=stolen", "?error=access_denied"])
def test_an_answer_to_a_sign_in_that_was_not_begun_here_is_not_used(console: ConsolePage, query: str) -> None:
    console.visit(query)
    expect(console.page.locator("#session-message")).to_have_text(
        "That sign-in was not begun here; begin anew."
    )
    assert console.sent_to("/oauth2/token") == []
    assert console.page.url == console.url


def test_an_address_that_answers_no_sign_in_is_not_taken_for_one(console: ConsolePage) -> None:
    console.page.evaluate("sessionStorage.setItem('login', '{}')")  # as an unused login form leaves it
    console.visit("?x=1")
    wait_until(lambda: count_kept(console) == 0)
    expect(console.page.locator("#session-message")).to_be_empty()
    expect(console.page.locator("#signed-in")).to_be_hidden()


def test_a_login_that_was_given_up_leaves_nothing_behind(console: ConsolePage) -> None:
    console.page.get_by_role("button", name="Sign in by the login form").click()
    console.page.wait_for_url("**/oauth2/authorize?**")
    console.visit()
    wait_until(lambda: count_kept(console) == 0)


def test_no_token_is_kept_or_put_into_an_address(console: ConsolePage, alice: PoolUser) -> None:
    console.sign_in_by_form(alice)
    console.call("GET /hello", ID)
    kept = console.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert kept == '[{},{},""]'
    assert [request.url for request in console.requests if "eyJ" in request.url] == []
    console.page.reload()
    expect(console.page.locator("#signed-in")).to_be_hidden()


@pytest.mark.parametrize("route", ID_ROUTES)
def test_an_id_token_opens_a_route_without_scopes(signed_in: ConsolePage, route: str) -> None:
    assert signed_in.call(route, ID) == 200
    expect(signed_in.page.locator(".decisions")).to_be_visible()
    expect(signed_in.failed_decision).to_have_count(0)


@pytest.mark.parametrize("route", [*ID_ROUTES, "GET /admin/hello"])
@pytest.mark.parametrize(
    ("kind", "decision"),
    [(ACCESS, "kind of token"), (MACHINE, "kind of token"), (NONE, "header"), (BROKEN, "signature")],
)
def test_anything_else_is_refused_there_and_the_page_says_why(
    signed_in: ConsolePage, route: str, kind: str, decision: str
) -> None:
    assert signed_in.call(route, kind) == 401
    expect(signed_in.answer).to_contain_text('"message": "Unauthorized"')
    expect(signed_in.failed_decision.locator(".name")).to_have_text(decision)
    expect(signed_in.page.locator(".remedy")).to_be_visible()


def test_a_machines_token_opens_the_route_with_its_scope(signed_in: ConsolePage) -> None:
    assert signed_in.call("GET /machine/hello", MACHINE) == 200
    expect(signed_in.failed_decision).to_have_count(0)


@pytest.mark.parametrize(
    ("kind", "decision"), [(ID, "kind of token"), (ACCESS, "scopes"), (NONE, "header"), (BROKEN, "signature")]
)
def test_no_other_token_opens_the_route_with_a_scope(
    signed_in: ConsolePage, kind: str, decision: str
) -> None:
    assert signed_in.call("GET /machine/hello", kind) == 401
    expect(signed_in.failed_decision.locator(".name")).to_have_text(decision)


def test_a_preflight_is_answered_without_a_token(signed_in: ConsolePage) -> None:
    assert signed_in.call("OPTIONS /hello", NONE) == 200


def test_a_preflight_is_not_what_the_page_begins_with(console: ConsolePage) -> None:
    """Not even where no route takes an ID token."""

    def leave_out_those_for_id_tokens(route: Route) -> None:
        answer = route.fetch()
        stage = answer.json()
        routes = [described for described in stage["routes"] if described["token"] != "id"]
        route.fulfill(response=answer, json=stage | {"routes": routes})

    console.page.route("**/.local-stage/stage", leave_out_those_for_id_tokens)
    console.page.reload()
    expect(console.page.get_by_role("radio", name="GET /machine/hello")).to_be_checked()


def test_every_step_lights_up_for_a_request_that_passes(signed_in: ConsolePage) -> None:
    signed_in.call("GET /hello", ID)
    for step in range(1, 9):
        expect(signed_in.outcome(step)).to_have_attribute("data-outcome", "passed")


def test_the_diagram_stops_where_the_request_stopped(signed_in: ConsolePage) -> None:
    signed_in.call("GET /hello", ACCESS)
    expect(signed_in.outcome(5)).to_have_attribute("data-outcome", "stopped")
    expect(signed_in.outcome(6)).to_have_attribute("data-outcome", "not reached")
    expect(signed_in.page.locator("#way-summary")).to_contain_text("401. It stopped at ⑤: access token")


def test_a_token_expires_by_the_stages_clock(
    console: ConsolePage, alice: PoolUser, clock: StageClock
) -> None:
    console.sign_in(alice)
    expect(console.page.locator(".left").first).to_have_text(re.compile(r"^(59 min|1 h).* left$"))
    console.page.get_by_role("button", name="+1 h").click()
    expect(console.page.locator("#ahead")).to_have_text("1 h ahead")
    expect(console.page.locator(".left").first).to_have_text(re.compile(r"^expired \d+ s ago$"))
    assert console.call("GET /hello", ID) == 401
    expect(console.answer).to_contain_text("The incoming token has expired")
    expect(console.failed_decision.locator(".name")).to_have_text("expiry")
    console.page.get_by_role("button", name="Set right").click()
    expect(console.page.locator("#ahead")).to_be_hidden()
    assert console.send() == 200
    assert clock.ahead.total_seconds() == 0


@pytest.mark.parametrize("by_form", [True, False], ids=["login form", "password"])
def test_a_refresh_brings_another_id_token(console: ConsolePage, alice: PoolUser, by_form: bool) -> None:  # noqa: FBT001
    (console.sign_in_by_form if by_form else console.sign_in)(alice)
    console.call("GET /hello", ID)
    console.page.clock.set_fixed_time("2027-01-01")  # the page's own time is of no account
    console.page.get_by_role("button", name="Refresh the tokens").click()
    expect(console.page.locator("#session-message")).to_have_text("New tokens.")
    assert console.send() == 200
    first, second = (request.headers["authorization"] for request in console.sent_to("/dev/hello"))
    assert first != second


def test_after_signing_out_there_is_no_token_and_none_can_be_had(
    console: ConsolePage, alice: PoolUser
) -> None:
    console.sign_in_by_form(alice)
    console.page.get_by_role("button", name="Sign out").click()
    expect(console.page.locator("#session-message")).to_contain_text("Signed out.")
    expect(console.page.get_by_role("button", name="Sign in by the login form")).to_be_focused()
    expect(console.page.locator("#tokens-card")).to_be_hidden()
    revoked = [
        request for request in console.requests if "RevokeToken" in request.headers.get("x-amz-target", "")
    ]
    assert len(revoked) == 1
    console.choose("GET /hello", ID)
    console.page.get_by_role("button", name="Call", exact=True).click()
    expect(console.page.locator("#call-message")).to_have_text("Sign in first: there is no such token yet.")


def test_a_hostile_user_name_is_text(console: ConsolePage, user: UserFactory) -> None:
    hostile = user("</script><img/src=x/onerror=alert(1)>", attributes={"email": "hostile@example.com"})
    console.page.on("dialog", lambda dialog: console.complaints.append(dialog.message))
    console.sign_in(hostile)
    assert console.call("GET /me", ID) == 200
    expect(console.answer).to_contain_text(hostile.username)
    expect(console.page.locator("#requests li").first).to_contain_text(hostile.username)
    assert console.page.locator("main img").count() == 0
    assert console.complaints == []


def test_a_hostile_path_is_text(console: ConsolePage, stage: StageProcess) -> None:
    """As a client sends it that encodes nothing."""
    console.page.on("dialog", lambda dialog: console.complaints.append(dialog.message))
    url = urlsplit(stage.api_url)
    address = (url.hostname or "", url.port or 0)
    path = "/dev/</script><img/src=x/onerror=alert(1)>"
    answer = exchange(address, build("GET", path, [("User-Agent", "<b>agent</b>")], host=url.netloc))
    assert answer is not None
    assert answer.status == 403
    listed = console.page.locator("#requests li").first
    expect(listed).to_contain_text(path)
    listed.locator("summary").click()
    expect(listed).to_contain_text("the API has no GET")
    assert console.page.locator("main img").count() == 0
    assert console.complaints == []


@pytest.mark.parametrize(
    "injection",
    [
        "document.body.append(Object.assign(document.createElement('script'), {text: 'injected = 1'}))",
        "document.body.append(Object.assign(document.createElement('script'), {src: 'data:,injected=1'}))",
        "document.body.setAttribute('onclick', 'injected = 1'); document.body.click()",
        "location.assign('javascript:injected = 1')",
    ],
)
def test_no_script_but_the_pages_own_runs(console: ConsolePage, injection: str) -> None:
    console.page.evaluate(f"() => {{ try {{ {injection} }} catch (error) {{ }} }}")
    console.page.wait_for_function("window.closed === false")
    assert console.page.evaluate("window.injected") is None
    assert [said for said in console.complaints if "Content Security Policy" in said or "Trusted" in said]


def test_no_text_can_become_markup(console: ConsolePage) -> None:
    said = console.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return 'done' } catch (e) { return e.name } }"
    )
    assert said == "TypeError"
