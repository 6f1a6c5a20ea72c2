"""Swagger UI in a real browser: it shows the API's document, and calls the API with a token."""

from __future__ import annotations

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from local_stage.testing.token_factory import TokenFactory


@pytest.fixture
def complaints(page: Page, url: str) -> list[str]:
    """What the browser complains of while the tab shows Swagger UI."""
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            complaints.append(said.text)

    page.on("console", hear)
    page.goto(f"{url}swagger")
    return complaints


def call_hello(page: Page) -> str:
    """Call GET /hello by Swagger UI, and return the status that it shows."""
    operation = page.locator("#operations-default-get_hello")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    row = operation.locator(".live-responses-table tbody tr")
    expect(row).to_be_visible()
    return row.locator(".response-col_status").inner_text().strip()


def test_it_shows_every_route_and_breaks_no_policy(page: Page, complaints: list[str]) -> None:
    expect(page.locator(".opblock")).to_have_count(9)
    assert complaints == []


def test_it_calls_with_the_token_that_it_is_given(
    page: Page, complaints: list[str], token: TokenFactory
) -> None:
    page.get_by_role("button", name="Authorize").click()
    form = page.locator(".auth-container").first
    form.get_by_role("textbox").fill(token())
    form.get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").first.click()
    assert call_hello(page) == "200"
    assert complaints == []


@pytest.mark.usefixtures("complaints")
def test_without_a_token_it_shows_the_refusal(page: Page) -> None:
    assert call_hello(page).startswith("401")
