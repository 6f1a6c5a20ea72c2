"""Takes the pictures of the console for the README: `make screenshots`, after each change of the page."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from local_stage.cognito.directory.pool_stack import PoolStack
from local_stage.testing.pool_user import PoolUser, UserFactory
from tests.browser.conftest import CHROMIUM, FLAGS, open_context
from tests.browser.console_page import ConsolePage
from tests.stage_process import REPOSITORY, running_stage

SIZE: Final[ViewportSize] = {"width": 1180, "height": 1380}
IMAGES: Final = REPOSITORY / "docs" / "images"
SIZE_LIMIT: Final = 200_000
"""Bytes of a picture."""


def main() -> int:
    """Write a picture for each colour scheme; returns 1 if one is larger than it may be."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stage = stack.enter_context(running_stage(folder, "--port", "3000"))
        alice = UserFactory(PoolStack.of_running_stage(stage.find_running()), stack)("alice")
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        url = f"{stage.find_running().console_url}/"
        files = [take(browser, url, alice, "light"), take(browser, url, alice, "dark")]
        browser.close()
    return int(any(file.stat().st_size > SIZE_LIMIT for file in files))


def take(browser: Browser, url: str, user: PoolUser, scheme: Literal["light", "dark"]) -> Path:
    """Take a picture of a refused access token, and return the file."""
    file = IMAGES / f"console-{scheme}.png"
    file.parent.mkdir(exist_ok=True)
    with open_context(browser, viewport=SIZE, color_scheme=scheme, reduced_motion="reduce") as context:
        console = ConsolePage.open(context, url)
        console.sign_in_by_form(user)
        console.call("GET /hello", "ID token")
        console.call("GET /hello", "Access token")
        expect(console.failed_decision).to_be_visible()
        expect(console.outcome(5)).to_have_attribute("data-outcome", "stopped")
        console.page.locator(".token summary").first.click()  # the claims would take the whole picture
        console.page.evaluate("scrollTo(0, 0)")
        console.page.screenshot(path=file)
    return file


if __name__ == "__main__":
    sys.exit(main())
