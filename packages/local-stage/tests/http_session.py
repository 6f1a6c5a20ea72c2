"""HTTP as the tests speak it: to a stage on loopback, or to AWS through whatever proxy the developer has."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests

LOOPBACK = ("127.0.0.1", "localhost")


def is_loopback(url: str | None) -> bool:
    return url is not None and urlsplit(url).hostname in LOOPBACK


def new_http_session(url: str) -> requests.Session:
    """Return a session for requests to this URL's host, which sends no headers of its own accord."""
    session = requests.Session()
    # No proxy of the environment reaches this machine's loopback.
    session.trust_env = not is_loopback(url)
    # Any `auth` at all keeps requests from filling Authorization in from the developer's .netrc.
    session.auth = _as_it_is
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
