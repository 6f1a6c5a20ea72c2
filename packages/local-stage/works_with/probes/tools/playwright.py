"""playwright: signs in on the pool's login page, and its request context calls the API.

Set: executable_path where the browser is the system's
"""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

from given import given
from playwright.sync_api import sync_playwright

asked = {
    "response_type": "code",
    "client_id": given["public_client"],
    "redirect_uri": given["callback"],
    "scope": "openid email",
}
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = browser.new_page()
    page.goto(f"{given['aws']}/oauth2/authorize?{urlencode(asked)}")
    page.fill("input[name=username]", given["username"])
    page.fill("input[name=password]", given["password"])
    with page.expect_request(
        re.compile("[?&]code=")
    ) as redirected:  # nobody serves the page that it leads to
        page.keyboard.press("Enter")
    (code,) = parse_qs(urlsplit(redirected.value.url).query)["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        **{k: asked[k] for k in ("client_id", "redirect_uri")},
    }
    api = playwright.request.new_context()
    tokens = api.post(f"{given['aws']}/oauth2/token", form=form).json()
    headers = {"Authorization": f"Bearer {tokens['id_token']}"}
    assert api.get(f"{given['rest']}/hono/caller?tag=a", headers=headers).status == 200
    browser.close()
