"""The console is for everybody: by keyboard alone, with a screen reader, on a phone, in the dark."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize, expect

from local_stage.testing.pool_user import PoolUser
from tests.browser.conftest import open_context
from tests.browser.console_page import ConsolePage

ACCESS = "Access token"
PHONE: ViewportSize = {"width": 360, "height": 780}


def test_a_keyboard_is_enough(console: ConsolePage, alice: PoolUser) -> None:
    keyboard = console.page.keyboard
    focused = console.page.locator(":focus")

    def tab_to(name: str) -> None:
        for _ in range(40):
            keyboard.press("Tab")
            if focused.count() and name in {
                focused.get_attribute("id"),
                focused.get_attribute("name"),
                focused.inner_text(),
            }:
                return
        raise AssertionError(f"no Tab leads to {name}")

    tab_to("username")
    keyboard.type(alice.username)
    keyboard.press("Tab")
    keyboard.type(alice.password)
    keyboard.press("Enter")
    console.expect_user(alice)
    console.page.reload()
    tab_to("Skip to the routes")
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(focused).to_have_attribute("name", "route")
    keyboard.press("ArrowDown")
    tab_to("kind")
    for _ in range(3):
        keyboard.press("ArrowRight")
    tab_to("send")
    keyboard.press("Enter")
    expect(console.page.locator("#call-message")).to_have_text("401 Unauthorized")
    expect(console.failed_decision.locator(".name")).to_have_text("header")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_out_of_a_screen_readers_reach(
    browser: Browser, url: str, alice: PoolUser, scheme: Literal["light", "dark"]
) -> None:
    """By axe's rules, contrast among them, with everything shown that can be."""
    with open_context(browser, color_scheme=scheme, reduced_motion="reduce") as context:
        console = ConsolePage.open(context, url)
        before = Axe().run(console.page).response["violations"]
        console.sign_in(alice)
        console.call("GET /hello", ACCESS)
        expect(console.failed_decision).to_be_visible()
        expect(console.outcome(5)).to_have_attribute("data-outcome", "stopped")
        console.page.locator("#requests summary").first.click()
        after = Axe().run(console.page).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in before + after] == []


def test_a_phone_is_wide_enough(browser: Browser, url: str, alice: PoolUser) -> None:
    with open_context(browser, viewport=PHONE) as context:
        console = ConsolePage.open(context, url)
        width = "document.documentElement.scrollWidth"
        assert console.page.evaluate(width) == 360
        console.sign_in(alice)
        console.call("GET /hello", ACCESS)
        expect(console.failed_decision).to_be_visible()
        console.page.locator("#requests summary").first.click()
        for details in console.page.locator(".token").all():
            details.evaluate("element => element.open = true")
        assert console.page.evaluate(width) == 360
        expect(console.page.locator(".steps li").nth(4)).to_contain_text("stopped here")
        expect(console.page.locator(".steps li").nth(7)).to_contain_text("with 401")


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 600}], ids=["phone", "desk"])
def test_the_way_of_a_request_comes_into_view_when_a_call_is_made(
    browser: Browser, url: str, size: ViewportSize
) -> None:
    with open_context(browser, viewport=size) as context:
        console = ConsolePage.open(context, url)
        console.choose("GET /hello", "None")
        console.page.get_by_role("button", name="Call", exact=True).scroll_into_view_if_needed()
        assert console.send() == 401
        expect(console.page.locator("#way-summary")).to_be_in_viewport()


def test_without_a_network_the_page_says_who_does_not_respond(
    browser: Browser, url: str, alice: PoolUser
) -> None:
    with open_context(browser) as context:
        console = ConsolePage.open(context, url)
        console.sign_in(alice)
        context.set_offline(True)
        console.page.get_by_role("button", name="Refresh the tokens").click()
        expect(console.page.locator("#session-message")).to_have_text("The local pool does not respond.")
        console.page.get_by_role("button", name="+1 h").click()
        expect(console.page.locator("#clock-message")).to_have_text("The stage does not respond.")
