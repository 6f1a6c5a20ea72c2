"""The console of an API that is not this repository's: path parameters, ANY, open routes, no login form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from local_stage.testing.pool_user import PoolUser
from tests.browser.console_page import ConsolePage
from tests.local.revealing_app import TEMPLATE, write_app
from tests.stage_process import StageProcess, running_stage

WITH_PARAMETERS = TEMPLATE.replace(
    "        Machine:\n",
    "        Item:\n"
    "          Type: Api\n"
    "          Properties: {RestApiId: !Ref HelloApi, Path: '/items/{id}/{proxy+}', Method: any}\n"
    "        Second: {Type: Api, Properties: {Path: /second, Method: get}}\n"
    "        Machine:\n",
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    folder = tmp_path_factory.mktemp("stage")
    template = write_app(folder, WITH_PARAMETERS)
    with running_stage(folder, "--template", str(template)) as running:
        yield running


def last_path(page: Page) -> str:
    """Return the path of the request that the page shows."""
    return page.get_by_label("The request", exact=True).inner_text().splitlines()[0]


def test_path_parameters_are_asked_for_and_encoded(console: ConsolePage, alice: PoolUser) -> None:
    console.sign_in(alice)
    console.choose("ANY /items/{id}/{proxy+}", "ID token")
    console.page.get_by_label("id", exact=True).fill("a/b c")
    console.page.get_by_label("proxy", exact=True).fill("x/y?z")
    assert console.send() == 200
    assert last_path(console.page) == "GET /dev/items/a%2Fb%20c/x/y%3Fz"
    expect(console.failed_decision).to_have_count(0)


def test_verb_query_and_headers_are_sent_as_they_are_given(console: ConsolePage) -> None:
    page = console.page
    console.choose("ANY /items/{id}/{proxy+}", "None")
    page.get_by_label("id", exact=True).fill("1")
    page.get_by_label("proxy", exact=True).fill("x")
    page.get_by_label("Verb", exact=True).select_option("DELETE")
    page.get_by_text("Query and headers").click()
    page.get_by_label("Query string", exact=True).fill("tag=a&tag=b%20c")
    page.get_by_label("Headers", exact=True).fill("X-Trace: 1\nAuthorization: Bearer not.a.token")
    assert console.send() == 401
    (sent,) = [request for request in console.requests if "/dev/items/1/x" in request.url]
    assert (sent.method, sent.url.partition("?")[2]) == ("DELETE", "tag=a&tag=b%20c")
    assert (sent.headers["x-trace"], sent.headers["authorization"]) == ("1", "Bearer not.a.token")
    expect(console.failed_decision).to_be_visible()


def test_a_query_that_api_gateway_does_not_read_is_explained(console: ConsolePage) -> None:
    console.choose("GET /open", "None")
    console.page.get_by_text("Query and headers").click()
    console.page.get_by_label("Query string", exact=True).fill("filter={a|b}")
    assert console.send() == 400
    expect(console.failed_decision).to_contain_text("the query has '{', which API Gateway does not read")
    expect(console.page.locator(".remedy")).to_contain_text("Encode it as %7B")


def test_a_line_that_is_no_header_is_told_and_not_sent(console: ConsolePage) -> None:
    console.choose("GET /open", "None")
    console.page.get_by_text("Query and headers").click()
    console.page.get_by_label("Headers", exact=True).fill("no header")
    console.page.get_by_role("button", name="Call", exact=True).click()
    expect(console.page.locator("#call-message")).to_contain_text("This is no header: no header")


def test_an_answer_goes_away_with_the_request_that_it_is_of(console: ConsolePage) -> None:
    assert console.call("GET /open", "None") == 200
    console.choose("GET /hello", "None")
    expect(console.page.locator("#result")).to_be_hidden()
    expect(console.page.locator("#call-message")).to_have_text("")


def test_a_path_parameter_that_is_missing_is_not_sent(console: ConsolePage) -> None:
    console.choose("ANY /items/{id}/{proxy+}", "None")
    console.page.get_by_role("button", name="Call", exact=True).click()
    expect(console.page.get_by_label("id", exact=True)).to_be_focused()
    assert console.sent_to("/dev/items") == []


def test_an_open_route_needs_neither_token_nor_verdict(console: ConsolePage) -> None:
    assert console.call("GET /open", "None") == 200
    expect(console.outcome(5)).to_have_attribute("data-outcome", "skipped")
    expect(console.outcome(7)).to_have_attribute("data-outcome", "passed")
    expect(console.failed_decision).to_have_count(0)


def test_a_function_that_fails_is_where_the_request_stops(console: ConsolePage) -> None:
    assert console.call("GET /broken", "None") == 502
    expect(console.outcome(7)).to_have_attribute("data-outcome", "stopped")


def test_a_client_without_a_login_form_says_so(console: ConsolePage) -> None:
    console.page.get_by_role("button", name="Sign in by the login form").click()
    expect(console.page.locator("#session-message")).to_have_text(
        "no app client of the user pool allows the code flow"
    )


def test_a_pool_without_machines_says_so(console: ConsolePage) -> None:
    console.choose("GET /hello", "Machine’s token")  # noqa: RUF001 - as the page writes it
    console.page.get_by_role("button", name="Call", exact=True).click()
    expect(console.page.locator("#call-message")).to_contain_text("no app client allows client_credentials")


def test_the_page_leads_to_the_page_of_the_other_api(console: ConsolePage) -> None:
    """Each port has the page of its own API, and lists the requests of all."""
    page = console.page
    expect(page.locator("#where")).to_contain_text("/dev serves HelloApi of template.yaml")
    page.get_by_role("link", name="ServerlessRestApi at").click()
    expect(page.locator("#where")).to_contain_text("/Prod serves ServerlessRestApi of template.yaml")
    console.choose("GET /second", "None")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.locator("#result .status")).to_have_text("200")
    expect(console.failed_decision).to_have_count(0)
    expect(page.get_by_role("log").get_by_text("ServerlessRestApi")).to_have_count(1)
    page.get_by_role("link", name="HelloApi at").click()
    expect(page.locator("#where")).to_contain_text("/dev serves HelloApi of template.yaml")
