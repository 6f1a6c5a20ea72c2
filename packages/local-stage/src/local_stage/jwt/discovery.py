"""Where an issuer publishes its keys: OpenID Connect Discovery.

https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
"""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from local_stage.jwt.jose import JoseError, parse_json_object, quote
from local_stage.jwt.jwks import Clock, Fetch, JsonWebKeySet

CONFIGURATION: Final = "/.well-known/openid-configuration"

TIMEOUT: Final = 1.5
"""Seconds that API Gateway waits for either document.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class DiscoveryError(ValueError):
    """A document that names no place from which keys can be fetched."""


def discover_keys(issuer: str, fetch: Fetch, clock: Clock) -> JsonWebKeySet:
    """Return the keys of an issuer, which are wherever its configuration says at the time of a fetch."""

    async def fetch_keys(configuration_url: str) -> bytes:
        async with asyncio.timeout(TIMEOUT):
            configuration = await fetch(configuration_url)
        async with asyncio.timeout(TIMEOUT):
            return await fetch(find_keys_url(configuration))

    return JsonWebKeySet(f"{issuer.rstrip('/')}{CONFIGURATION}", fetch_keys, clock)


def find_keys_url(configuration: bytes) -> str:
    """Return the `jwks_uri` of a configuration. Raises DiscoveryError where none can be trusted."""
    try:
        url = parse_json_object(configuration).get("jwks_uri")
    except JoseError as error:
        raise DiscoveryError(f"the issuer's configuration is {error}") from error
    if not isinstance(url, str) or not can_be_trusted(url):
        raise DiscoveryError(f"jwks_uri is {quote(url)}, expected a URL that begins with https")
    return url


def can_be_trusted(url: str) -> bool:
    """Say whether nobody on the way can change what a URL gives: it is HTTPS's, or of this machine."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        )
    except ValueError:
        return False
