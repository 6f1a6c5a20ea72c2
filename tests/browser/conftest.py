"""Debian's Chromium without a window, driven by Playwright, which downloads no browser of its own here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.console_page import ConsolePage
from tests.stage_process import StageProcess

CHROMIUM: Final = Path("/usr/bin/chromium")
FLAGS: Final = (
    "--no-sandbox",  # which root, as CI is, cannot have
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT: Final = 20_000.0
"""Milliseconds after which what a test waits for has failed to come."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium; each test takes a context of its own.

    Playwright's event loop runs while it is there, and other modules' tests have loops of their own.
    """
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}, which Debian's package chromium installs")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile that nobody has used yet."""
    context = browser.new_context()
    context.set_default_timeout(TIMEOUT)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()


@pytest.fixture(scope="module")
def url(stage: StageProcess) -> str:
    """Where the module's stage has its console."""
    return stage.api_url.removesuffix("dev") + ".local-stage/"


@pytest.fixture
def console(context: BrowserContext, url: str) -> ConsolePage:
    """The console in a tab of its own, ready to be used."""
    return ConsolePage.open(context, url)
