"""What a probe is given, and what it hands back: a token that the REST API takes."""

import base64
import json
import os
import re
import urllib.request
from html import unescape
from urllib.parse import urlencode, urljoin

given = json.loads(os.environ["GIVEN"])


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, request, response, code, message, headers, address):
        return None


def fetch_status(url, token):
    """Return the status of a call with the token."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def require(id_token):
    """Fail unless the REST API lets in the ID token."""
    status = fetch_status(f"{given['rest']}/hono/caller?tag=a", id_token)
    assert status == 200, f"the API answers the token with {status}"


def read_claims(token):
    """Return the token's payload; nothing is verified."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def require_machine(token):
    """Fail unless the token is a machine's."""
    claims = read_claims(token)
    assert (claims["scope"], claims["client_id"]) == ("api/read", given["machine_client"]), claims


def log_in(url):
    """Fill the login page at the URL, as a browser would, and return the address that it leads to."""
    opener = urllib.request.build_opener(_NoRedirect)
    with urllib.request.urlopen(url) as page:
        html, at = page.read().decode(), page.url
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', html))
    fields |= {"username": given["username"], "password": given["password"]}
    action = re.search(r'<form[^>]*action="([^"]+)"', html).group(1)
    form = urlencode({name: unescape(value) for name, value in fields.items()}).encode()
    try:
        opener.open(urljoin(at, unescape(action)), form)
    except urllib.error.HTTPError as error:
        return error.headers["Location"]
    raise AssertionError("the login page leads nowhere")


def require_verifier(verify, token=None):
    """Fail unless the check takes the good token and refuses one whose payload was changed."""
    good = token or given["id_token"]
    verify(good)
    head, _, signature = good.split(".")
    changed = json.dumps(read_claims(good) | {"sub": "somebody-else"}).encode()
    try:
        verify(".".join([head, base64.urlsafe_b64encode(changed).decode().rstrip("="), signature]))
    except Exception:
        return
    raise AssertionError("a changed token is taken")


def fetch_keys():
    """Return the pool's key set."""
    with urllib.request.urlopen(given["jwks"]) as keys:
        return json.load(keys)
