"""Another site's page in a real browser: it opens nothing of the local AWS, where opening is calling."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route

from tests.local.hostile.test_web_pages import PRESIGNED
from tests.stage_process import StageProcess

SITE = "http://attacker.example/"


def open_from_another_site(page: Page, target: str) -> int:
    """Return the status of what a page of that site sends the browser to, without anybody's click."""

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body=f"<script>location = {json.dumps(target)}</script>")

    page.route(SITE, answer)
    with page.expect_response(target) as opened:
        page.goto(SITE)
    return opened.value.status


@pytest.mark.parametrize("path", ["/", "/login", "/oauth2/login", "/oauth2/authorize", "/logout"])
def test_it_calls_nothing_by_a_presigned_url(page: Page, stage: StageProcess, path: str) -> None:
    assert open_from_another_site(page, f"{stage.aws_endpoint_url}{path}?{PRESIGNED}") == 403


def test_it_may_send_the_browser_to_managed_login(page: Page, stage: StageProcess) -> None:
    client = f"client_id={stage.outputs['UserPoolClientId']}"
    login = f"{stage.aws_endpoint_url}/oauth2/authorize?{client}&response_type=code&scope=openid"
    assert open_from_another_site(page, f"{login}&redirect_uri=http://localhost:5173/") == 200
