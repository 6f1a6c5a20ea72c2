"""Debian's Chromium without a window, driven by Playwright, which downloads no browser of its own here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.testing.pool_user import PoolUser, UserFactory
from tests.browser.console_page import ConsolePage
from tests.stage_process import StageProcess, running_stage

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


@contextlib.contextmanager
def open_context(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """Open a browser profile that nobody has used yet; the options are Playwright's."""
    with browser.new_context(**options) as context:
        context.set_default_timeout(TIMEOUT)
        yield context


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium; each test takes a context of its own.

    Playwright's event loop runs while it is there, and the tests of other folders have loops of their own.
    """
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}, which Debian's package chromium installs")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of the test's own."""
    with open_context(browser) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    """A stage of this repository's API; a module that needs another one has a fixture of this name."""
    with running_stage(tmp_path_factory.mktemp("stage")) as running:
        yield running


@pytest.fixture(scope="module")
def alice(stage: StageProcess) -> Iterator[PoolUser]:
    """A user without groups, for all tests of a module: a test that changes the user makes one of its own."""
    with contextlib.ExitStack() as made:
        yield UserFactory(PoolStack.of_running_stage(stage.find_running()), made)()


@pytest.fixture(scope="module")
def url(stage: StageProcess) -> str:
    """Where the module's stage has its console."""
    return f"{stage.find_running().console_url}/"


@pytest.fixture
def console(context: BrowserContext, url: str) -> ConsolePage:
    """The console in a tab of its own, ready to be used."""
    return ConsolePage.open(context, url)
