"""The console's page as the tests use it: what it says of itself, and what a person does with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from local_stage.testing.pool_user import PoolUser

PASSED: Final = "passed"
STOPPED: Final = "stopped"

# A refused request is an answer here, and no fault of the page.
_EXPECTED: Final = "Failed to load resource: the server responded with a status of"


@dataclass  # without slots: Playwright marks the object whose methods it calls
class ConsolePage:
    """A tab with the console, and what it has sent and complained of since it was opened."""

    page: Page
    url: str
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, context: BrowserContext, url: str) -> ConsolePage:
        """Open the console in a new tab, and return when it lists the routes."""
        opened = cls(context.new_page(), url)
        opened.page.on("request", lambda request: opened.requests.append(request))  # noqa: PLW0108 - Playwright marks it
        opened.page.on("console", opened._hear)
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.visit()
        return opened

    def _hear(self, said: ConsoleMessage) -> None:
        place = said.location["url"]
        is_login = place.startswith("http") and not place.startswith(self.url.removesuffix("/.local-stage/"))
        if said.type in {"error", "warning"} and not is_login and not said.text.startswith(_EXPECTED):
            self.complaints.append(said.text)

    def visit(self, query: str = "") -> None:
        """Go to the page, as a link or the address bar does."""
        self.page.goto(self.url + query)
        expect(self.page.get_by_role("radio", name="GET /hello ID token")).to_be_checked()

    def sign_in_by_form(self, user: PoolUser) -> None:
        """Sign in by the pool's own login form."""
        self.page.get_by_role("button", name="Sign in by the login form").click()
        self.page.wait_for_url("**/oauth2/authorize?**")
        self.page.get_by_label("Username").fill(user.username)
        self.page.get_by_label("Password").fill(user.password)
        self.page.get_by_role("button", name="Sign in").click()
        self.expect_user(user)

    def sign_in(self, user: PoolUser) -> None:
        """Sign in by user name and password."""
        self.page.get_by_label("User name").fill(user.username)
        self.page.get_by_label("Password").fill(user.password)
        self.page.get_by_role("button", name="Sign in with a password").click()
        self.expect_user(user)

    def expect_user(self, user: PoolUser) -> None:
        """Wait until the page says who has signed in."""
        expect(self.page.locator("#user")).to_have_text(user.username)
        expect(self.page.locator("#signed-in")).to_be_visible()

    def call(self, route: str, kind: str) -> int:
        """Call a route with a kind of token, and return the status of the answer."""
        self.choose(route, kind)
        return self.send()

    def choose(self, route: str, kind: str) -> None:
        """Choose a route, as `GET /hello`, and a kind of token."""
        if route.startswith("OPTIONS") and not self.page.locator(".preflights[open]").count():
            self.page.get_by_text("preflights").click()
        self.page.locator("#routes label").filter(has_text=_exactly(route)).get_by_role("radio").check()
        self.page.locator("#kinds").get_by_role("radio", name=kind, exact=True).check()

    def send(self) -> int:
        """Press the button and return the status of the answer."""
        with self.page.expect_response(lambda response: "/dev/" in response.url) as answered:
            self.page.get_by_role("button", name="Call", exact=True).click()
        status = answered.value.status
        expect(self.page.locator("#result .status")).to_have_text(str(status))
        return status

    @property
    def answer(self) -> Locator:
        """The body of the answer."""
        return self.page.get_by_label("The response’s body")  # noqa: RUF001 - as the page writes it

    @property
    def failed_decision(self) -> Locator:
        """The decision of the explanation that went against the request."""
        return self.page.locator(".decisions li[data-outcome=failed]")

    def outcome(self, step: int) -> Locator:
        """A step of the diagram; its data-outcome says what became of it."""
        return self.page.locator(f".picture [data-step='{step}']")

    def sent_to(self, path: str) -> list[Request]:
        """Return the requests to a path, in order."""
        return [request for request in self.requests if request.url.partition("?")[0].endswith(path)]


def _exactly(route: str) -> str:
    verb, path = route.split()
    return f"{verb}{path}"
