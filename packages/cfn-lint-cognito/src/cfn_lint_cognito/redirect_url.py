"""The rule for the URLs to which Cognito may send a browser, and with it an authorization code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Resource, Template

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})

_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?![0-9])(//(?P<host>\[[^\]/]*\]|[^/:?#]*))?")


def find_scheme(url: Any) -> str | None:
    """Return a URL's scheme in lower case; None where it has none or it is not known."""
    found = _URL.match(url) if isinstance(url, str) else None
    return found["scheme"].lower() if found else None


def find_unsafe_urls(template: Template) -> Iterator[Finding]:
    """Find URLs of app clients that Cognito refuses, as a code sent there could be read on the way."""
    for client in template.resources("AWS::Cognito::UserPoolClient"):
        for name, url, path in _urls(client):
            reason = _find_refusal(url)
            if reason:
                yield Finding(path, f"{name} has {url}, which {reason}")


def _urls(client: Resource) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    for name in ("CallbackURLs", "LogoutURLs"):
        yield from ((name, url.value, url.path) for url in client.items(name) if isinstance(url.value, str))
    for url in client.possible("DefaultRedirectURI"):
        if isinstance(url.value, str):
            yield "DefaultRedirectURI", url.value, url.path


def _find_refusal(url: str) -> str | None:
    found = _URL.match(url)
    if not found:
        # What begins with a part that only the deployment tells may be a whole URL.
        return None if url.startswith("${") else "is not an absolute URL"
    host = found["host"] or ""
    if found["scheme"].lower() == "http" and "$" not in host and host.lower() not in LOOPBACK_HOSTS:
        return "is not https: Cognito takes http only for localhost, 127.0.0.1 and [::1]"
    return "has a fragment, which Cognito refuses" if "#" in url else None


RULES: Final = (
    Rule(
        id="E9517",
        title="Callback and logout URLs are absolute, https, and without a fragment",
        why=(
            "Cognito refuses every other URL but http on localhost, since a code that travels in the clear "
            "can be stolen."
        ),
        looks_at="CallbackURLs, LogoutURLs and DefaultRedirectURI of AWS::Cognito::UserPoolClient",
        source="https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html",
        find=find_unsafe_urls,
    ),
)
