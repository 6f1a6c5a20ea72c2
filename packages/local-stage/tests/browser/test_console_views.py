"""What the console shows beside an answer: who judges a route, what a token says, which group, who called."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import Locator, expect

from local_stage.testing.pool_user import PoolUser, UserFactory
from local_stage.testing.token_factory import TokenFactory
from tests.browser.console_page import PASSED, STOPPED, ConsolePage
from tests.stage_process import StageProcess

ID = "ID token"


def listed(console: ConsolePage, path: str) -> Locator:
    """Return the newest of the last requests to a path."""
    return console.page.locator("#requests li").filter(has_text=path).first


def claim(console: ConsolePage, name: str) -> Locator:
    """Return the value of a claim of the ID token."""
    claims = console.page.get_by_role("region", name="ID token: claims")
    row = claims.get_by_role("row").filter(has=console.page.get_by_role("rowheader", name=name, exact=True))
    return row.get_by_role("cell")


@pytest.mark.parametrize(
    ("route", "wanted"),
    [
        ("GET /me", "ID token · UserPoolAuthorizer"),
        ("GET /machine/hello", "access token with hello/read · UserPoolAuthorizer"),
        ("OPTIONS /hello", "open to all"),
    ],
)
def test_each_route_says_what_it_takes_and_who_judges_it(
    console: ConsolePage, route: str, wanted: str
) -> None:
    """The authorizer by its name in the template."""
    console.choose(route, ID)
    chosen = console.page.locator("#routes label").filter(has=console.page.locator(":checked"))
    expect(chosen.locator(".wanted")).to_have_text(wanted)


def test_the_tokens_are_shown_decoded(console: ConsolePage, alice: PoolUser, stage: StageProcess) -> None:
    console.sign_in(alice)
    for name, value in {
        "cognito:username": alice.username,
        "email": alice.attributes["email"],
        "token_use": "id",
        "aud": stage.outputs["PasswordClientId"],
    }.items():
        expect(claim(console, name)).to_have_text(value)
    expect(claim(console, "exp")).to_have_text(re.compile(r"^\d+ \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)$"))


def test_outside_the_group_the_page_names_the_group_that_the_function_asks_for(
    console: ConsolePage, alice: PoolUser
) -> None:
    """API Gateway lets the token in, and the diagram goes on to the function, which refuses."""
    console.sign_in(alice)
    assert console.call("GET /admin/hello", ID) == 403
    expect(console.failed_decision.locator(".name")).to_have_text("group")
    expect(console.failed_decision.locator(".detail")).to_contain_text("admins")
    expect(console.page.locator(".remedy")).to_contain_text("admins")
    expect(console.outcome(7)).to_have_attribute("data-outcome", PASSED)
    expect(console.page.locator("#way-summary")).to_contain_text("got 403.")


def test_an_admin_is_greeted(console: ConsolePage, user: UserFactory) -> None:
    admin = user(groups=["admins"])
    console.sign_in(admin)
    assert console.call("GET /admin/hello", ID) == 200
    expect(console.answer).to_contain_text(admin.username)
    expect(console.failed_decision).to_have_count(0)


def test_requests_of_others_come_in_by_themselves_with_log_and_reason(
    console: ConsolePage, stage: StageProcess, token: TokenFactory
) -> None:
    requests.get(f"{stage.api_url}/me?secret=1", timeout=30)
    requests.get(f"{stage.api_url}/hello", headers={"Authorization": token()}, timeout=30)
    refused = listed(console, "/dev/me")
    refused.locator("summary").click()
    expect(refused).to_contain_text("no Authorization header; send")
    expect(refused).not_to_contain_text("secret")
    expect(console.outcome(5)).to_have_attribute("data-outcome", STOPPED)
    greeted = listed(console, "/dev/hello")
    greeted.locator("summary").click()
    expect(greeted.get_by_label("The function’s log")).to_contain_text("REPORT RequestId")  # noqa: RUF001


def test_each_request_is_listed_with_its_status_and_how_long_it_took(
    console: ConsolePage, stage: StageProcess, token: TokenFactory
) -> None:
    requests.get(f"{stage.api_url}/hello", headers={"Authorization": token()}, timeout=30)
    requests.get(f"{stage.api_url}/not-there", timeout=30)
    requests.get(f"{stage.api_url}/me", timeout=30)
    told = requests.get(f"{console.url}requests", timeout=30).json()["requests"]
    took = {request["path"]: f"{request['duration'] * 1000:.1f} ms" for request in told}
    for path, status in {"/dev/hello": "200", "/dev/not-there": "403", "/dev/me": "401"}.items():
        expect(listed(console, path).locator(".status")).to_have_text(status)
        expect(listed(console, path).locator(".duration")).to_have_text(took[path])


def test_invocations_without_a_request_are_listed_with_their_log(
    console: ConsolePage, stage: StageProcess
) -> None:
    functions = stage.client("lambda").list_functions()["Functions"]
    name = next(one["FunctionName"] for one in functions if "HelloFunction" in one["FunctionName"])
    stage.client("lambda").invoke(FunctionName=name, Payload=b'{"no": "request"}')
    newest = console.page.locator("#invocations li").first
    expect(newest).to_contain_text("HelloFunction")
    expect(newest).to_contain_text("Lambda's API")
    newest.locator("summary").click()
    expect(newest.locator("pre")).to_contain_text("REPORT RequestId:")
